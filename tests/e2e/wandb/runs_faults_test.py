#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of wandb's client, by hand, to a controller that is killed, whose disk is full, or whose runs.db is damaged: what
was answered is there, and sweeps do not suffer."""
import concurrent.futures
import http.client
import json
import resource
import shutil
import sqlite3
import threading
import urllib.error
import urllib.parse

import desk

ROW = '{"loss":%d,"_step":%d}'


class Faults(desk.Case):
    def begin_run(self, name, **more):
        return self.graphql("UpsertBucket", name=name, project="demo", **more)["upsertBucket"]["bucket"]

    def log(self, name, first, n=1, **more):
        """Status and answer of rows that are sent."""
        rows = [ROW % (i, i) for i in range(first, first + n)]
        body = dict({"files": {"wandb-history.jsonl": {"offset": first, "content": rows}}}, **more)
        return self.ask("/files/besom/demo/%s/file_stream" % name, body)

    def losses(self, name):
        return [row["loss"] for row in self.rows_of(name)]

    def test_killed_in_the_middle(self):
        """Several writers at once; the controller is killed twice."""
        self.serve()
        names = ["r%d" % i for i in range(4)]
        for name in names:
            self.begin_run(name)
        answered, stop = {}, threading.Event()

        def write(name):
            n = 0
            while not stop.is_set():
                try:
                    status, _ = self.log(name, n)
                except (OSError, urllib.error.URLError, http.client.HTTPException):
                    stop.wait(0.05)  # it comes again with the same row
                    continue
                n += status == 200
                answered[name] = n
            return n

        with concurrent.futures.ThreadPoolExecutor() as pool:
            writers = [pool.submit(write, name) for name in names]
            for kill in range(2):
                desk.wait_until(lambda: all(answered.get(n, 0) > 20 * (kill + 1) for n in names), "rows")
                self.kill_besom(self.controller)
                self.serve()
            desk.wait_until(lambda: all(answered[n] > 60 for n in names), "rows after that")
            stop.set()
            counts = [w.result() for w in writers]
        for name, n in zip(names, counts):
            losses = self.losses(name)
            self.assertEqual(losses[:n], list(range(n)))
            self.assertLessEqual(len(losses), n + 1)
        self.stop()
        self.assertIn("0 problems", self.besom("check", self.store))

    def test_offsets(self):
        """Lines that are repeated, that overlap, that are rewritten, and that leave a gap; what is bare in them."""
        self.serve()
        self.begin_run("a")
        self.assertEqual([self.log("a", *at)[0] for at in ((0, 5), (0, 5), (3, 4), (10, 2))], [200] * 4)
        run, = self.runs()
        self.assertEqual([line and json.loads(line)["loss"] for line in run["history_lines"]],
                         list(range(7)) + [None] * 3 + [10, 11])
        self.assertEqual(self.begin_run("a")["historyLineCount"], 12)
        path = "/files/besom/demo/a/file_stream"
        self.ask(path, {"files": {"output.log": {"offset": 0, "content": ["one", "10%"]}}})
        self.ask(path, {"files": {"output.log": {"offset": 1, "content": ["20%", "two\n", ""]}}})
        self.ask(path, {"files": {"output.log": {"offset": 1, "content": ["100%"]}}})
        self.ask(path, {"files": {"wandb-summary.json": {"offset": 0, "content": ['{"a": 1}']}}})
        self.ask(path, {"files": {"wandb-summary.json": {"offset": 0, "content": ['{"a": NaN, "b": -Infinity}']}}})
        run, = self.runs()
        self.assertEqual(run["log_lines"], ["one", "100%", "two", ""])
        self.assertEqual((str(run["summary"]["a"]), run["summary"]["b"]), ("nan", float("-inf")))
        for bad in b"{", b"[]", b'{"files":{"output.log":{"offset":-1,"content":["x"]}}}', \
                b'{"files":{"output.log":{"offset":1e30,"content":["x"]}}}', b'{"files":{"output.log":{"content":[1]}}}':
            status, answer = self.ask(path, bad)
            self.assertEqual((status, bool(answer["errors"][0]["message"])), (400, True), bad)
        self.assertEqual(self.ask(path, b"")[0], 200)  # a sign of life

    def test_names(self):
        """Entities and projects are whatever a script says; paths hold them encoded."""
        self.serve()
        for entity, project in ("50% off", "a:b c"), ("Jürgen+", "é?#&=%25"), ("x" * 500, "日本"):
            bucket = self.graphql("UpsertBucket", name="r 1", entity=entity, project=project)["upsertBucket"]["bucket"]
            self.assertEqual((bucket["project"]["name"], bucket["project"]["entity"]["name"]), (project, entity))
            path = "/".join(urllib.parse.quote(part, safe="") for part in (entity, project, "r 1"))
            body = {"files": {"wandb-history.jsonl": {"offset": 0, "content": ['{"a":1}']}}}
            self.assertEqual(self.ask("/files/%s/file_stream" % path, body), (200, {}))
        self.assertEqual([r["history"] for r in self.runs()], [1] * 3)
        for bad in "", "a/b", "x" * 600:
            self.assertIn("names of entities", self.graphql("UpsertBucket", name="r", project="p", entity=bad or "/"))

    def test_copy(self):
        """A backup has the runs, and so has a copy that is served in place of a lost store."""
        self.serve()
        self.begin_run("a", config='{"lr": {"value": 1}}')
        self.log("a", 0, 50, complete=True, exitcode=0)
        copy = self.root / "copy"
        self.besom("backup", self.store, copy)  # while it is served
        self.stop()
        self.assertIn("runs.db: 1 runs with 50 lines: 0 problems", self.besom("check", copy))
        shutil.rmtree(self.store)
        shutil.copytree(copy, self.store)
        self.serve("--restored")
        run, = self.runs()
        self.assertEqual((run["state"], run["config"], self.losses("a")), ("finished", {"lr": {"value": 1}}, list(range(50))))
        self.log("a", 50, 1)
        self.assertEqual(len(self.losses("a")), 51)

    def test_full_disk(self):
        """Files are limited: what does not fit is refused for now, and taken when there is room."""
        self.serve()
        self.begin_run("a")
        self.assertEqual(self.log("a", 0, 10)[0], 200)
        resource.prlimit(self.controller.pid, resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
        status, answer = self.log("a", 10, 100000)
        self.assertEqual((status, bool(answer["errors"][0]["message"])), (503, True))
        self.assertEqual(self.losses("a"), list(range(10)))
        self.assertEqual(json.loads(self.besom("ls", "--json")), [])  # the controller is well
        self.assertIn("runs.failed", self.said(self.controller))
        resource.prlimit(self.controller.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertEqual(self.log("a", 10, 100)[0], 200)
        self.assertEqual(self.losses("a"), list(range(110)))

    def test_faults_are_of_one(self):
        """A request that fails undoes itself, and not those that are stored together with it."""
        self.serve()
        self.begin_run("a")
        self.graphql("CreateRunFiles", entity="besom", project="demo", run="a", files=["f"])
        (self.store / "files/key").write_bytes(b"short")
        stop, bad = threading.Event(), {"query": "mutation CreateRunFiles { x }",
                                        "variables": {"entity": "besom", "project": "demo", "run": "a", "files": ["f"]}}

        def fail():
            statuses = {503}
            while not stop.is_set():
                statuses.add(self.ask("/graphql", bad)[0])
            return statuses

        with concurrent.futures.ThreadPoolExecutor() as pool:
            failing = [pool.submit(fail) for _ in range(4)]
            statuses = {self.log("a", n)[0] for n in range(200)}
            stop.set()
            self.assertEqual([f.result() for f in failing], [{503}] * 4)
        self.assertEqual(statuses, {200})
        self.assertEqual(self.losses("a"), list(range(200)))

    def test_removed(self):
        """Nothing is stored where nobody would find it again."""
        self.serve()
        self.begin_run("a")
        self.assertEqual(self.log("a", 0)[0], 200)
        (self.store / "runs.db").rename(self.store / "away.db")
        for n in 1, 2:
            self.assertEqual(self.log("a", n)[0], 503)
        (self.store / "away.db").rename(self.store / "runs.db")
        self.assertEqual(self.log("a", 1)[0], 200)
        self.stop()
        self.assertEqual(self.losses("a"), [0, 1])
        self.assertIn("0 problems", self.besom("check", self.store))

    def test_files_removed(self):
        """Whoever removes the folder of files loses what is in it, and nothing that comes later."""
        self.serve()
        self.begin_run("a")
        for _ in range(2):
            made = self.graphql("CreateRunFiles", entity="besom", project="demo", run="a", files=["f"])
            url = made["createRunFiles"]["files"][0]["uploadUrl"]
            self.assertEqual(self.ask(url[url.index("/storage/"):], b"content", method="PUT")[0], 200)
            self.assertEqual(len(list(self.store.glob("files/??/*"))), 1)
            shutil.rmtree(self.store / "files")

    def test_long_answers(self):
        """What is asked for at once is never all in memory."""
        self.serve()
        summary = json.dumps({"k": "z" * (9 << 20)})
        for n in range(5):
            self.begin_run("s%d" % n, summaryMetrics=summary)
        self.stop()
        with sqlite3.connect(self.store / "runs.db") as db:
            row = json.dumps({"_step": 0, "k": "z" * (9 << 20)})
            db.executemany("INSERT INTO lines VALUES(1, 0, ?, 1, 0, 0, ?)", [(n, row) for n in range(30)])
            db.execute("UPDATE run SET history=30 WHERE n=1")
        self.serve()
        names, cursor = [], None
        while cursor is not None or not names:
            status, answer = self.ask("/graphql", {
                "query": "query Runs { summaryMetrics }",
                "variables": {"entity": "besom", "project": "demo", "perPage": 1000, "cursor": cursor}})
            runs = answer["data"]["project"]["runs"]
            self.assertLess(len(runs["edges"]), 5)
            names += [edge["node"]["name"] for edge in runs["edges"]]
            cursor = runs["pageInfo"]["endCursor"] if runs["pageInfo"]["hasNextPage"] else None
        self.assertEqual(names, ["s%d" % n for n in range(5)])
        self.assertIn("fewer rows", self.graphql("RunFullHistory", entity="besom", project="demo", name="s0"))

    def test_damage(self):
        self.serve()
        self.begin_run("a")
        self.stop()
        runs = self.store / "runs.db"
        whole = runs.read_bytes()
        runs.write_bytes(b"nonsense" * 1000)
        self.serve()
        status, answer = self.ask("/graphql", {"query": "mutation UpsertBucket { x }", "variables": {"name": "b"}})
        self.assertEqual(status, 503)
        self.assertIn("runs.db", answer["errors"][0]["message"])
        self.assertEqual(json.loads(self.besom("ls", "--json")), [])
        self.stop()
        self.assertIn("runs.db", self.besom("check", self.store, code=1))
        runs.write_bytes(whole)
        self.serve()
        self.assertEqual(self.log("a", 0)[0], 200)

    def test_hostile(self):
        """200 requests that no client sends: each gets an answer below 500, and the next good one is served."""
        self.serve()
        self.begin_run("a")
        deep = b'{"query":' + b"[" * 100000
        bodies = [b"", b"null", b"[]", b"7", b'"x"', b"{}", b"\xff\xfe", b'{"query":7}', b'{"query":""}', deep,
                  b'{"query":"mutation UpsertBucket","variables":[]}',
                  b'{"query":"mutation UpsertBucket","variables":{"name":7,"tags":"x","config":7}}',
                  b'{"query":"mutation UpsertBucket","variables":{"name":"../../etc"}}',
                  b'{"query":"mutation UpsertBucket","variables":{"name":"' + b"x" * 100000 + b'"}}',
                  b'{"query":"mutation UpsertBucket","variables":{"name":"b","config":"{"}}',
                  b'{"query":"mutation RewindRun","variables":{"runName":"a","metricName":"_step","metricValue":"x"}}',
                  b'{"query":"mutation RewindRun","variables":{"runName":"a","metricName":"_step","metricValue":-1e308}}',
                  b'{"query":"mutation StopRun","variables":{"id":"UnVuOjk5OTk="}}',
                  b'{"query":"mutation DeleteRun","variables":{}}',
                  b'{"query":"mutation NotifyScriptableRunAlert","variables":{"runName":"a","title":{},"waitDuration":"x"}}']
        for body in bodies:
            for path in "/graphql", "/files/besom/demo/a/file_stream", "/files/besom/demo/none/file_stream":
                status, answer = self.ask(path, body)
                self.assertLess(status, 500, (path, body[:80], answer))
        for path in "/files/a/b/file_stream", "/files//b/c/file_stream", "/files/%2e%2e/b/c/file_stream", "/graphql/x":
            self.assertIn(self.ask(path, b"{}")[0], (400, 404), path)
        self.assertEqual(self.log("a", 0)[0], 200)


if __name__ == "__main__":
    desk.fleet.main()
