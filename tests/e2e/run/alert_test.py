#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`besom run --alert`: a program or a URL is told when the sweep ends, and when it needs somebody."""
import http.server
import json
import signal
import threading

import scene

SPEC = "command: [sh, train.sh]\nworkdir: .\nname: digits\nmetric: {name: x}\nmethod: grid\nparameters: {a: {values: [0, 1, 2, 3, 4, 5, 6]}}\n"
TRAIN = "[ -e good ] || { echo ValueError: no data >&2; exit 3; }\nbesom report x=2\n"


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"no such channel")

    def log_message(self, *args):
        pass


class Alert(scene.Case):
    def setUp(self):
        super().setUp()
        self.write("train.sh", TRAIN)
        self.write("sweep.yaml", SPEC)
        self.heard = self.folder / "heard"

    def hook(self, text='cat >> heard\necho >> heard\n'):
        self.write("hook", "#!/bin/sh\n" + text)
        (self.folder / "hook").chmod(0o755)
        return "./hook"

    def messages(self):
        return [json.loads(line) for line in self.heard.read_text().splitlines()] if self.heard.exists() else []

    def run_it(self, alert, code=0):
        return self.says("run", "sweep.yaml", "--slots", 1, "--alert", alert, code=code)

    def test_it_tells_why_it_paused_and_how_it_ended(self):
        self.run_it(self.hook(), code=1)
        sweep = self.look("ls")[0]["id"]
        (paused,) = self.messages()
        self.assertEqual((paused["kind"], paused["level"], paused["sweep"], paused["name"]), ("paused", "WARN", sweep, "digits"))
        self.assertIn("sweep digits (%s): paused: 5 trials in a row failed within seconds of their start, the last: ValueError: no data" % sweep, paused["text"])
        self.assertRegex(paused["link"], r"^http://127\.0\.0\.1:\d+/s/%s$" % sweep)
        self.assertEqual(paused["text"], paused["title"] + "\n" + paused["link"])
        self.assertGreater(paused["time"], 1.7e9)
        self.run_it("./hook", code=1)  # it runs again, and pauses again: another alert
        self.touch("good")
        self.run_it("./hook")
        self.assertEqual([m["kind"] for m in self.messages()], ["paused", "paused", "ended"])
        ended = self.messages()[2]
        self.assertEqual((ended["level"], ended["state"], ended["counts"]["finished"], ended["objective"]),
                         ("INFO", "finished", 7, 2))
        self.assertIn("finished: 7 finished; best x 2, trial " + ended["best"], ended["title"])
        self.run_it("./hook")  # it has ended: shown, and not told again
        self.assertEqual(len(self.messages()), 3)
        self.assertFalse([a for a in self.look("audit") if a["what"].startswith("alert")], "nobody asked for it")
        self.besom("check")

    def test_a_url_is_told_and_its_refusal_is_said(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        server.heard, server.status = [], 204
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.touch("good")
        url = "http://127.0.0.1:%d/hooks/secret?a=b" % server.server_port
        self.assertNotIn("alert", self.run_it(url))
        path, kind, message = server.heard[0]
        self.assertEqual((path, kind, message["kind"]), ("/hooks/secret?a=b", "application/json", "ended"))
        server.status = 404
        said = self.says("run", "sweep.yaml", "--new", "--alert", url)
        self.assertIn("alert not delivered to 127.0.0.1:%d: status 404: no such channel" % server.server_port, said)
        self.assertNotIn("secret", said)
        self.assertEqual(len(server.heard), 2)

    def test_a_program_that_hangs_ends_with_the_run(self):
        self.touch("good")
        run = self.begin("run", "sweep.yaml", "--alert", self.hook("touch begun\nwhile [ -e hook ]; do sleep 0.2; done\n"))
        self.wait_for("begun", run)
        self.assertEqual(self.look("show", "last")["state"], "finished")
        scene.wait_until(lambda: "Ctrl-C exits" in self.said(run), "the reason why it waits")
        run.send_signal(signal.SIGINT)
        self.assertNotIn("Interrupted", self.end(run, 0))

    def test_what_is_neither_is_refused(self):
        self.assertIn("neither a program nor a URL", self.run_it("/nowhere", code=2))
        self.assertIn("a URL such as", self.run_it("https://user:secret@host/", code=2))


if __name__ == "__main__":
    scene.main()
