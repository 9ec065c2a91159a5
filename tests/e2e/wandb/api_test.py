#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""wandb.Api() against a controller: what scripts logged is read back number by number, filtered and sorted."""
import json
import sys

import client_test
import desk

LOG = '''
import wandb
for i in range(6):
    with wandb.init(project="demo", entity="team", id="r%d" % i, name="run %d" % i, tags=["even"] if i % 2 == 0 else ["odd", "x y"],
                    config={"lr": 10.0 ** -i, "opt": {"name": "adam" if i < 3 else "sgd"}, "n": i, "flag": i == 2},
                    group="g%d" % (i // 3), job_type="train", notes="note %d" % i) as run:
        for step in range(20):
            run.log({"loss": (i - 3) ** 2 + 1 / (step + 1), "deep": {"a": step * i}, "nan": float("nan"),
                     **({"m": [3, 1, 2, -0.5, float("nan")][i]} if i < 5 else {})})
'''
READ = '''
import json, math, wandb
api = wandb.Api(timeout=60)
def names(filters=None, order="+created_at", **more):
    return [r.id for r in api.runs("team/demo", filters=filters, order=order, **more)]
'''


class Api(desk.Case):
    def read(self, text, **env):
        """What the script prints, as JSON."""
        return json.loads(self.script(READ + text, **env).strip().splitlines()[-1])

    def test_runs(self):
        self.serve()
        self.script(LOG)
        self.filters_and_orders()
        self.a_run_whole()

    def filters_and_orders(self):
        got = self.read('''
runs = api.runs("team/demo", per_page=2)
print(json.dumps({
    "all": names(), "length": len(runs), "pages": [r.id for r in runs], "at": runs[3].id,
    "state": names({"state": "finished"}), "none": names({"state": "running"}),
    "config": names({"config.n": {"$gte": 2, "$lt": 5}}), "value": names({"config.lr.value": 0.1}),
    "nested": names({"config.opt.name": "sgd"}), "nested_value": names({"config.opt.value.name": "sgd"}),
    "flag": names({"config.flag": True}), "summary": names({"summary_metrics.loss": {"$lt": 2}}),
    "tags": names({"tags": "even"}), "in": names({"tags": {"$in": ["x y"]}}), "nin": names({"tags": {"$nin": ["even"]}}),
    "or": names({"$or": [{"config.n": 0}, {"display_name": {"$regex": "run [45]"}}]}),
    "and": names({"$and": [{"group": "g0"}, {"jobType": "train"}, {"username": {"$ne": "nobody"}}]}),
    "not": names({"$not": {"config.n": {"$in": [0, 1, 2]}}}), "exists": names({"summary_metrics.m": {"$exists": False}}),
    "created": names({"created_at": {"$gt": "2001-01-01"}}), "future": names({"created_at": {"$gt": "2901-01-01T00:00:00"}}),
    "by_m": names(order="+summary_metrics.m"), "by_m_desc": names(order="-summary_metrics.m"),
    "by_lr": names(order="+config.lr"), "by_lr_desc": names(order="-config.lr.value"), "newest": names(order="-created_at"),
    "two": names(order="+config.opt.name,-config.n"),
}))
''')
        r = ["r%d" % i for i in range(6)]
        self.assertEqual((got["all"], got["length"], got["pages"], got["at"]), (r, 6, r, "r3"))
        self.assertEqual((got["state"], got["none"]), (r, []))
        self.assertEqual((got["config"], got["value"]), (r[2:5], ["r1"]))
        self.assertEqual((got["nested"], got["nested_value"], got["flag"]), (r[3:], r[3:], ["r2"]))
        self.assertEqual(got["summary"], ["r2", "r3", "r4"])
        self.assertEqual((got["tags"], got["in"], got["nin"]), (r[::2], r[1::2], r[1::2]))
        self.assertEqual((got["or"], got["and"], got["not"]), (["r0", "r4", "r5"], r[:3], r[3:]))
        self.assertEqual((got["exists"], got["created"], got["future"]), (["r5"], r, []))
        self.assertEqual(got["by_m"], ["r3", "r1", "r2", "r0", "r4", "r5"])
        self.assertEqual(got["by_m_desc"], ["r0", "r2", "r1", "r3", "r4", "r5"])
        self.assertEqual((got["by_lr"], got["by_lr_desc"], got["newest"]), (r[::-1], r, r[::-1]))
        self.assertEqual(got["two"], ["r2", "r1", "r0", "r5", "r4", "r3"])

    def a_run_whole(self):
        got = self.read('''
run = api.run("team/demo/r4")
full = run.history(pandas=False)
deep = run.history(keys=["deep.a", "loss"], pandas=False)
few = run.history(samples=5, pandas=False)
scan = list(run.scan_history())
part = list(run.scan_history(keys=["loss"], page_size=7, min_step=3, max_step=15))
events = run.history(stream="system", pandas=False)
projects = [(p.name, p.entity) for p in api.projects("team")]
frame = {"name": run.name, "state": run.state, "config": dict(run.config), "tags": run.tags, "notes": run.notes, "group": run.group,
         "job": run.job_type, "entity": run.entity, "project": run.project, "url": run.url, "last": run.lastHistoryStep}
try:
    api.run("team/demo/none").state
    missing = ""
except Exception as e:
    missing = str(e)
print(json.dumps({"run": frame, "summary": {k: run.summary[k] for k in ("loss", "_step")}, "summary_nan": math.isnan(run.summary["m"]), "nan": math.isnan(full[0]["nan"]),
    "full": [(x["_step"], x["loss"], x["deep"]["a"]) for x in full], "deep": deep, "few": [x["_step"] for x in few],
    "scan": [(x["_step"], x["loss"], x["deep"]["a"]) for x in scan], "scan_nan": math.isnan(scan[0]["nan"]), "part": part,
    "keys": run.history_keys, "projects": projects, "missing": missing, "events": len(events), "user": run.user.username,
    "histories": len(api.runs("team/demo").histories(samples=10)), "full_runs": [r.summary.get("_step") for r in api.runs("team/demo", lazy=False)]}))
''')
        want = [(s, 1 + 1 / (s + 1), s * 4) for s in range(20)]
        run = got["run"]
        self.assertEqual((run["name"], run["state"], run["group"], run["job"], run["notes"]),
                         ("run 4", "finished", "g1", "train", "note 4"))
        self.assertEqual(run["config"], {"lr": 10.0 ** -4, "opt": {"name": "sgd"}, "n": 4, "flag": False})
        self.assertEqual((run["tags"], run["last"]), (["even"], 19))
        self.assertEqual([tuple(x) for x in got["full"]], want)
        self.assertEqual([tuple(x) for x in got["scan"]], want)
        self.assertEqual((got["nan"], got["scan_nan"], got["summary_nan"]), (True, True, True))
        self.assertEqual(got["summary"], {"loss": 1.05, "_step": 19})
        self.assertEqual(got["deep"], [{"_step": s, "deep.a": a, "loss": loss} for s, loss, a in want])
        self.assertEqual((len(got["few"]), got["few"][0], got["few"][-1]), (5, 0, 19))
        self.assertEqual(sorted(got["few"]), got["few"])
        self.assertEqual(got["part"], [{"_step": s, "loss": loss} for s, loss, _ in want[3:15]])
        keys = got["keys"]
        self.assertEqual(keys["lastStep"], 19)
        self.assertEqual(keys["keys"]["loss"]["typeCounts"], [{"type": "number", "count": 20}])
        self.assertEqual((keys["keys"]["deep.a"]["previousValue"], keys["keys"]["nan"]["previousValue"]), (76, "NaN"))
        self.assertEqual(got["projects"], [["demo", "team"]])
        self.assertIn("Could not find run", got["missing"])
        self.assertEqual(got["histories"], 60)
        self.assertEqual(got["full_runs"], [19] * 6)

    def test_a_log(self):
        self.serve()
        self.script('''
import sys, wandb
with wandb.init(project="p", entity="e", id="log") as run:
    for i in range(30):
        print("line %d" % i)
    print("bad", file=sys.stderr)
''')
        got = self.read('''
run = api.run("e/p/log")
print(json.dumps({"all": [(l.number, l.content, l.level, l.timestamp is not None) for l in run.console_logs(per_page=7)],
                  "last": [l.content for l in run.console_logs(last=2)]}))
''')
        lines = [x for x in got["all"] if x[1].startswith("line")]
        self.assertEqual([x[1] for x in lines], ["line %d" % i for i in range(30)])
        self.assertTrue(all(x[3] for x in lines))
        self.assertEqual([x[2] for x in got["all"] if x[1] == "bad"], ["error"])
        self.assertEqual([x[0] for x in got["all"]], list(range(len(got["all"]))))
        self.assertEqual(len(got["last"]), 2)

    def test_many_rows_are_sampled(self):
        self.serve()
        self.graphql("UpsertBucket", name="long", project="p", entity="e")
        rows = [json.dumps(dict({"a": i, "_step": i}, **({"b": i} if i % 2 else {}))) for i in range(5000)]
        self.ask("/files/e/p/long/file_stream", {"files": {"wandb-history.jsonl": {"offset": 0, "content": rows}}, "complete": True, "exitcode": 0})
        got = self.read('''
run = api.run("e/p/long")
a, b = run.history(pandas=False), run.history(keys=["b"], samples=100, pandas=False)
scan = [row["a"] for row in run.scan_history(page_size=900)]
print(json.dumps({"a": [x["a"] for x in a], "b": [x["b"] for x in b], "scan": scan == list(range(5000))}))
''')
        self.assertEqual((len(got["a"]), got["a"][0], got["a"][-1]), (500, 0, 4999))
        self.assertEqual((len(got["b"]), got["b"][0], got["b"][-1]), (100, 1, 4999))
        self.assertEqual((sorted(set(got["a"])), sorted(set(got["b"]))), (got["a"], got["b"]))
        self.assertTrue(got["scan"])

    def test_sweeps(self):
        """best_run is the run with the best value on the way, not the best last one."""
        self.serve()
        sweep = self.script('''
import wandb
spec = {"method": "grid", "metric": {"name": "loss", "goal": "minimize"}, "parameters": {"x": {"values": [1, 2, 3]}, "lr": {"value": 1e-5}}}
losses = {1: [5, 4], 2: [1, 9], 3: [7, 6]}
def train():
    with wandb.init() as run:
        for loss in losses[run.config.x]:
            run.log({"loss": loss})
sweep_id = wandb.sweep(spec, project="swept", entity="team")
wandb.agent(sweep_id, train, project="swept", entity="team", count=3)
print(sweep_id)
''').split()[-1]
        got = self.read('''
sweep_id = "%s"
sweep = api.sweep("team/swept/" + sweep_id)
best, agents = sweep.best_run(), sweep.agents()
print(json.dumps({"id": sweep_id, "best": best.config["x"], "name": best.id, "last": sweep.best_run(order="+summary_metrics.loss,+created_at").config["x"],
    "runs": sorted((r.config["x"], r.sweep_name, r.state) for r in sweep.runs), "lr": sweep.config["parameters"]["lr"]["value"],
    "state": sweep.state, "metric": sweep.config["metric"], "sweeps": [s.id for s in api.project("swept", "team").sweeps()],
    "of": api.run("team/swept/" + best.id).sweep.id, "length": len(sweep.runs), "loss": best.summary["loss"],
    "agents": [(a.totalRuns, len(list(a.runs()))) for a in agents], "expected": sweep.expected_run_count}))
''' % sweep)
        self.assertEqual((got["best"], got["loss"], got["last"]), (2, 9, 1))
        self.assertEqual(got["runs"], [[x, got["id"], "finished"] for x in (1, 2, 3)])
        self.assertEqual((got["lr"], got["metric"]["name"], got["of"], got["length"]), (1e-5, "loss", got["id"], 3))
        self.assertEqual((got["sweeps"], got["expected"], got["state"]), ([got["id"]], 3, "FINISHED"))
        self.assertEqual(got["agents"], [[3, 3]])

    def test_in_a_trial(self):
        """A script that besom started reads through it too; its runs are in the store afterwards."""
        (self.root / "train.py").write_text('''
import json, pathlib, wandb
run = wandb.init()
for step in range(5):
    run.log({"loss": (step - 2) ** 2 + run.config.x})
runs = wandb.Api().runs(run.entity + "/" + run.project)
pathlib.Path("seen-%d" % run.config.x).write_text(json.dumps([(r.config["x"], r.state) for r in runs]))
run.finish()
''')
        (self.root / "spec.yaml").write_text("method: grid\nproject: mine\nmetric: {name: loss, goal: minimize}\n"
                                             "parameters: {x: {values: [1, 2]}}\ncommand: [%s, train.py]\nworkdir: .\n" % sys.executable)
        self.env["PYTHONPATH"] = str(client_test.SITE)
        store = self.root / "own"
        self.besom("run", self.root / "spec.yaml", "--store", store, "--slots", "1", "--quiet")
        self.assertEqual(json.loads((self.root / "seen-2").read_text()), [[1, "finished"], [2, "running"]])
        runs = json.loads(self.besom("runs", "mine", "--json", "--store", store))
        self.assertEqual([(r["config"], r["summary"]["loss"], r["state"], r["rows"]) for r in runs], [({"x": x}, 4 + x, "finished", 5) for x in (1, 2)])
        rows = self.besom("export", "last", "--csv", "--wandb", "--store", store).splitlines()
        self.assertEqual([row.split(",")[0] for row in rows[1:]], [r["name"] for r in runs])

    def test_pages_while_runs_change(self):
        """Further pages go on in the list of the first, though a run has been removed and another one added."""
        self.serve()
        ids = [self.graphql("UpsertBucket", name="n%d" % i, project="p", entity="e")["upsertBucket"]["bucket"]["id"] for i in range(6)]

        def page(cursor, first=False):
            got = self.graphql("Runs", entity="e", project="p", order="-created_at", filters="{}", cursor=cursor, perPage=2)["project"]["runs"]
            return [edge["node"]["name"] for edge in got["edges"]], got["pageInfo"]["endCursor"], got["pageInfo"]["hasNextPage"]

        names, cursor, more = page(None)
        self.assertEqual((names, more), (["n5", "n4"], True))
        self.graphql("UpsertBucket", name="late", project="p", entity="e")
        names, cursor, more = page(cursor)
        self.assertEqual((names, more), (["n3", "n2"], True))
        self.graphql("DeleteRun", id=ids[1])
        names, cursor, more = page(cursor)
        self.assertEqual((names, more), (["n0"], False))
        self.assertEqual(page(None)[0], ["late", "n5"])

    def test_what_older_clients_ask(self):
        self.serve()
        self.graphql("UpsertBucket", name="x", project="p", entity="e")
        rows = [json.dumps({"_step": i, "a": i}) for i in range(20)]
        self.ask("/files/e/p/x/file_stream", {"files": {"wandb-history.jsonl": {"offset": 0, "content": rows}}})
        query = 'query ProbeRunInput {\n RunType: __type(name:"Run") { fields { name } }\n\tOther:__type(name: "X") { name }\n}'
        data = self.ask("/graphql", {"query": query})[1]["data"]
        self.assertEqual(data, {name: {"fields": [], "inputFields": []} for name in ("RunType", "Other")})
        self.assertEqual(self.ask("/graphql", {"query": "query ProbeNothing { x }"})[1]["data"], {})
        self.assertEqual(self.graphql("GetProjects", entity="e")["models"]["edges"][0]["node"]["name"], "p")
        for samples, last, steps in ((7, 10, range(3, 10)), (7, 9, range(3, 10)), (1000, 10, range(3, 10)), (3, 10, (3, 6, 9))):
            spec = json.dumps({"keys": ["a", "_step"], "minStep": 3, "maxStep": last, "samples": samples})
            got = self.graphql("RunSampledHistory", entity="e", project="p", name="x", spec=spec)["project"]["run"]["sampledHistory"][0]
            self.assertEqual([row["_step"] for row in got], list(steps), spec)

    def test_hostile_questions(self):
        """Each is answered by a GraphQL error or an empty list, and the controller serves on."""
        self.serve()
        self.graphql("UpsertBucket", name="x", project="p", entity="e", notes="a" * 40 + "b")
        self.ask("/files/e/p/x/file_stream", {"files": {"wandb-history.jsonl": {"offset": 0, "content": ['{"a": 1, "_step": 0}']}}})
        hostile = ["{", "[]", "7", '"x"', '{"stat": 1}', '{"$where": "1"}', '{"$and": 7}', '{"config.x": {"$near": 1}}',
                   '{"name": {"$regex": "("}}', '{"notes": {"$regex": "(a+)+$"}}', '{"$not":' * 5000, '{"$or":[' * 60 + "{}" + "]}" * 60,
                   '{"name": {"$in": [%s]}}' % ",".join(['"y"'] * 30000), '{"config.%s": 1}' % ("a." * 5000), '{"x": "\\u0000"}',
                   '{"created_at": {"$gt": "not a time"}}', '{"tags": {"$all": []}}', '{"": 1}', '{"config.": 1}']
        for text in hostile:
            got = self.graphql("Runs", entity="e", project="p", filters=text, order="+created_at", perPage=50)
            self.assertTrue(isinstance(got, str) or got["project"]["runCount"] in (0, 1), (text[:50], got))
        for order in "+x", "+" * 9000, "+name," * 50, "-", "":
            got = self.graphql("Runs", entity="e", project="p", filters="{}", order=order)
            self.assertTrue(isinstance(got, str) or got["project"]["runCount"] == 1, order[:50])
        for cursor in "x", "-1:5", "9" * 40 + ":1", "0:", ":":
            got = self.graphql("Runs", entity="e", project="p", cursor=cursor, perPage=-5)
            self.assertLessEqual(len(got["project"]["runs"]["edges"]), 1)
        for name, more in (("RunFullHistory", {"samples": -1}), ("RunFullHistory", {"samples": 10 ** 18}), ("RunSampledHistory", {"specs": ["{"]}),
                           ("RunSampledHistory", {"specs": [7]}), ("RunSampledHistory", {"specs": ['{"keys":[1]}']}), ("HistoryPage", {"minStep": "x"}),
                           ("HistoryPage", {"minStep": 2 ** 62, "maxStep": -2 ** 62}), ("RunConsoleLogTail", {"last": 10 ** 15}),
                           ("RunConsoleLogPage", {"after": "x", "first": 10 ** 15}), ("GetSweep", {"sweep": "../x"}), ("GetSweeps", {}),
                           ("GetAgentRuns", {"sweep": "none", "agentID": "a"}), ("GetProject", {"name": 7}), ("RunHistoryKeys", {})):
            got = self.graphql(name, entity="e", project="p", name="x", **{k: v for k, v in more.items() if k != "name"})
            self.assertTrue(got, name)
        self.assertEqual(self.graphql("Runs", entity="e", project="p")["project"]["runCount"], 1)


if __name__ == "__main__":
    desk.main()
