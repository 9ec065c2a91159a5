#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code over the network: a snapshot goes from the person's folder to the controller once, and from there to each agent
that runs the sweep, over links that are cut, from controllers that send something else."""
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import unittest

import fleet
import proxy

SPEC = "method: grid\nparameters: {x: {values: [1, 2, 3, 4]}}\n"
SNAPSHOT = SPEC + "code: snapshot\n"
TRAIN = """
n=${BESOM_TRIAL##*-}
pwd > "$OUT/pwd.$n"
cat lib/model.txt > "$OUT/said.$n"
ls -a > "$OUT/files.$n"
while [ ! -e "$OUT/go" ]; do sleep 0.02; done
"""


@unittest.skipUnless(shutil.which("git"), "there is no git")
class Code(fleet.Case):
    def setUp(self):
        super().setUp()
        self.out = self.root / "out"
        self.out.mkdir()
        self.env.update(OUT=str(self.out), GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
        self.git("init", "-q", "-b", "main")
        (self.folder / "lib").mkdir()
        self.write("lib/model.txt", "one\n")
        self.write(".env", "TOKEN=do-not-send\n")
        self.write(".gitignore", "said.*\n")

    def git(self, *args):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *args], cwd=self.folder,
                       env=self.env, check=True, stdout=subprocess.DEVNULL)

    def project(self, spec=SNAPSHOT):
        path = self.sweep(spec, TRAIN)
        self.git("add", ".")
        self.git("commit", "-q", "-m", "one")
        return path

    def agent(self, name="a", *options):
        """Its --workdir has none of the files."""
        elsewhere = self.root / ("work." + name)
        elsewhere.mkdir(exist_ok=True)
        return super().agent(name, "--workdir", elsewhere, *options)

    def seen(self, name):
        path = self.out / name
        return fleet.wait_until(lambda: path.exists() and path.read_text(), name)

    def go(self):
        (self.out / "go").touch()

    def packs(self, place):
        return sorted(p.name for p in place.glob("code/*"))

    def ask(self, method, path, body=None, token=None):
        place = self.url.split("//")[1].split("#")[0]
        connection = http.client.HTTPConnection(place, timeout=fleet.PATIENCE)
        connection.request(method, path, body, {"Authorization": "Bearer " + (token or self.first["admin"])})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text, answer.headers

    def test_a_snapshot_reaches_two_agents(self):
        """By TLS, where an agent is known by its key."""
        self.listen = "0.0.0.0:0"
        self.serve("--host", "127.0.0.1")
        self.agent("a", "--slots", 1)
        self.agent("b", "--slots", 1)
        said = self.says("sweep", self.project())
        self.assertIn("Its trials run a snapshot of 4 files", said)
        self.assertIn(".env (may hold secrets)", said)
        self.seen("said.0"), self.seen("said.1")
        self.write("lib/model.txt", "two\n")
        self.write("train.sh", "exit 3\n")
        self.go()
        self.until_ended()
        self.assertEqual([self.seen("said.%d" % n) for n in range(4)], ["one\n"] * 4)
        self.assertEqual(self.seen("files.3").split(), [".", "..", ".gitignore", "lib", "sweep.yaml", "train.sh"])
        ran_on = {t["agent"] for t in self.look("trials")}
        self.assertEqual(ran_on, {"a", "b"})
        place = self.look("show", "last-0")["attempts_list"][0]["workdir"]
        self.assertTrue(os.path.exists(place + "/train.sh"), place)
        kept = self.packs(self.store)
        self.assertEqual(len(kept), 1)
        for name in ("a", "b"):  # unpacked, and nothing of the way left
            self.assertEqual(self.packs(self.root / ("agent." + name)), [kept[0].replace(".pack", "")])
        self.end_all()

    def behind(self, target=None):
        """A link of its own to the controller, and the address at its near end."""
        host, port = self.url.split("//")[1].split("#")[0].split(":")
        link = proxy.Proxy((host, int(port)))
        self.addCleanup(link.close)
        return link, "http://127.0.0.1:%d" % link.port

    def large(self, mib=3):
        (self.folder / "lib" / "large").write_bytes(os.urandom(mib << 20))

    def explained(self, trial="last-0"):
        return self.look("explain", trial)["waits"] or ""

    def cut_once(self, link, after):
        link.cut_after = link.passed + after
        fleet.wait_until(lambda: link.mode == "cut" and not link.pairs, "the cut")

    def test_links_that_are_cut_in_the_middle(self):
        self.serve()
        link, near = self.behind()
        self.large()
        sending = self.begin("sweep", self.project(), "--server", near)
        self.cut_once(link, 1 << 20)
        part = self.packs(self.store)
        self.assertEqual([p[-5:] for p in part], [".part"])
        self.assertGreater((self.store / "code" / part[0]).stat().st_size, 128 << 10)
        link.mode = "pass"
        self.end(sending, 0)
        self.assertLess(link.passed, 5 << 20)  # it was not sent from the beginning
        self.assertEqual([p[-5:] for p in self.packs(self.store)], [".pack"])
        link.mode = "slow"
        self.agent("a", "--slots", 2, "--join", self.join_string().replace(self.url, near))
        fleet.wait_until(lambda: self.look("trials"), "a trial")
        fleet.wait_until(lambda: "its code is being fetched" in self.explained(), "a word")
        self.assertIn("its code is being fetched", self.besom("show", "last"))
        link.mode = "pass"
        self.cut_once(link, 1 << 20)
        self.assertEqual([p[-6:] for p in self.packs(self.root / "agent.a")], [".fetch"])
        link.mode, link.passed = "pass", 0
        self.assertEqual(self.seen("said.0"), "one\n")
        self.assertLess(link.passed, 3 << 20)
        self.assertEqual(self.explained(), "")
        self.go()
        self.until_ended()
        self.assertEqual({(t["state"], t["attempts"]) for t in self.look("trials")}, {("finished", 1)})
        self.end_all()

    def test_what_the_controller_has_is_not_sent_again(self):
        self.serve()
        self.large()
        spec = self.project()
        link, near = self.behind()
        first = self.besom("sweep", spec, "--quiet", "--server", near).strip()
        passed, link.passed = link.passed, 0
        second = self.besom("sweep", spec, "--quiet", "--server", near).strip()
        self.assertGreater(passed, 3 << 20)
        self.assertLess(link.passed, 100 << 10)
        shown = [self.look("show", sweep)["code"] for sweep in (first, second)]
        self.assertEqual(shown[0]["snapshot"], shown[1]["snapshot"])
        self.assertEqual(self.packs(self.store), [shown[0]["snapshot"] + ".pack"])
        self.end_all()

    def refused_code(self, change, text):
        """A controller that lost or changed the pack: trials cost nothing, and the sweep pauses with the reason."""
        self.serve()
        sweep = self.besom("sweep", self.project(), "--quiet").strip()
        pack = self.store / "code" / self.packs(self.store)[0]
        good = pack.read_bytes()
        change(pack)
        self.agent("a", "--slots", 2)
        fleet.wait_until(lambda: self.look("show", sweep)["state"] == "paused", "the pause")
        shown = self.look("show", sweep)
        self.assertEqual(shown["reason"], "code")
        self.assertEqual("the sweep's code cannot be had: " + text, shown["text"])
        self.assertEqual(self.packs(self.root / "agent.a"), [])
        self.assertEqual(list(self.out.iterdir()), [])
        pack.write_bytes(good)
        self.go()

        def ended():
            state = self.look("show", sweep)["state"]
            if state == "paused":
                self.besom("resume", sweep)
            return state == "finished"
        fleet.wait_until(ended, "the end of the sweep")
        self.assertEqual({t["state"] for t in self.look("trials", sweep)}, {"finished"})
        self.end_all()

    def test_wrong_bytes_are_never_run(self):
        def change(pack):
            self.write("lib/model.txt", "evil\n")
            self.besom("sweep", "sweep.yaml", "--quiet")
            other = [p for p in self.packs(self.store) if p != pack.name][0]
            self.besom("cancel", "last")
            pack.write_bytes((self.store / "code" / other).read_bytes())
        self.refused_code(change, "the snapshot is damaged: it has another hash")

    def test_a_pack_that_is_gone(self):
        self.refused_code(lambda pack: pack.unlink(), "the controller does not have the sweep's snapshot")

    def test_uploads_are_checked(self):
        self.serve()
        self.besom("sweep", self.project(), "--quiet")
        name = self.packs(self.store)[0].replace(".pack", "")
        good = (self.store / "code" / (name + ".pack")).read_bytes()
        zero = "0" * 64
        place = "/api/v1/code/"
        add = lambda path, body: self.ask("POST", place + path, body)[:2]
        for path, body, status, text in (
                ("%s?from=0&size=%d" % (zero, len(good)), good, 400, b"another content than its name says"),
                ("%s?from=0&size=4" % zero, b"abcd", 400, b"another content"),
                ("%s?from=0&size=%d" % (zero, 1 << 40), b"x", 413, b"is larger than 256 MiB"),
                ("%s?from=0&size=1" % zero, b"xy", 400, b"not within the snapshot's size"),
                ("%s?from=0&size=9" % zero, b"", 400, b"the piece is empty"),
                ("%s?from=-1&size=9" % zero, b"x", 400, b"is not a whole number"),
                ("%s?from=0&size=1e9" % zero, b"x", 400, b"is not a whole number"),
                ("%s?from=0&size=9" % zero[1:], b"x", 400, b"64 digits"),
                ("%s?from=0&size=9" % (zero + "0"), b"x", 400, b"64 digits"),
                ("%s?from=0&size=9" % ("..%2f" + zero[5:]), b"x", 400, b""),
                ("%s?from=0&size=%d" % (zero, 2 << 20), b"x" * ((1 << 20) + 1), 413, b"")):
            got = add(path, body)
            self.assertEqual(got[0], status, (path, got))
            self.assertIn(text, got[1])
        self.assertEqual(self.packs(self.store), [name + ".pack"])
        # Half of one, in pieces that repeat and leave out: nothing is added that does not follow.
        said = [json.loads(add("%s?from=%d&size=9" % (zero, at), b"xyz")[1])["have"] for at in (3, 0, 0, 6, 3)]
        self.assertEqual(said, [0, 3, 3, 3, 6])
        self.assertEqual(self.packs(self.store), [zero + ".part", name + ".pack"])
        self.controller.send_signal(signal.SIGTERM)
        self.controller.wait(fleet.PATIENCE)
        self.serve()
        self.assertEqual(self.packs(self.store), [name + ".pack"])
        token = json.loads(self.besom("token", "create", "--scope", "agent", "--name", "x", "--store", self.store,
                                      "--json"))["token"]
        status, body, headers = self.ask("GET", "/agent/v1/code/%s?from=10" % name, token=token)
        self.assertEqual((status, body, headers["besom-size"]), (200, good[10:], str(len(good))))
        self.assertEqual(self.ask("GET", "/agent/v1/code/%s?from=%d" % (name, 1 << 50), token=token)[1], b"")
        self.assertEqual(self.ask("GET", "/agent/v1/code/" + zero, token=token)[0], 404)
        self.end_all()

    def test_a_sweep_whose_snapshot_is_not_there(self):
        self.serve()
        sweep = self.besom("sweep", self.project(), "--quiet").strip()
        with sqlite3.connect("file:%s?mode=ro" % (self.store / "besom.db"), uri=True) as db:
            create = json.loads(db.execute("SELECT body FROM fact WHERE kind = 'sweep_created'").fetchone()[0])
        create["code"]["snapshot"] = "0" * 64
        status, text, _ = self.ask("POST", "/api/v1/sweeps/zzzzzzzz/create", json.dumps({"fact": create}))
        self.assertEqual((status, b"does not have the sweep's snapshot" in text), (404, True), text)
        self.end_all()

    def test_agents_with_different_code(self):
        """Without a snapshot each agent runs what its folder holds: which code that is, is told and recorded."""
        self.serve()
        spec = self.project("workdir: .\n" + SPEC)
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.folder, env=self.env, check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()
        for name in ("a", "b"):
            shutil.copytree(self.folder, self.root / ("work." + name))
            self.agent(name, "--slots", 1)
        codes = lambda: {a["name"]: a["code"] for a in self.look("agents")}
        fleet.wait_until(lambda: codes() == {"a": head, "b": head}, "what the agents hold")
        self.assertNotIn("different code", self.besom("agents"))
        (self.root / "work.b" / "lib" / "model.txt").write_text("other\n")
        self.agents["b"].send_signal(signal.SIGTERM)
        self.agents["b"].wait(fleet.PATIENCE)
        self.agent("b", "--slots", 1)
        fleet.wait_until(lambda: (codes()["b"] or "").startswith(head + "+"), "the change")
        words = "a has %s, b has %s with changes" % (head[:12], head[:12])
        self.assertIn("Their folders hold different code: " + words, self.besom("agents"))
        said = self.says("sweep", spec)
        self.assertIn("The agents' folders hold different code: " + words, said)
        self.assertIn("use besom sweep --snapshot", said)
        self.assertEqual({self.seen("said.0"), self.seen("said.1")}, {"one\n", "other\n"})
        hosts = lambda: {h["agent"]: h["code"] for h in self.look("show", "last").get("hosts", [])}
        fleet.wait_until(lambda: len(hosts()) == 2, "the record")
        self.assertEqual(hosts()["a"], head)
        self.assertIn("warning   agents run different code: ", self.besom("show", "last"))
        self.assertNotIn("changed", self.besom("show", "last"))
        self.write("lib/model.txt", "later\n")
        self.assertIn("changed   1 file here since it began (lib/model.txt)", self.besom("show", "last"))
        self.go()
        self.until_ended()
        self.assertNotIn("code", {a["what"] for a in self.look("audit")})
        self.end_all()

    def test_limit_and_option(self):
        self.serve()
        self.large(2)
        spec = self.project(SPEC + "code: {files: [lib, train.sh], limit: 1MiB}\n")
        said = self.says("sweep", spec, code=2)
        self.assertIn("the files of the snapshot take more than 1 MiB compressed", said)
        self.assertIn("lib/large (2.0 MiB)", said)
        self.assertEqual(self.packs(self.store), [])
        said = self.says("sweep", self.project(SPEC + "# changed\n"), "--snapshot")
        self.assertIn("Its trials run a snapshot of 5 files", said)
        self.go()
        self.agent("a", "--slots", 2)
        self.until_ended()
        # The same on the controller's machine, through its store.
        self.write("lib/model.txt", "two\n")
        said = self.says("sweep", "sweep.yaml", "--snapshot", "--store", self.store)
        self.assertIn("Its trials run a snapshot of 5 files", said)
        self.until_ended()
        self.assertEqual(self.seen("said.3"), "two\n")
        self.end_all()


if __name__ == "__main__":
    fleet.main()
