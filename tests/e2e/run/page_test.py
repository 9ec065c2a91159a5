#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of `besom run`: its link, its key, and what it can do."""
import base64
import http.client
import json
import os
import pty
import stat
import subprocess

import scene

TRAIN = """
echo "hello from $BESOM_TRIAL"
besom report x=2
while [ ! -e go ]; do sleep 0.02; done
"""
SPEC = "command: [sh, train.sh]\nworkdir: .\nmetric: {name: x}\nmethod: grid\nparameters: {a: {values: [0, 1, 2]}}\n"


class Page(scene.Case):
    def setUp(self):
        super().setUp()
        self.file = self.store / "page-link"
        self.write("train.sh", TRAIN)
        self.write("sweep.yaml", SPEC)

    def link(self):
        """(port, token) of the run's page."""
        scene.wait_until(self.file.exists, "the link")
        text = scene.wait_until(self.file.read_text, "its text")
        self.assertEqual(text.count("\n"), 1, "scripts read it by cat")
        head, _, token = text.strip().partition("/#token=")
        host, _, port = head.partition("//")[2].partition(":")
        self.assertEqual(host, "127.0.0.1")
        return int(port), token

    def begin_run(self, *args):
        run = self.begin("run", "sweep.yaml", "--slots", 1, *args)
        self.port, self.token = self.link()
        self.id = scene.wait_until(lambda: self.store.joinpath("besom.db").exists() and self.look("ls"), "the sweep")[0]["id"]
        return run

    def ask(self, path, method="GET", token=True, **headers):
        """Its status, headers and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=scene.PATIENCE)
        if token:
            headers["Authorization"] = "Bearer " + (self.token if token is True else token)
        self.addCleanup(connection.close)
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, body

    def on_terminal(self, *args):
        """A run on a terminal, and the link that it prints there."""
        master, slave = pty.openpty()
        run = self.start(*args, stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        self.started.append(run)
        self.addCleanup(os.close, master)
        text = b""
        while b"Page: " not in text or b"\n" not in text.partition(b"Page: ")[2]:
            text += os.read(master, 4096)
        return run, text.partition(b"Page: ")[2].split()[0].decode()

    def test_it_shows_and_steers(self):
        run = self.begin_run()
        scene.wait_until(lambda: self.ask("/api/v1/trials/%s-0" % self.id)[0] == 200, "the first trial")
        status, headers, text = self.ask("/api/v1/session", "POST")
        who = json.loads(text)
        self.assertEqual((status, who["scope"], who["run"], who["name"].startswith("local user ")), (200, "operator", True, True))
        cookie = headers["Set-Cookie"]
        self.assertRegex(cookie, r"^besom_[0-9a-f]{32}=[^;]+; Path=/; HttpOnly; SameSite=Strict$")
        self.assertFalse((self.store / "page.key").exists())
        cookie = cookie.partition(";")[0]
        self.assertEqual(self.ask("/api/v1/sweeps", token=False, Cookie=cookie)[0], 200)
        log = "/api/v1/sweeps/%s/log?trial=0&attempt=1&agent=local&lines=9" % self.id
        scene.wait_until(lambda: b"hello from" in base64.b64decode(json.loads(self.ask(log)[2]).get("bytes", "")), "its log")
        files = json.loads(self.ask("/api/v1/sweeps/%s/files?trial=0&agent=local" % self.id)[2])
        self.assertEqual((files["ok"], files["rows"], files["left_out"]), (True, [], 0))
        pause = "/api/v1/sweeps/%s/pause" % self.id
        self.assertEqual(self.ask(pause, "POST", token=False, Cookie=cookie)[0], 403)
        origin = "http://127.0.0.1:%d" % self.port
        self.assertEqual(self.ask(pause, "POST", token=False, Cookie=cookie, Origin=origin)[0], 200)
        self.assertEqual(self.look("show", self.id)["state"], "paused")
        self.assertEqual(self.ask("/api/v1/sweeps/%s/resume" % self.id, "POST")[0], 200)
        action = next(a for a in self.look("audit") if a["what"] == "pause")
        self.assertEqual((action["by"], action["from"]), (who["name"], "127.0.0.1"))
        self.touch("go")
        self.end(run, 0)
        self.assertFalse(self.file.exists())

    def events(self):
        """A stream of facts, as a page has it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=scene.PATIENCE)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/events?brief=1", headers={"Authorization": "Bearer " + self.token})
        return connection.getresponse()

    def test_open_pages_are_told_how_it_ended(self):
        run = self.begin_run()
        stuck = self.events()
        with self.events() as stream:
            self.touch("go")
            text = stream.read().decode()
        self.end(run, 0)
        *facts, last = text.strip().split("\n\n")
        self.assertIn("event: sweep_state", "".join(facts[-2:]))
        self.assertIn("event: bye\n", last)
        said = json.loads("".join(line[len("data: "):] for line in last.splitlines() if line.startswith("data: ")))
        sweep = said["sweeps/" + self.id]
        self.assertEqual((sweep["state"], sweep["counts"]["finished"]), ("finished", 3))
        columns = {c["name"]: c for c in said["sweeps/%s/columns" % self.id]["columns"]}
        self.assertEqual(columns["number"]["values"], [0, 1, 2])
        self.assertEqual(columns["state"]["words"], ["finished"])
        self.assertEqual([said["trials/%s-%d" % (self.id, n)]["state"] for n in range(3)], ["finished"] * 3)
        listed = said["sweeps?limit=100&skip=0&sort=started&desc=1"]["sweeps"]
        self.assertEqual([(s["id"], s["state"]) for s in listed], [(self.id, "finished")])
        stuck.close()

    def test_the_end_is_short_with_many_pages_and_large_trials(self):
        self.write("sweep.yaml", SPEC.replace("[0, 1, 2]", "[%s]" % ", ".join('"%s"' % (c * 300000) for c in "stu")))
        run = self.begin_run()
        streams = [self.events() for _ in range(12)]
        self.touch("go")
        last = [stream.read().decode().strip().split("\n\n")[-1] for stream in streams]
        self.end(run, 0)
        self.assertEqual([text.count("event: bye\n") for text in last], [1] * 12)
        told = [text for text in last if "data: {}" not in text]
        self.assertLessEqual(len(told), 8)
        self.assertLess(max(map(len, last)), 1 << 20)

    def test_nobody_else_uses_it(self):
        run = self.begin_run()
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.assertNotIn(self.token, self.said(run))
        kept = json.loads(self.besom("token", "create", "--scope", "admin", "--json"))["token"]
        sweeps = "/api/v1/sweeps"
        self.assertEqual(self.ask(sweeps)[0], 200)
        for token in False, kept, self.token[:-1] + ("a" if self.token[-1] != "a" else "b"), "bsm_operator_x":
            self.assertEqual(self.ask(sweeps, token=token)[0], 401)
        self.assertEqual(self.ask(sweeps, Host="evil.example.org")[0], 421)
        self.assertEqual(self.ask(sweeps, Origin="http://127.0.0.1:1")[0], 403)
        self.assertEqual(self.ask(sweeps, Sec_Fetch_Site="cross-site")[0], 403)
        for method, path in ("GET", "/api/v1/tokens"), ("POST", "/api/v1/join"), ("GET", "/agent/v1"):
            self.assertEqual(self.ask(path, method)[0], 403, path)
        self.touch("go")
        self.end(run, 0)

    def test_on_a_terminal_the_link_is_printed(self):
        run, link = self.on_terminal("run", "sweep.yaml", "--slots", 1)
        self.port, self.token = self.link()
        self.id = self.look("ls")[0]["id"]
        self.assertEqual(link, "http://127.0.0.1:%d/s/%s#token=%s" % (self.port, self.id, self.token))
        self.write("other.yaml", SPEC)
        beside, other = self.on_terminal("run", "other.yaml")
        self.assertEqual(other.partition("/s/")[0], link.partition("/s/")[0])
        self.assertEqual(other.partition("#")[2], link.partition("#")[2])
        self.assertNotIn(self.id, other)
        self.touch("go")
        for process in beside, run:
            self.assertEqual(process.wait(timeout=scene.PATIENCE), 0)

    def test_each_run_has_a_key_of_its_own(self):
        run = self.begin_run()
        first = self.token
        cookie = self.ask("/api/v1/session", "POST")[1]["Set-Cookie"].partition(";")[0]
        self.kill_besom(run)
        self.assertTrue(self.file.exists())
        run = self.begin("run", "sweep.yaml", "--slots", 1)
        scene.wait_until(lambda: self.file.exists() and self.link()[1] != first, "another link")
        self.port, self.token = self.link()
        self.assertEqual(self.ask("/api/v1/sweeps")[0], 200)
        self.assertEqual(self.ask("/api/v1/sweeps", token=first)[0], 401)
        self.assertEqual(self.ask("/api/v1/sweeps", token=False, Cookie=cookie)[0], 401)
        self.touch("go")
        self.end(run, 0)

    def test_a_killed_run_leaves_no_link(self):
        run = self.begin_run()
        self.kill_besom(run)
        holder = self.store / "page-holder"
        left, left_by = self.file.read_text(), holder.read_text()
        self.write("other.yaml", SPEC)
        run = self.begin("run", "sweep.yaml", "--slots", 1, "--no-page")
        scene.wait_until(lambda: not self.file.exists(), "the end of the link")
        self.file.write_text(left)  # as if another program had kept them
        holder.write_text(left_by)
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        beside = self.start("run", "other.yaml", stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        self.started.append(beside)
        text = b""
        while b"is using this store" not in text:
            text += os.read(master, 4096)
        self.assertNotIn(b"Page:", text)
        self.touch("go")
        for process in beside, run:
            self.assertEqual(process.wait(timeout=scene.PATIENCE), 0)

    def test_in_the_background(self):
        self.besom("run", "sweep.yaml", "--slots", 1, "--detach")
        self.port, self.token = self.link()
        self.id = self.look("ls")[0]["id"]
        self.assertEqual(self.ask("/api/v1/sweeps/%s/cancel" % self.id, "POST")[0], 200)
        scene.wait_until(lambda: not self.file.exists(), "the end of the run")
        self.assertNotIn(self.token, (self.store / ("run-%s.log" % self.id)).read_text())
        scene.wait_until(lambda: self.look("show", self.id)["state"] == "cancelled" and not self.alive(), "its trials")

    def test_without_it(self):
        self.touch("go")
        said = self.end(self.begin("run", "sweep.yaml", "--no-page"), 0)
        self.assertNotIn("page", said.lower())
        self.file.mkdir()
        said = self.end(self.begin("run", "sweep.yaml", "--new"), 0)
        self.assertIn("There is no page: ", said)
        self.assertIn("page-link", said)
        self.assertIn("is finished: 3 finished", said)


if __name__ == "__main__":
    scene.main()
