# SPDX-License-Identifier: GPL-3.0-or-later
"""Steering: what goes through the socket in the store, and what comes of the answers."""
import json
import os
import socket
import subprocess
import sys
import threading
import unittest

import facts
from facts import A, NEWEST


class Steer(facts.Case):
    @classmethod
    def setUpClass(cls):
        """Asks a process that does not answer: besom gives up after 10 s, and the tests run meanwhile."""
        case = cls("test_json")
        cls.addClassCleanup(case.doCleanups)
        case.setUp()
        case.socket()
        cls.silent = subprocess.Popen([case.binary, "pause", A], env=case.env, cwd=case.here, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, text=True)

    def socket(self, store=None):
        """Listens in the store."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        at = os.open(store or self.store, os.O_RDONLY)
        server.bind("/proc/self/fd/%d/control.sock" % at)
        os.close(at)
        server.listen()
        return server

    def listen(self, answer, store=None):
        """Answers one request with these bytes; the list it returns gets the request."""
        server, got = self.socket(store), []

        def serve():
            connection, _ = server.accept()
            line = b""
            while not line.endswith(b"\n"):
                line += connection.recv(100)
            got.append(json.loads(line))
            connection.sendall(answer)
            connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)
        return got

    def test_one_line_each_way(self):
        for op in ("cancel", "pause", "resume", "stop"):
            got = self.listen(b'{"ok":true,"message":"as you say"}\n')
            self.assertEqual(self.besom(op, "aaaa"), "sweep %s as you say\n" % A)
            self.assertEqual(got, [{"op": op, "sweep": A}])
            os.unlink(self.store / "control.sock")

    def test_an_answer_cannot_break_out(self):
        self.listen(json.dumps({"ok": True, "message": "as\n\x1b[2Jyou"}).encode() + b"\n")
        self.assertEqual(self.besom("pause", A), "sweep %s as^Jyou\n" % A)

    def test_json(self):
        self.listen(b'{"ok":true,"message":"done"}\n')
        self.assertEqual(self.json("cancel", "last"),
                         {"ok": True, "sweep": NEWEST, "message": "done"})

    def test_an_error_keeps_its_kind(self):
        self.listen(b'{"error":"sweep aaaa1111 has ended","code":"ERR_STATE"}\n')
        self.besom("pause", A, code=2, err="sweep aaaa1111 has ended")
        os.unlink(self.store / "control.sock")
        self.listen(b'{"error":"no such sweep","code":"ERR_NOT_FOUND"}\n')
        self.besom("pause", A, code=3, err="no such sweep")

    def test_no_answer_or_a_malformed_one(self):
        self.listen(b"")
        self.besom("stop", A, code=4, err="did not answer")
        os.unlink(self.store / "control.sock")
        for answer in (b"what?\n", b"[]\n", b"3\n", b"{}\n", b'{"message":1}\n', b'{"error":1}\n',
                       b'{"error":"no","code":"ERR_NEVER"}\n', b'{"error":"no"}\n', b"\0\n",
                       b'{"message":"\xff"}\n', b"[" * 100000 + b"\n"):
            self.listen(answer)
            self.besom("stop", A, code=4, err="besom: ")
            os.unlink(self.store / "control.sock")

    def test_a_malformed_piece_of_a_log(self):
        for begin, end, text in ((1, -2**63, ""), (-1, -1, ""), (-2**63, 2**63 - 1, ""), (0, 3, "YQ=="),
                                 (2**63 - 1, 0, "YQ=="), (0, 1, "Y"), ("0", 0, ""), (None, None, "")):
            self.listen(json.dumps({"from": begin, "to": end, "end": True, "bytes": text}).encode()
                        + b"\n")
            self.besom("logs", A + "-1", code=4, err="a malformed piece of the log")
            os.unlink(self.store / "control.sock")

    def state(self, sweep):
        return self.json("show", sweep)["state"]

    def test_where_nobody_writes_the_store_it_is_written_at_once(self):
        self.besom("pause", A)
        self.assertEqual(self.state(A), "paused")
        self.assertIn("continue it:\n  besom run '", self.besom("show", A))
        with subprocess.Popen([self.binary, "watch", A, "--store", str(self.store)], env=self.env, cwd=self.here,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as watch:
            self.assertRegex(watch.stderr.readline(), 'waits="paused by [^ ]+ · besom run %s"' % A)
            watch.kill()
        self.assertIn("is paused already", self.besom("pause", A))
        self.assertIn("no process runs it: continue it with besom run", self.besom("resume", A))
        self.assertIn("is interrupted: continue it with besom run", self.besom("resume", A))
        self.assertEqual(self.state(A), "running")
        self.besom("stop", NEWEST)
        self.assertEqual(self.state(NEWEST), "finished")
        self.besom("pause", NEWEST, code=2, err="finished")

    def test_a_trial_is_repeated_with_seeds_that_it_has_not_had(self):
        f, work = facts.Facts(), str(self.here)
        spec = {**facts.SPEC, "parameters": {"lr": {"min": 0.1, "max": 1.0}, "seed": {"values": [3, 5, 7, 9]}}}
        f.created("dddd0001", work + "/d.yaml", work, spec=spec)
        for trial, (lr, seed, loss) in enumerate(((0.5, 5, 0.1), (0.5, 3, 0.2), (0.7, 7, 0.3))):
            f.add("proposed", "dddd0001", trial=trial, cursor=trial + 1, known=0, params={"lr": lr, "seed": seed}, why={})
            f.launched("dddd0001", trial)
            f.metrics("dddd0001", trial, [{"step": 0, "loss": loss}])
            f.ended("dddd0001", trial, "ok", "finished")
        self.make(f)
        said = self.besom("enqueue", "dddd0001", "--repeat", "best", "--times", 2)
        self.assertIn("has 2 new trials like dddd0001-0, each with another value of seed: dddd0001-3 to dddd0001-4", said)
        made = self.json("trials", "dddd0001")[3:]
        self.assertEqual([t["params"] for t in made], [{"lr": 0.5, "seed": 7}, {"lr": 0.5, "seed": 9}])
        self.assertIn("it repeats trial 0", self.besom("explain", "dddd0001-4"))
        self.besom("enqueue", "dddd0001", "--repeat", 1, code=2, err="only 0 other values of seed are left")
        self.assertIn("has 1 new trial like dddd0001-2, with another value of seed: dddd0001-5",
                      self.besom("enqueue", "dddd0001", "--repeat=dddd0001-2", "--times=1"))
        self.assertEqual(self.json("trials", "dddd0001")[5]["params"], {"lr": 0.7, "seed": 3})
        self.assertIn("beyond its run_cap of", self.besom("enqueue", "dddd0001", "lr=0.7", "seed=5"))
        self.besom("enqueue", "dddd0001", "lr=0.2", "--repeat=0", code=2, err="give no NAME=VALUE")
        self.besom("enqueue", "dddd0001", "--repeat", A + "-0", code=2, err="a trial of another sweep")
        self.besom("enqueue", "dddd0001", "--repeat=0", "--times=21", code=2)
        self.besom("enqueue", NEWEST, "--repeat=best", code=3, err="has no best trial")
        self.besom("enqueue", NEWEST, code=2, err="give NAME=VALUE, or --repeat")
        self.besom("enqueue", code=2, err="give NAME=VALUE, or --repeat")
        self.besom("enqueue", "--repeat=dddd0001-0", code=2, err="only 0 other values of seed are left")  # the newest

    def test_cancelling_where_nobody_writes_ends_every_trial(self):
        self.besom("cancel", A)
        sweep = self.json("show", A)
        self.assertEqual((sweep["state"], sweep["counts"]["cancelled"]), ("cancelled", 2))
        self.assertEqual({t["reason"] for t in self.json("trials", A, "--state=cancelled")},
                         {"user"})
        self.besom("check")

    def test_a_deep_store_is_reached(self):
        deep = self.here.joinpath(*["a-long-name-of-a-folder"] * 8)
        deep.mkdir(parents=True)
        self.make(facts.others("/tmp"), store=deep / "store")
        got = self.listen(b'{"ok":true,"message":"deep"}\n', store=deep / "store")
        self.assertEqual(self.besom("pause", NEWEST, "--store", deep / "store"), "sweep %s deep\n" % NEWEST)
        self.assertEqual(len(got), 1)

    def test_an_unknown_sweep_reaches_nobody(self):
        self.besom("cancel", "zzzz", code=3, err="zzzz")
        self.besom("cancel", code=2, err="besom cancel SWEEP")

    def test_who_does_not_answer_is_named(self):
        said = self.silent.communicate(timeout=60)[1]
        self.assertEqual(self.silent.returncode, 4)
        self.assertIn("process %d runs the sweeps of this store and has not answered for 10 s" % os.getpid(), said)


if __name__ == "__main__":
    if "STORE_OF_FACTS" not in os.environ:
        print("SKIPPED: STORE_OF_FACTS names no program", file=sys.stderr)
        sys.exit(77)
    unittest.main()
