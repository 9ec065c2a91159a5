#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How besom serve sends its answers: compressed where the client accepts that, kept until there is another fact, and
given up when nobody waits."""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse

import facts
import zstd

TRIALS, ID = 120, "dddd4444"


def sweep(workdir):
    f = facts.Facts()
    f.now += 1_000_000
    f.created(ID, workdir + "/d.yaml", workdir, name="many", total=TRIALS)
    for i in range(TRIALS):
        f.whole(ID, i, 0.5 / (i + 1), "relu" if i % 3 else "tanh", 8 << i % 3, [0.9 / (i + 1), 0.7 / (i + 1)])
    return f


class Answers(facts.Case):
    def setUp(self):
        super().setUp()
        self.make(sweep(str(self.here)))
        self.serve = subprocess.Popen([self.binary, "serve", "--store", self.store, "--listen", "127.0.0.1:0", "--json"],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(self.env, HOME=str(self.here)))
        first = json.loads(self.serve.stdout.readline())
        self.netloc = urllib.parse.urlsplit(first["url"]).netloc
        self.headers = {"Authorization": "Bearer " + first["admin"]}
        self.connection = http.client.HTTPConnection(self.netloc)
        self.addCleanup(self.end)
        self.settle()

    def settle(self):
        """The first use of a token is a fact, soon after."""
        for _ in range(600):
            if any(token["used"] for token in json.loads(self.ask("/api/v1/tokens")[1])):
                return
            time.sleep(0.05)
        self.fail("the token was never used")

    def end(self):
        self.connection.close()
        if self.serve.poll() is None:
            self.serve.send_signal(signal.SIGTERM)
        _, said = self.serve.communicate(timeout=60)
        self.assertEqual(self.serve.returncode, 0, said.decode())
        self.assertNotIn(b"Sanitizer", said)

    def ask(self, path, accepts=None, method="GET", **options):
        headers = dict(self.headers, **({"Accept-Encoding": accepts} if accepts else {}))
        self.connection.request(method, path, headers=headers, **options)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def test_documents_are_compressed_for_who_accepts_it(self):
        for path in ("/api/v1/sweeps/%s/columns" % ID, "/api/v1/sweeps/%s/trials?limit=50" % ID,
                     "/api/v1/sweeps/%s/surface?x=lr&y=model.width" % ID, "/api/v1/sweeps/%s/export" % ID,
                     "/api/v1/sweeps/%s/export?format=jsonl" % ID, "/metrics", "/plain/" + ID):
            answer, plain = self.ask(path)
            self.assertEqual((answer.status, answer.headers["Content-Encoding"]), (200, None), path)
            self.assertEqual(answer.headers["Vary"], "Accept-Encoding", path)
            for accepts in ("gzip, deflate, br, zstd", "zstd;q=0.1"):
                answer, packed = self.ask(path, accepts)
                self.assertEqual(answer.headers["Content-Encoding"], "zstd", path)
                self.assertEqual(answer.headers["Vary"], "Accept-Encoding", path)
                self.assertLess(len(packed), len(plain), path)
                found, whole = zstd.content(packed)
                self.assertTrue(whole, path)
                if "trials" not in path and path != "/metrics":  # where the time is
                    self.assertEqual(found, plain, path)
            for accepts in ("gzip, deflate, br", "zstd;q=0", "*", "identity"):
                answer, _ = self.ask(path, accepts)
                self.assertIsNone(answer.headers["Content-Encoding"], path)

    def test_the_head_is_that_of_the_answer(self):
        path = "/api/v1/sweeps/%s/columns" % ID
        for accepts in ("zstd", "gzip"):
            answer, body = self.ask(path, accepts)
            head, none = self.ask(path, accepts, method="HEAD")
            self.assertEqual(none, b"")
            self.assertEqual(head.headers["Content-Length"], str(len(body)))
            self.assertEqual(head.headers["Content-Encoding"], answer.headers["Content-Encoding"])
        head, none = self.ask("/api/v1/sweeps/%s/export" % ID, "zstd", method="HEAD")
        self.assertEqual((head.headers["Content-Encoding"], none), ("zstd", b""))

    def test_short_answers_and_errors_are_plain(self):
        for path, status in (("/healthz", 200), ("/api/v1/sweeps/%s/size" % ID, 200), ("/api/v1/sweeps/none", 404),
                             ("/api/v1/sweeps/none/export", 404)):
            answer, body = self.ask(path, "zstd")
            self.assertEqual((answer.status, answer.headers["Content-Encoding"]), (status, None), path)
            self.assertLess(len(body), 1024)

    def test_a_kept_answer_ends_with_the_next_fact(self):
        path = "/api/v1/sweeps/%s/columns?cols=number,tags" % ID
        before = self.ask(path)[1]
        self.assertEqual(self.ask(path)[1], before)
        self.assertEqual(zstd.content(self.ask(path, "zstd")[1])[0], before)
        self.assertEqual(zstd.content(self.ask(path, "zstd")[1])[0], before)
        self.assertEqual(self.ask(path)[1], before)
        answer, said = self.ask("/api/v1/sweeps/%s/tag" % ID, method="POST", body=json.dumps({"trials": [3, 3], "add": ["odd", "odd"]}))
        self.assertEqual(answer.status, 200, said)
        self.assertIn("has trial 3 tagged +odd", json.loads(said)["message"])
        after = json.loads(self.ask(path)[1])
        self.assertGreater(after["seq"], json.loads(before)["seq"])
        self.assertEqual([c["words"] for c in after["columns"] if c["name"] == "tags"], [["odd"]])
        self.assertEqual(json.loads(zstd.content(self.ask(path, "zstd")[1])[0]), after)

    def test_clients_that_go_away(self):
        """They have asked for much, and read little or nothing of it."""
        host, _, port = self.netloc.rpartition(":")
        for path in ("columns", "export", "export?format=jsonl", "trials?limit=120", "curves?metric=loss&trials=1,2"):
            for accepts in ("zstd", "gzip"):
                lines = ["GET /api/v1/sweeps/%s/%s HTTP/1.1" % (ID, path), "Host: " + self.netloc,
                         "Authorization: " + self.headers["Authorization"], "Accept-Encoding: " + accepts, "", ""]
                for read in (0, 1, 5000):
                    with socket.create_connection((host, int(port))) as s:
                        s.sendall("\r\n".join(lines).encode() * 3)
                        if read:
                            s.recv(read)
        answer, body = self.ask("/api/v1/sweeps/%s/columns" % ID, "zstd")
        self.assertEqual(json.loads(zstd.content(body)[0])["n"], TRIALS)
        for path in ("columns", "names", "importance?method=fanova", "importance?method=forest"):
            for _ in range(3):  # the end finds questions that are not answered
                s = socket.create_connection((host, int(port)))
                lines[0] = "GET /api/v1/sweeps/%s/%s HTTP/1.1" % (ID, path)
                s.sendall("\r\n".join(lines).encode())
                self.addCleanup(s.close)


if __name__ == "__main__":
    if "STORE_OF_FACTS" not in os.environ:
        print("SKIPPED: STORE_OF_FACTS names no program", file=sys.stderr)
        sys.exit(77)
    unittest.main()
