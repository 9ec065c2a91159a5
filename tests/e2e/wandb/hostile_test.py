#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that are up to no good, at the controller and at the front that training sees: more than a thousand requests
(hostile.py). No answer is a fault of the server's, no memory is lost, and what is stored stays whole."""
import base64
import http.client
import itertools
import json
import os
import pathlib
import re
import socket
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fleet"))
import fleet  # noqa: E402
import hostile  # noqa: E402

RSS_MIB = 1024  # a build with sanitizers keeps 256 MiB of freed memory
WAIT_SECONDS = 20
BUSY = 503
NOT_HTTP = (501, 505)  # unknown encodings and versions


def basic(key):
    return "Basic " + base64.b64encode(("api:" + key).encode()).decode()


class Requests:
    """self.port, self.key, self.run and self.process are of what is attacked; self.names: hostile.named()."""

    def graphql(self, operation, **variables):
        body = {"query": "mutation %s { x }" % operation, "variables": variables}
        self.assertEqual(self.send("/graphql", json.dumps(body).encode(), basic(self.key)), 200)
        self.assertNotIn("errors", self.answer, operation)
        return self.answer["data"]

    def make(self):
        """What the requests name."""
        artifact = self.graphql("CreateArtifact", input={
            "entityName": "e", "projectName": "p", "runName": self.run, "artifactTypeName": "dataset", "clientID": "i",
            "artifactCollectionName": "c", "digest": "0" * 32, "sequenceClientID": "s", "aliases": []})
        self.names = {"RUN": self.run, "SWEEP": "none", "AGENT": "none",
                      "ARTIFACT": artifact["createArtifact"]["artifact"]["id"]}

    def send(self, path, body, authorization=None, method="POST"):
        """The status; 0 where the connection was closed without one."""
        if not getattr(self, "connection", None):
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        head = {"Authorization": authorization} if authorization is not None else {}
        try:
            self.connection.request(method, path, body, head)
            answer = self.connection.getresponse()
            self.answer, status = answer.read(), answer.status
        except (http.client.HTTPException, ConnectionError):
            status = 0
        if not status or answer.will_close:
            self.connection.close()
            self.connection = None
        self.judge(status, (path[:80], body[:200] if body else body))
        if path == "/graphql" and status == 200:
            self.answer = json.loads(self.answer)
        return status

    def judge(self, status, what, more=()):
        if self.process.poll() is not None:
            self.fail("%s ended it: %s" % (what, self.said(self.process)[-3000:]))
        self.assertTrue(status < 500 or status in (BUSY, *more), (status, what))
        self.count = getattr(self, "count", 0) + 1

    def send_raw(self, data):
        with socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_SECONDS) as s:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                got = b""
                while True:
                    piece = s.recv(65536)
                    if not piece:
                        break
                    got += piece
            except ConnectionError:
                got = b""
        # A second answer would be one to a request that was hidden in the first.
        statuses = [int(n) for n in re.findall(rb"^HTTP/1\.[01] (\d+)", got, re.MULTILINE)]
        self.assertLessEqual(len([n for n in statuses if n >= 200]), 1, (data[:200], got[:300]))
        for status in statuses:
            self.judge(status, data[:200], NOT_HTTP)

    def attack(self, every=1):
        """every: only each so many of the requests that all end at the desk."""
        authorization, stream = basic(self.key), "/files/e/p/%s/file_stream" % self.run
        for body in hostile.documents():
            self.send("/graphql", body, authorization)
            self.send(stream, body, authorization)
        for body in itertools.islice(hostile.graphql(self.names), 0, None, every):
            self.send("/graphql", body, authorization)
        self.graphql("UpsertBucket", name=self.run, entity="e", project="p")
        for body in hostile.streams():
            self.send(stream, body, authorization)
        for path in hostile.PATHS:
            for method in "POST", "GET", "PUT", "DELETE":
                self.send(path, b"{}" if method in ("POST", "PUT") else None, authorization, method)
        for data in [*hostile.raw(authorization, "/graphql"), *hostile.raw(authorization, stream)]:
            self.send_raw(data)
        self.assertGreater(self.count, 500)

    def refuse_keys(self, forged=()):
        paths = itertools.cycle(("/graphql", "/files/e/p/%s/file_stream" % self.run))
        for authorization, path in zip([*hostile.keys(self.key), *map(basic, forged)], paths):
            status = self.send(path, b'{"query":"query Viewer { x }"}', authorization)
            self.assertIn(status, (400, 401, 429, 0), (authorization, path))

    def rss_mib(self):
        text = pathlib.Path("/proc/%d/status" % self.process.pid).read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) >> 10


class Controller(Requests, fleet.Case):
    def test_controller(self):
        self.process = self.serve()
        self.port, self.key, self.run = int(self.listen.rpartition(":")[2]), self.first["admin"], "victim"
        self.graphql("UpsertBucket", name="victim", entity="e", project="p")
        self.make()
        config = json.dumps({"method": "random", "program": "x", "parameters": {"a": {"min": 1, "max": 2}}})
        sweep = self.graphql("UpsertSweep", config=config, entityName="e", projectName="p")["upsertSweep"]["sweep"]["name"]
        agent = self.graphql("CreateAgent", host="h", sweep=sweep, entityName="e", projectName="p")["createAgent"]["agent"]
        self.names.update(SWEEP=sweep, AGENT=agent["id"])
        self.attack()
        self.graphql("UpsertBucket", name="victim", entity="e", project="p")
        self.assertLess(self.rss_mib(), RSS_MIB)
        self.viewer_writes_nothing()
        self.refuse_keys()
        self.end_all()
        self.assertEqual(self.process.returncode, 0, self.said(self.process))
        self.besom("check", "--store", self.store)
        with sqlite3.connect("file:%s?mode=ro" % (self.store / "runs.db"), uri=True) as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        self.assertEqual([p for p in self.root.rglob("*passwd*")], [])

    def viewer_writes_nothing(self):
        viewer = self.besom("token", "create", "--scope", "viewer", "--store", self.store).strip()
        before = self.dump()
        for body in itertools.islice(hostile.graphql(dict(self.names, RUN="viewers")), 0, None, 7):
            self.send("/graphql", body, basic(viewer))
        self.assertEqual(self.send("/files/e/p/victim/file_stream", b"{}", basic(viewer)), 403)
        self.assertEqual(self.dump(), before)

    def dump(self):
        """Runs, whose times may move."""
        with sqlite3.connect("file:%s?mode=ro" % (self.store / "runs.db"), uri=True) as db:
            return [db.execute("SELECT count(*) FROM " + table).fetchall() for table in ("run", "lines", "document")]


