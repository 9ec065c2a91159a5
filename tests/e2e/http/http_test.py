# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server against clients that others wrote: curl and Python's http.client."""
import http.client
import os
import shutil
import subprocess
import unittest

CURL = shutil.which("curl")


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([os.environ["HTTP_SERVER"]], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, universal_newlines=True)
        cls.port = int(cls.server.stdout.readline())

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        assert cls.server.wait(timeout=60) == 0
        cls.server.stdout.close()

    def connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection, *args, **options):
        connection.request(*args, **options)
        response = connection.getresponse()
        return response.status, response.read()

    def test_python_keeps_a_connection(self):
        connection = self.connection()
        for _ in range(3):
            self.assertEqual(self.ask(connection, "GET", "/"), (200, b"hello"))
            self.assertEqual(self.ask(connection, "HEAD", "/"), (200, b""))
            self.assertEqual(self.ask(connection, "POST", "/echo", b"abc"), (200, b"abc"))
        self.assertEqual(self.ask(connection, "GET", "/later"), (200, b"later"))
        self.assertEqual(self.ask(connection, "PUT", "/echo", iter([b"ab", b"c"]), encode_chunked=True,
                                  headers={"Transfer-Encoding": "chunked"}), (200, b"abc"))
        self.assertEqual(len(self.ask(connection, "GET", "/large")[1]), 4 << 20)

    def test_python_gets_a_refusal(self):
        self.assertEqual(self.ask(self.connection(), "POST", "/small", b"12345678901")[0], 413)
        self.assertEqual(self.ask(self.connection(), "POST", "/refuse", b"x" * (4 << 20))[0], 403)
        self.assertEqual(self.ask(self.connection(), "FOO", "/")[0], 501)
        self.assertEqual(self.ask(self.connection(), "GET", "/" + "a" * 9000)[0], 414)
        self.assertEqual(self.ask(self.connection(), "GET", "/", headers={"A": "b" * 40000})[0], 431)

    def curl(self, *args, data=None):
        url = "http://127.0.0.1:%d" % self.port
        args = [a.replace("URL", url) for a in args]
        done = subprocess.run([CURL, "--silent", "--show-error", "--noproxy", "*", *args], input=data,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    @unittest.skipUnless(CURL, "curl is missing")
    def test_curl(self):
        self.assertEqual(self.curl("URL/", "URL/later"), b"hellolater")
        self.assertEqual(self.curl("--http1.0", "URL/"), b"hello")
        self.assertEqual(self.curl("--data", "a=b", "URL/echo"), b"a=b")
        self.assertIn(b"Content-Length: 5", self.curl("--head", "URL/"))
        self.assertEqual(self.curl("URL/path/a%20b?c=d"), b"/path/a b?c=d ")
        # curl asks before it sends so much: Expect: 100-continue.
        big = b"x" * (2 << 20)
        self.assertEqual(self.curl("--data-binary", "@-", "URL/big", data=big), b"%d" % len(big))
        # A body of unknown length is chunked.
        self.assertEqual(self.curl("-T", "-", "URL/big", data=big), b"%d" % len(big))
        status = ["--output", os.devnull, "--write-out", "%{http_code}"]
        self.assertEqual(self.curl(*status, "-T", "-", "URL/small", data=big), b"413")
        self.assertEqual(self.curl(*status, "--data-binary", "@-", "URL/refuse", data=big), b"403")
        self.assertEqual(self.curl(*status, "--path-as-is", "URL/../x"), b"400")
        self.assertEqual(self.curl("--no-buffer", "URL/events"),
                         b"id: 1\nevent: first\ndata: one\n\nid: 2\ndata: two\ndata: lines\n\ndata: \n\n")


if __name__ == "__main__":
    unittest.main()
