# SPDX-License-Identifier: GPL-3.0-or-later
"""Steering: what goes through the socket in the store, and what comes of the answers."""
import json
import os
import socket
import sys
import threading
import unittest

import facts
from facts import A, NEWEST


class Steer(facts.Case):
    def listen(self, answer, store=None):
        """Answers one request with these bytes; the list it returns gets the request."""
        server, got = socket.socket(socket.AF_UNIX), []
        self.addCleanup(server.close)
        at = os.open(store or self.store, os.O_RDONLY)
        server.bind("/proc/self/fd/%d/control.sock" % at)
        os.close(at)
        server.listen()

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

    def test_a_process_that_does_not_answer(self):
        """Takes the 10 s after which besom gives up."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        at = os.open(self.store, os.O_RDONLY)
        server.bind("/proc/self/fd/%d/control.sock" % at)
        os.close(at)
        server.listen()
        self.besom("pause", A, code=4, err="process %d runs the sweeps of this store and has not "
                   "answered for 10 s" % os.getpid())

    def state(self, sweep):
        return self.json("show", sweep)["state"]

    def test_where_nobody_writes_the_store_it_is_written_at_once(self):
        self.besom("pause", A)
        self.assertEqual(self.state(A), "paused")
        self.assertIn("continue it:\n  besom run '", self.besom("show", A))
        self.assertIn("is paused already", self.besom("pause", A))
        self.assertIn("no process runs it: continue it with besom run", self.besom("resume", A))
        self.assertIn("is interrupted: continue it with besom run", self.besom("resume", A))
        self.assertEqual(self.state(A), "running")
        self.besom("stop", NEWEST)
        self.assertEqual(self.state(NEWEST), "finished")
        self.besom("pause", NEWEST, code=2, err="finished")

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


if __name__ == "__main__":
    if "STORE_OF_FACTS" not in os.environ:
        print("SKIPPED: STORE_OF_FACTS names no program", file=sys.stderr)
        sys.exit(77)
    unittest.main()
