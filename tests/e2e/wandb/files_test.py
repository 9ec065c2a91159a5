#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of runs, by wandb's own client: what a script saves is what the client reads back, byte by byte."""
import base64
import gzip
import hashlib
import hmac
import http.client
import json
import os
import resource
import socket
import ssl
import time
import urllib.request

import desk

SAVE = '''
import pathlib, wandb
run = wandb.init(project="p", id="one", config={"a": 1})
names = ["notes.txt", "deep/er/fi le+ü%.bin", "empty"]
for name in names:
    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
pathlib.Path(names[0]).write_text("some notes")
pathlib.Path(names[1]).write_bytes(bytes(range(256)) * 20000)
pathlib.Path(names[2]).write_bytes(b"")
for name in names:
    wandb.save(name, base_path=".")
print("printed")
run.log({"text": wandb.Html("<script>alert(1)</script>")})
run.finish()
'''


def opener():
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Kit(desk.Case):
    def fetch(self, url, **headers):
        """Status, headers, body."""
        try:
            with opener().open(urllib.request.Request(url, headers=headers), timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read()

    def put(self, url, body, **headers):
        try:
            with opener().open(urllib.request.Request(url, body, headers, method="PUT"), timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            e.read()
            return e.code

    def files(self, run="one", **more):
        found = self.graphql("RunFiles", entity="besom", project="p", name=run, **more)["project"]["run"]["files"]
        return {edge["node"]["name"]: edge["node"] for edge in found["edges"]}

    def connect(self):
        host, _, port = self.base.partition("//")[2].rpartition(":")
        return socket.create_connection((host, int(port)), timeout=30)

    def signed(self, verb, kind, n, name, seconds):
        """A URL as the controller makes them, which ends so many seconds from now."""
        until = int((time.time() + seconds) * 1000)
        text = "%s %s %d %d %s" % (verb, kind, n, until, name)
        sign = hmac.new((self.store / "files" / "key").read_bytes(), text.encode(), hashlib.sha256).hexdigest()
        return "%s/storage/%s?of=%s&n=%d&until=%d&name=%s&sign=%s" % (self.base, verb, kind, n, until, name, sign)

    def stored(self):
        return sorted(path for path in (self.store / "files").glob("[0-9a-f][0-9a-f]/*"))


class Files(Kit):
    def test_what_is_saved_is_what_is_read(self):
        self.serve()
        self.script(SAVE)
        files = self.files()
        for name in ("config.yaml", "wandb-metadata.json", "wandb-summary.json", "output.log", "requirements.txt",
                     "notes.txt", "deep/er/fi le+ü%.bin", "empty"):
            self.assertIn(name, files)
        for name in "notes.txt", "deep/er/fi le+ü%.bin", "empty":
            status, headers, body = self.fetch(files[name]["directUrl"])
            self.assertEqual((status, body), (200, (self.folder / name).read_bytes()))
        self.assertIn(b"printed", self.fetch(files["output.log"]["url"])[2])
        html, = [node for name, node in files.items() if name.endswith(".html")]
        status, headers, body = self.fetch(html["url"])
        self.assertIn(b"<script>alert(1)</script>", body)
        self.assertEqual(headers["Content-Type"], "text/html")
        self.assertTrue(headers["Content-Disposition"].startswith("attachment"))
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("sandbox", headers["Content-Security-Policy"])
        status, headers, body = self.fetch(files["deep/er/fi le+ü%.bin"]["url"], Range="bytes=250-260")
        self.assertEqual((status, body), (206, (bytes(range(256)) * 2)[250:261]))

    def test_content_is_stored_once(self):
        self.serve()
        self.graphql("UpsertBucket", entity="besom", project="p", name="one")
        made = self.graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a", "b", "c"])
        for file in made["createRunFiles"]["files"]:
            self.assertEqual(self.put(file["uploadUrl"], b"x" * 100000), 200)
        path, = self.stored()
        self.assertEqual(path.name, hashlib.sha256(b"x" * 100000).hexdigest())
        self.assertEqual(path.read_bytes(), b"x" * 100000)
        self.assertEqual(list((self.store / "files" / "parts").iterdir()), [])
        self.assertEqual(sorted(self.files()), ["a", "b", "c"])
        self.assertEqual(sorted(self.files(fileNames=["b", "z"])), ["b"])
        self.assertEqual(sorted(self.files(fileLimit=2)), ["a", "b"])
        self.assertEqual(sorted(self.files(fileLimit=2, fileCursor="b")), ["c"])
        url = made["createRunFiles"]["files"][0]["uploadUrl"]
        self.assertEqual(self.put(url, b"another"), 200)
        self.assertEqual(len(self.stored()), 2)
        self.assertEqual(self.fetch(self.files()["a"]["url"])[2], b"another")

    def test_large_files_over_tls(self):
        self.listen = "0.0.0.0:0"
        self.serve()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # besom's commands look at the fingerprint
        content = bytes(range(256)) * 40000
        key = base64.b64encode(("api:" + self.first["admin"]).encode()).decode()
        connection = http.client.HTTPSConnection("127.0.0.1:" + self.listen.rpartition(":")[2], context=context, timeout=60)
        self.addCleanup(connection.close)

        def ask(method, path, body=None, **headers):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

        def graphql(operation, **variables):
            body = json.dumps({"query": "query %s { x }" % operation, "variables": variables})
            return json.loads(ask("POST", "/graphql", body, Authorization="Basic " + key)[1])["data"]

        graphql("UpsertBucket", entity="besom", project="p", name="one")
        made = graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a"])
        url = made["createRunFiles"]["files"][0]["uploadUrl"]
        self.assertTrue(url.startswith("https://127.0.0.1:"), url)
        packed = gzip.compress(content)
        for body, headers in ((content, {}), (packed, {"Content-Encoding": "gzip"}), (iter([content[:1000], content[1000:]]), {})):
            self.assertEqual(ask("PUT", url[url.index("/storage"):], body, **headers)[0], 200)
            files = graphql("RunFiles", entity="besom", project="p", name="one")["project"]["run"]["files"]["edges"]
            url_of_a = files[0]["node"]["url"]
            self.assertEqual(ask("GET", url_of_a[url_of_a.index("/storage"):]), (200, content))

    def test_gc(self):
        """Content that nothing uses goes, once it is old; the rest stays, also beside a controller."""
        self.serve()
        self.graphql("UpsertBucket", entity="besom", project="p", name="one")
        made = self.graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a", "b"])
        a, b = (file["uploadUrl"] for file in made["createRunFiles"]["files"])
        self.put(a, b"kept")
        self.put(b, b"deleted")
        self.graphql("deleteFiles", files=[self.files()["b"]["id"]])
        self.assertIn("removed 0 files", self.besom("gc", self.store))
        for path in self.stored():
            os.utime(path, (1, 1))
        (self.store / "files" / "parts" / "x").write_bytes(b"part")
        os.utime(self.store / "files" / "parts" / "x", (1, 1))
        self.assertIn("would remove 1 file (", self.besom("gc", "--dry-run", self.store))
        self.assertEqual(len(self.stored()), 2)
        freed = json.loads(self.besom("gc", "--json", "--store", self.store))
        self.assertEqual((freed["freed"], freed["freed_bytes"], freed["parts"], freed["kept"]), (1, 7, 1, 1))
        self.assertEqual([path.read_bytes() for path in self.stored()], [b"kept"])
        self.assertEqual(self.fetch(self.files()["a"]["url"])[2], b"kept")

    def test_quota(self):
        """A file that is too much is refused at once, and the client ends."""
        self.serve("--files-max", "1MiB")
        began = time.monotonic()
        self.script(SAVE)
        self.assertLess(time.monotonic() - began, 60)
        self.assertNotIn("deep/er/fi le+ü%.bin", self.files())
        self.assertIn("notes.txt", self.files())
        made = self.graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a", "b"])
        a, b = (file["uploadUrl"] for file in made["createRunFiles"]["files"])
        self.assertEqual(self.put(a, b"x" * (1 << 20)), 413)
        self.assertEqual(self.put(a, b"x" * 1000), 200)

    def test_the_disk_is_full(self):
        """A file that does not fit is refused for now; others are taken, and it too when there is room."""
        self.serve()
        self.graphql("UpsertBucket", entity="besom", project="p", name="one")
        made = self.graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a", "b"])
        a, b = (file["uploadUrl"] for file in made["createRunFiles"]["files"])
        resource.prlimit(self.controller.pid, resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
        self.assertEqual(self.put(a, b"x" * (2 << 20)), 507)
        self.assertEqual(self.put(b, b"x" * 1000), 200)
        self.assertEqual((list(self.files()), list((self.store / "files" / "parts").iterdir())), (["b"], []))
        resource.prlimit(self.controller.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertEqual(self.put(a, b"x" * (2 << 20)), 200)
        self.assertEqual(list(self.files()), ["a", "b"])

    def test_a_backup_has_the_files(self):
        self.serve()
        self.graphql("UpsertBucket", entity="besom", project="p", name="one")
        made = self.graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a"])
        self.assertEqual(self.put(made["createRunFiles"]["files"][0]["uploadUrl"], b"content"), 200)
        copy = self.root / "copy"
        self.besom("backup", self.store, copy)
        self.assertIn(": 0 problems", self.besom("check", copy))
        path, = (copy / "files").glob("??/*")
        self.assertEqual(path.read_bytes(), b"content")
        path.unlink()
        self.assertIn("the content %s of a file is missing" % path.name, self.besom("check", copy, code=1))

    def test_hostile(self):
        self.serve()
        self.graphql("UpsertBucket", entity="besom", project="p", name="one")
        for name in ("../x", "/etc/passwd", "a/../../x", "a//b", ".", "a/..", "", "a\nb", "x" * 2000, "a/"):
            self.assertIn("a file's name", self.graphql("CreateRunFiles", entity="besom", project="p", run="one",
                                                        files=[name]), name)
        self.assertIn("no such run", self.graphql("CreateRunFiles", entity="besom", project="p", run="none", files=["a"]))
        made = self.graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a"])
        url = made["createRunFiles"]["files"][0]["uploadUrl"]
        viewer = self.besom("token", "create", "--scope", "viewer", "--store", self.store).strip()
        self.assertIn("may only read", self.graphql("CreateRunFiles", token=viewer, entity="besom", project="p",
                                                    run="one", files=["a"]))
        forged = [url.replace("name=a", "name=b"), url.replace("name=a", "name=..%2F..%2Fx"), url.replace("n=1", "n=2"),
                  url.replace("of=run", "of=artifact"), url.replace("until=1", "until=9"), url[:-1],
                  url[:-1] + ("0" if url[-1] != "0" else "1"), url.partition("?")[0], url.replace("put", "get"),
                  url.replace("sign=", "sign=&sign="), url.replace("n=1&", "n=1&n=2&").replace("of=", "of=x&of=")]
        for bad in forged:
            self.assertEqual(self.put(bad, b"x"), 403 if "/put" in bad else 405, bad)
            self.assertIn(self.fetch(bad.replace("/put", "/get"))[0], (403,), bad)
        self.assertEqual(self.fetch(url.replace("/put", "/get"))[0], 403)
        self.assertEqual(self.put(self.signed("put", "run", 1, "a", -1000), b"x"), 403)
        self.assertEqual(self.put(self.signed("put", "run", 99, "a", 1000), b"x"), 404)
        self.assertEqual(self.put(self.signed("put", "artifact", 1, "a", 1000), b"x"), 404)
        self.assertEqual(self.put(self.signed("put", "nonsense", 1, "a", 1000), b"x"), 404)
        self.assertEqual(self.put(self.signed("put", "run", 1, "a", 1000), b"x"), 200)
        self.assertEqual([path.read_bytes() for path in self.stored()], [b"x"])
        self.assertEqual(list((self.store / "files" / "parts").iterdir()), [])

    def test_bodies_that_break_off(self):
        """10 GB that never come, and bodies that end early, leave nothing."""
        self.serve()
        self.graphql("UpsertBucket", entity="besom", project="p", name="one")
        made = self.graphql("CreateRunFiles", entity="besom", project="p", run="one", files=["a"])
        target = made["createRunFiles"]["files"][0]["uploadUrl"].partition(self.base)[2]
        for length, sent in ((10 << 30, b"x" * 100000), (1000, b"x")):
            with self.connect() as s:
                s.sendall(b"PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s"
                          % (target.encode(), self.base.partition("//")[2].encode(), length, sent))
                time.sleep(0.2)
        with self.connect() as s:
            s.sendall(b"PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n"
                      % (target.encode(), self.base.partition("//")[2].encode(), 1 << 50))
            self.assertIn(b" 413 ", s.recv(1000))
        desk.fleet.wait_until(lambda: not list((self.store / "files" / "parts").iterdir()), "the parts to go")
        self.assertEqual((self.stored(), self.files()), ([], {}))


if __name__ == "__main__":
    desk.main()
