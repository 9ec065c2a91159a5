#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom runs: projects, the runs of a project, one run; in a store and at a controller. The requests are what wandb's client sends."""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fleet"))
import fleet  # noqa: E402

import desk  # noqa: E402


class Runs(desk.Case):
    def record(self, name, project="demo", entity="team", config=None, rows=(), exit_code=0, **more):
        got = self.graphql("UpsertBucket", name=name, project=project, entity=entity,
                           config=json.dumps({k: {"value": v} for k, v in (config or {}).items()}), **more)
        self.assertTrue(got["upsertBucket"]["inserted"], got)
        files = {"wandb-history.jsonl": {"offset": 0, "content": [json.dumps(dict(r, _step=i)) for i, r in enumerate(rows)]},
                 "wandb-summary.json": {"offset": 0, "content": [json.dumps(dict(rows[-1] if rows else {}, _step=len(rows) - 1))]},
                 "output.log": {"offset": 0, "content": ["2026-11-21T08:03:59.826126 hello", "ERROR 2026-11-21T08:03:59.826127 oh"]}}
        self.assertEqual(self.ask("/files/%s/%s/%s/file_stream" % (entity, urllib.parse.quote(project), name),
                                  {"files": files, "complete": True, "exitcode": exit_code})[0], 200)

    def recorded(self):
        self.serve()
        for i, loss in enumerate([0.5, 0.25, float("nan"), 0.125]):
            self.record("run%d" % i, config={"lr": [0.1, 0.01][i % 2], "model": "net", "opt": {"beta": i}}, tags=["good"] if i == 3 else None,
                        rows=[{"loss": 9}, {"loss": loss, "val": {"acc": i / 10}}], exit_code=1 if i == 2 else 0, displayName="name %d" % i)
        self.record("other", project="a b", config={"x": 1}, rows=[{"y": 2}])
        self.record("third", project="demo", entity="else")

    def both(self, *words, **more):
        """What the command prints of the store, which is what it prints of the controller."""
        here = self.besom("runs", *words, "--store", self.store, **more)
        self.env["BESOM_TOKEN"] = self.first["admin"]
        there = self.besom("runs", *words, "--server", self.url, **more)
        ages = re.compile(r" +(age|newest|[0-9.]+s)\b")
        self.assertEqual(ages.sub("", here), ages.sub("", there))
        return here

    def refused(self, *words, code=2):
        """What it says on stderr."""
        process = self.start("runs", *words, "--store", self.store, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (code, ""), err)
        return err

    def names(self, *words):
        return [r["name"] for r in json.loads(self.both("team/demo", "--json", *words))]

    def test_media(self):
        """Histograms, images and tables are a line each, whatever wandb wrote of them; nothing is cut from the CSV."""
        self.serve()
        histogram = {"_type": "histogram", "values": [7] * 64, "bins": [i / 9 for i in range(65)]}
        images = {"_type": "images/separated", "count": 4, "width": 8, "filenames": ["a.png"] * 4}
        table = {"_type": "table-file", "nrows": 5, "size": 129, "path": "media/table/t.json"}
        self.record("drawn", rows=[{"loss": 1.5, "w": histogram, "pictures": images, "t": table, "val": {"acc": 0.5}}])
        shown = self.both("drawn")
        for line in ("w: histogram, 64 bins", "pictures: images/separated, count 4", "t: table-file, nrows 5", "val.acc: 0.5"):
            self.assertIn("\n  %s\n" % line, shown)
        self.assertRegex(shown, r"\nstep +loss +val\.acc\n")
        self.assertNotIn("0.111", shown)
        head = self.both("team/demo").split("\n")[0].split()
        self.assertIn("loss", head)
        self.assertEqual([word for word in head if word.startswith(("w.", "pictures", "t."))], [])
        self.assertIn("t.nrows", self.both("team/demo", "--csv"))

    def test_projects(self):
        self.serve()
        self.assertIn("no script", self.both())
        self.assertEqual(json.loads(self.both("--json")), [])
        self.record("x", rows=[{"a": 1}])
        self.record("y", project="a b")
        self.assertIn("team/demo", self.both())
        self.assertEqual([(p["entity"], p["project"], p["runs"]) for p in json.loads(self.both("--json"))],
                         [("team", "a b", 1), ("team", "demo", 1)])

    def test_runs_of_a_project(self):
        self.recorded()
        table = self.both("team/demo")
        head = table.splitlines()[0].split()
        self.assertEqual(head[:3], ["run", "name", "state"], table)
        for column in "lr", "opt.beta", "loss", "val.acc", "tags":
            self.assertIn(column, head)
        self.assertNotIn("model", head)  # it does not differ
        self.assertIn("several entities", self.refused("demo"))
        self.assertIn("other", self.both("a b"))
        self.assertIn("no project and no run 'nothing'", self.refused("nothing", code=3))

    def test_where_and_sort(self):
        self.recorded()
        self.assertEqual(self.names(), ["run0", "run1", "run2", "run3"])
        self.assertEqual(self.names("--desc", "--limit", "2"), ["run3", "run2"])
        self.assertEqual(self.names("--sort", "loss"), ["run3", "run1", "run0", "run2"])
        self.assertEqual(self.names("--sort", "loss", "--desc"), ["run0", "run1", "run3", "run2"])
        self.assertEqual(self.names("--sort", "opt.beta", "--desc"), ["run3", "run2", "run1", "run0"])
        self.assertEqual(self.names("--where", "lr = 0.1"), ["run0", "run2"])
        self.assertEqual(self.names("--where", "lr<0.05 and loss < 0.2"), ["run3"])
        self.assertEqual(self.names("--where", "state = failed or tags = good"), ["run2", "run3"])
        self.assertEqual(self.names("--where", "display ~ '[02]$'"), ["run0", "run2"])
        self.assertEqual(self.names("--where", "display !~ \"[02]$\" and lr != 0.1"), ["run1", "run3"])
        self.assertEqual(self.names("--where", "created > 2001-01-01"), ["run0", "run1", "run2", "run3"])
        self.assertEqual(self.names("--where", '{"config.opt.beta": {"$in": [1, 2]}}'), ["run1", "run2"])
        self.assertEqual(self.names("--state", "failed"), ["run2"])
        for words, said in (("lr", "one of ="), ("lr <", "a value is missing"), ("lr < 1 xor", "expected `and` or `or`"), ("", "a name is missing"),
                            ('{"x', "--where"), ('{"stat": 1}', "unknown field 'stat'"), ("display ~ '('", "$regex")):
            self.assertIn(said, self.refused("team/demo", "--where", words), words)
        self.assertIn("'los' is unknown", self.refused("team/demo", "--columns", "los"))

    def test_csv(self):
        self.recorded()
        rows = list(csv.DictReader(io.StringIO(self.both("team/demo", "--csv"))))
        self.assertEqual(list(rows[0])[:9], ["Name", "ID", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep"])
        self.assertEqual([(r["ID"], r["Name"], r["State"], r["lr"], r["model"], r["opt.beta"], r["loss"]) for r in rows],
                         [("run0", "name 0", "finished", "0.1", "net", "0", "0.5"), ("run1", "name 1", "finished", "0.01", "net", "1", "0.25"),
                          ("run2", "name 2", "failed", "0.1", "net", "2", "NaN"), ("run3", "name 3", "finished", "0.01", "net", "3", "0.125")])
        self.assertEqual(self.both("team/demo", "--csv", "--columns", "tags"), "tags\n\n\n\ngood\n")
        self.assertRegex(rows[0]["Created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(self.both("team/demo", "--csv", "--columns", "name,loss,config.lr").splitlines()[:2], ["name,loss,config.lr", "run0,0.5,0.1"])

        (self.root / "runs.csv").write_text(self.both("team/demo", "--csv"))
        self.besom("import", self.root / "runs.csv", "--metric", "loss", "--store", self.root / "imported")
        best = json.loads(self.besom("best", "last", "--json", "--store", self.root / "imported"))
        self.assertEqual((best["objective"], best["params"]["lr"]), (0.125, 0.01))

    def test_export_with_the_names_of_wandb(self):
        other = self.root / "other"
        (self.root / "spec.yaml").write_text("method: grid\nmetric: {name: loss, goal: minimize}\nparameters: {x: {values: [1, 2]}}\n"
                                             "command: [sh, -c, 'echo \"{\\\"loss\\\": 0.5}\"', '${args}']\nreport: {stdout: json}\n")
        self.besom("run", self.root / "spec.yaml", "--store", other, "--quiet")
        rows = list(csv.DictReader(io.StringIO(self.besom("export", "last", "--csv", "--wandb", "--store", other))))
        self.assertEqual([(r["Name"].split("-")[1], r["State"], r["x"], r["loss"]) for r in rows],
                         [("0", "finished", "1", "0.5"), ("1", "finished", "2", "0.5")])
        lines = self.besom("export", "last", "--jsonl", "--wandb", "--store", other).splitlines()
        self.assertEqual([json.loads(line)["config"] for line in lines], [{"x": 1}, {"x": 2}])

    def test_one_run(self):
        self.recorded()
        for name in "run2", "team/demo/run2":
            text = self.both(name)
            for line in ("project   team/demo", "state     failed (exit code 1)", "  lr: 0.1", "  opt.beta: 2", "  val.acc: 0.2", "last rows", "hello"):
                self.assertIn(line, text)
            run = json.loads(self.both(name, "--json"))
            self.assertEqual((run["config"]["opt"], run["exit_code"], run["rows"], run["last_rows"][0]), ({"beta": 2}, 1, 2, {"loss": 9, "_step": 0}))
        self.assertIn("there is no project and no run", self.refused("team/demo/none", code=3))

    def test_completion(self):
        self.recorded()
        self.assertIn("demo", self.besom("completion", "--list", "projects", "--store", self.store).split())


if __name__ == "__main__":
    fleet.main()
