#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a trial's folder are listed and read through the controller, and nothing beside them."""
import base64
import json
import urllib.parse

import fleet

SPEC = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {x: {values: [1]}}
"""
TRAIN = """
cd "$BESOM_DIR"
mkdir -p checkpoints/deep
head -c 700000 /dev/zero | tr '\\0' x > checkpoints/step_400.pt
printf '<script>hit()</script>' > page.html
touch "$(printf 'bad\\377')"
ln -s / checkpoints/root
ln -s page.html link
echo '{"loss": 1}' >> "$BESOM_METRICS"
"""


class Files(fleet.Case):
    def test_they_come_from_the_agent(self):
        self.serve()
        agent = self.agent("a")
        sweep = self.create(SPEC, TRAIN)
        self.until_ended()
        get = self.asker()

        def ask(path="", more="", trial=0):
            return get("sweeps/%s/files?trial=%d&agent=a&path=%s%s" % (sweep, trial, urllib.parse.quote(path), more))

        listed = ask()
        self.assertTrue(listed["ok"] and listed["end"], listed)
        self.assertEqual(sorted((path, size) for path, size, _ in listed["rows"]), [("checkpoints/step_400.pt", 700000), ("page.html", 22)])
        self.assertEqual(listed["left_out"], 3)
        self.assertEqual(base64.b64decode(ask("page.html", "&from=1&max=6")["bytes"]), b"script")
        whole = b""
        while len(whole) < 700000:
            piece = ask("checkpoints/step_400.pt", "&from=%d&max=9999999" % len(whole))
            self.assertEqual((piece["from"], piece["size"]), (len(whole), 700000))
            whole += base64.b64decode(piece["bytes"])
            self.assertEqual(piece["to"], len(whole))
        self.assertTrue(piece["end"])
        self.assertEqual(whole, b"x" * 700000)
        for path in ("checkpoints/root/etc/passwd", "link", "../0/page.html", "/etc/passwd", "checkpoints", "none"):
            self.assertEqual(ask(path).get("code"), "ERR_NOT_FOUND", path)
        self.assertEqual(ask(trial=1).get("code"), "ERR_NOT_FOUND")
        agent.terminate()
        agent.wait()
        fleet.wait_until(lambda: ask().get("code") == "ERR_UNREACHABLE", "that the agent is away")
        self.assertIn("has the files, but is not connected", json.dumps(ask()))
        self.end_all()

    def test_they_come_from_the_run_that_made_them(self):
        self.besom("run", self.sweep(SPEC, TRAIN), "--store", self.store)
        sweep = self.look("show", "last", "--store", self.store)["id"]
        self.serve()
        get = self.asker()

        def ask(agent, path=""):
            return get("sweeps/%s/files?trial=0&agent=%s&path=%s" % (sweep, agent, path))

        listed = ask("local")
        self.assertTrue(listed["ok"] and listed["end"], listed)
        self.assertEqual(sorted(path for path, _, _ in listed["rows"]), ["checkpoints/step_400.pt", "page.html"])
        self.assertEqual(base64.b64decode(ask("local", "page.html")["bytes"]), b"<script>hit()</script>")
        self.assertEqual(ask("local", "none")["code"], "ERR_NOT_FOUND")
        self.assertEqual(ask("a")["code"], "ERR_UNREACHABLE")  # ran trials elsewhere, under the same numbers
        self.end_all()


if __name__ == "__main__":
    fleet.main()