class Front(Requests, fleet.Case):
    """What training is given, by `besom run`."""

    def run_is_known(self):
        """The front keeps what it is told, and forwards it."""
        return self.graphql("Run", entity="e", project="p", name=self.run)["project"]["run"]

    def refuse(self, operation, **variables):
        body = {"query": "mutation %s { x }" % operation, "variables": variables}
        self.assertEqual(self.send("/graphql", json.dumps(body).encode(), basic(self.key)), 200)
        self.assertIn("this key is for the run", self.answer.get("errors", [{"message": ""}])[0]["message"],
                      (operation, variables, self.answer))

    def others_stay(self, other):
        """The key changes nothing of another trial's, whatever it is called."""
        mine, my_key, run = self.names["ARTIFACT"], self.key, other["WANDB_RUN_ID"]
        self.key = other["WANDB_API_KEY"]
        self.graphql("UpsertBucket", name=run, entity="e", project="p", config='{"a":{"value":1}}')
        fleet.wait_until(lambda: self.graphql("Run", entity="e", project="p", name=run)["project"]["run"], "the run")
        theirs = self.graphql("Run", entity="e", project="p", name=run)["project"]["run"]["id"]
        fields = dict(artifactTypeName="dataset", artifactCollectionName="d", digest="1" * 32, aliases=[], entityName="e",
                      projectName="p")
        made = self.graphql("CreateArtifact", input=dict(fields, runName=run, clientID="j"))["createArtifact"]["artifact"]["id"]
        self.key = my_key
        for name in "", None:
            for number in theirs, run:
                self.refuse("UpsertBucket", name=name, id=number, entity="e", project="p", summaryMetrics='{"a":666}')
        self.refuse("CreateArtifact", runName=self.run, input=dict(fields, runName=run, clientID="k"))
        self.refuse("UseArtifact", runName=self.run,
                    input=dict(artifactID=mine, runName=run, entityName="e", projectName="p"))
        self.refuse("CommitArtifact", artifactID=made)
        self.refuse("UpdateArtifact", input={"artifactID": made, "metadata": "{}"})
        self.refuse("CreateArtifactFiles", input={"artifactFiles": [{"artifactID": made, "name": "f", "md5": ""}]})
        self.refuse("CreateArtifactManifest", runName=self.run, artifactID=made, digest="", entityName="e", projectName="p",
                    name="wandb_manifest.json", manifestType="FULL")
        self.graphql("UpsertBucket", name="beside", entity="e", project="mine")
        self.refuse("NotifyScriptableRunAlert", entity="e", project="mine", runName=run, entityName="e", projectName="p", title="t",
                    text="t")

    def test_front(self):
        self.write("train.py", '''
import json, os, time
json.dump(dict(os.environ), open("part." + os.environ["BESOM_TRIAL"], "w"))
os.rename("part." + os.environ["BESOM_TRIAL"], "env." + os.environ["BESOM_TRIAL"])
while not os.path.exists("done"):
    time.sleep(0.05)
''')
        self.write("sweep.yaml", """
program: train.py
workdir: .
method: grid
parameters: {x: {values: [1, 2]}}
""")
        self.env["BESOM_STORE"] = str(self.store)
        self.process = self.begin("run", "sweep.yaml", "--slots", 2)
        envs = []
        for n in "01":
            fleet.wait_until(lambda n=n: list(self.folder.glob("env.*" + n)), "the trial")
            envs.append(json.loads(next(self.folder.glob("env.*" + n)).read_text()))
        own, other = envs
        self.port = int(own["WANDB_BASE_URL"].rpartition(":")[2])
        self.key, self.run = own["WANDB_API_KEY"], own["WANDB_RUN_ID"]
        self.graphql("UpsertBucket", name=self.run, entity="e", project="p")
        fleet.wait_until(self.run_is_known, "the run")
        self.make()
        self.others_stay(other)
        self.attack(every=4)
        rows = b'{"files":{"wandb-history.jsonl":{"offset":0,"content":["{}"]}}}'
        stream = "/files/e/p/%s/file_stream" % other["WANDB_RUN_ID"]
        self.assertEqual(self.send(stream, rows, basic(self.key)), 403)
        self.assertEqual(self.send(stream, rows, basic(other["WANDB_API_KEY"])), 200)
        key = self.key
        self.refuse_keys((key.replace("-1-", "-2-"), key.replace(self.run, other["WANDB_RUN_ID"]), key.upper(),
                          key[:-43] + "0" * 43))
        self.assertLess(self.rss_mib(), RSS_MIB)
        self.touch("done")
        said = self.end(self.process, 0)
        self.assertNotIn("Sanitizer", said)
        self.besom("check")
        self.assertEqual([p for p in self.root.rglob("*passwd*")], [])


if __name__ == "__main__":
    fleet.main()
