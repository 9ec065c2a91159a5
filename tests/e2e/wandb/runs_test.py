#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that report to a controller by wandb's own client, outside of sweeps: what was logged is what besom holds."""
import json
import math
import re
import subprocess
import sys

import desk


class Runs(desk.Case):
    def test_what_is_logged_is_what_besom_holds(self):
        self.serve()
        self.script('''
import wandb
run = wandb.init(project="demo", entity="team", name="first", config={"lr": 0.1, "deep": {"a": [1, 2]}}, tags=["a", "b"],
                 notes="some words", group="g", job_type="train")
for i in range(50):
    run.log({"loss": 1 / (i + 1), "deep": {"a": i}, "nan": float("nan"), "inf": float("inf"), "text": "é"})
run.log({"late": 1}, step=100)
run.config.update({"added": None})
run.summary["only"] = 7
print("printed")
''')
        run, = self.runs()
        self.assertEqual((run["entity"], run["project_name"], run["display"], run["state"], run["exit_code"]),
                         ("team", "demo", "first", "finished", 0))
        self.assertEqual((run["tags"], run["notes"], run["run_group"], run["job_type"]),
                         (["a", "b"], "some words", "g", "train"))
        config = {k: v["value"] for k, v in run["config"].items()}
        self.assertEqual((config["lr"], config["deep"], config["added"]), (0.1, {"a": [1, 2]}, None))
        rows = self.rows(run)
        self.assertEqual([row["_step"] for row in rows], list(range(50)) + [100])
        for i, row in enumerate(rows[:50]):
            self.assertEqual((row["loss"], row["deep"]["a"], row["text"], row["inf"]), (1 / (i + 1), i, "é", math.inf))
            self.assertTrue(math.isnan(row["nan"]))
        self.assertEqual(run["history"], 51)
        self.assertEqual((run["summary"]["only"], run["summary"]["late"], run["summary"]["loss"]), (7, 1, 1 / 50))
        self.assertTrue(any("printed" in line for line in run["log_lines"]), run["log_lines"])

    def test_over_tls(self):
        """As on another machine: with eval "$(besom wandb)"."""
        self.listen = "0.0.0.0:0"
        self.serve()
        for name in "WANDB_BASE_URL", "WANDB_API_KEY":
            del self.env[name]
        _, port, pin = re.match(r"(.*):(\d+)#(.*)", self.url).groups()
        self.env["BESOM_SERVER"] = "https://localhost:%s#%s" % (port, pin)
        shell = subprocess.run(["sh", "-ec", 'eval "$("$0" wandb)" && exec "$1" -c "$2"', self.binary, sys.executable, '''
import wandb
with wandb.init(project="tls") as run:
    for i in range(3):
        run.log({"i": i})
    open("notes.txt", "w").write("all of it")
    run.save("notes.txt", policy="now")
    artifact = wandb.Artifact("data", "dataset")
    artifact.add_file("notes.txt")
    run.log_artifact(artifact).wait()
read = wandb.Api().run("tls/" + run.id)
assert [row["i"] for row in read.scan_history()] == [0, 1, 2]
assert open(read.file("notes.txt").download("read", replace=True).name).read() == "all of it"
assert wandb.Api().artifact("tls/data:latest").download("fetched")
'''], env=self.env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
                               timeout=desk.SCRIPT_SECONDS)
        self.assertEqual(shell.returncode, 0, shell.stdout)
        self.assertEqual([(run["state"], run["history"]) for run in self.runs()], [("finished", 3)])

    def test_names(self):
        """A run without a name gets one; projects and entities are whatever the script says."""
        self.serve()
        self.script('''
import wandb
for project in "MLOps Basics", "MLOps Basics", "a+b=ü":
    with wandb.init(project=project) as run:
        assert run.entity == "besom" and run.name, run.name
        run.log({"a": 1})
wandb.init().finish()
''')
        runs = self.runs()
        self.assertEqual([r["project_name"] for r in runs], ["MLOps Basics"] * 2 + ["a+b=ü", "uncategorized"])
        self.assertEqual([r["display"].split("-")[2] for r in runs], ["1", "2", "1", "1"])
        self.assertEqual([r["state"] for r in runs], ["finished"] * 4)
        self.assertEqual([len(r["name"]) for r in runs], [8] * 4)

    def test_resume(self):
        """allow, must, never and auto; a script that goes on begins after the last step."""
        self.serve()
        script = """
import sys, wandb
run = wandb.init(project="demo", id="one", resume=sys.argv[1])
assert run.resumed == (sys.argv[2] == "True") and run.starting_step == int(sys.argv[3]), (run.resumed, run.starting_step)
if run.resumed:
    assert run.config.lr == 0.5 and run.summary["loss"] == 2 and tuple(run.tags) == ("a",), (run.config, run.tags)
run.config.lr = 0.5
run.tags = ("a",)
for i in range(3):
    run.log({"loss": i})
print("printed by", sys.argv[3])
"""
        self.script(script, args=("allow", False, 0))
        self.script(script, args=("allow", True, 3))
        self.script(script, args=("must", True, 6))
        self.assertIn("already exists", self.script(script, code=1, args=("never", True, 6)))
        missing = self.script('import wandb; wandb.init(project="demo", id="two", resume="must")', code=1)
        self.assertIn("does not exist", missing)
        run, = self.runs()
        self.assertEqual([(r["_step"], r["loss"]) for r in self.rows(run)], [(i, i % 3) for i in range(9)])
        self.assertEqual((run["state"], run["history"], run["config"]["lr"]["value"]), ("finished", 9, 0.5))
        printed = [line.rpartition("printed by ")[2] for line in run["log_lines"] if "printed by" in line]
        self.assertEqual(printed, ["0", "3", "6"])

    def test_resume_of_a_script_that_was_killed(self):
        """auto: the next script in the same folder continues its run."""
        self.serve()
        script = """
import os, time, wandb
run = wandb.init(project="demo", resume="auto")
for i in range(run.starting_step, run.starting_step + 3):
    run.log({"a": i})
if not os.path.exists("begun"):
    open("begun", "w").close()
    while True:
        time.sleep(0.1)
"""
        first = self.begin_script(script)
        desk.wait_until(lambda: len([r for run in self.runs_there() for r in self.rows(run)]) == 3, "the rows")
        first.kill()
        first.communicate()
        self.assertEqual([r["state"] for r in self.runs()], ["running"])  # nobody has said that it ended
        self.script(script)
        run, = self.runs()
        self.assertEqual((run["state"], [r["a"] for r in self.rows(run)]), ("finished", list(range(6))))

    def test_rewind_and_fork(self):
        self.serve()
        self.script("""
import wandb
run = wandb.init(project="demo", id="one")
for i in range(10):
    run.log({"loss": i, "late": 1} if i > 5 else {"loss": i})
run.finish()
run = wandb.init(project="demo", resume_from="one?_step=4")
for i in range(3):
    run.log({"loss": 100 + i})
""")
        run, = self.runs()
        self.assertEqual([(r["_step"], r["loss"]) for r in self.rows(run)],
                         [(i, i) for i in range(5)] + [(5 + i, 100 + i) for i in range(3)])
        self.assertEqual((run["history"], run["summary"]["loss"], "late" in run["summary"]), (8, 102, False))

    def test_ends(self):
        """How a run ends is what its script's end was; a run that has ended is opened again by what is logged."""
        self.serve()
        start = 'import sys, wandb\nrun = wandb.init(project="demo", id=%r)\nrun.log({"a": 1})\n'
        self.script(start % "fails" + "sys.exit(3)", code=3)
        self.script(start % "raises" + "1 / 0", code=1)
        self.script(start % "says" + "run.finish(exit_code=7)")
        self.script(start % "again")
        self.script(start % "again" + "run.finish()\n" + start % "other" + """
more = wandb.init(project="demo", id="more", reinit="create_new")
more.log({"a": 1})
run.log({"a": 2})
""")
        ends = {r["name"]: (r["state"], r["exit_code"], r["history"]) for r in self.runs()}
        self.assertEqual(ends, {"fails": ("failed", 3, 1), "raises": ("failed", 1, 1), "says": ("failed", 7, 1),
                                "again": ("finished", 0, 2), "other": ("finished", 0, 2), "more": ("finished", 0, 1)})

    def test_stop(self):
        """The script gets KeyboardInterrupt; what it had logged is there."""
        self.serve()
        script = self.begin_script("""
import time, wandb
run = wandb.init(project="demo", id="one")
i = 0
while True:
    run.log({"a": i})
    i += 1
    time.sleep(0.2)
""")
        self.addCleanup(script.kill)
        desk.wait_until(lambda: self.rows_of("one"), "a row")
        self.assertEqual(self.graphql("StopRun", id=self.id_of("one"))["stopRun"], {"success": True})
        out, _ = script.communicate(timeout=60)
        run, = self.runs()
        self.assertEqual((run["state"], run["exit_code"]), ("killed", 255), out)
        self.assertEqual([r["a"] for r in self.rows(run)], list(range(run["history"])))

    def test_preemption(self):
        self.serve()
        self.script("""
import os, signal, time, wandb
run = wandb.init(project="demo", id="one")
run.log({"a": 1})
run.mark_preempting()
time.sleep(2)
run.finish(exit_code=1)
""")
        self.assertEqual([r["state"] for r in self.runs()], ["preempted"])
        self.script('import wandb; r = wandb.init(project="demo", id="one", resume="allow"); r.log({"a": 2})')
        self.assertEqual([(r["state"], r["history"]) for r in self.runs()], [("finished", 2)])

    def test_updates(self):
        """A run is changed after its end through wandb.Api(), by its id; and removed."""
        self.serve()
        self.script('import wandb; r = wandb.init(project="demo", id="one", config={"a": 1}); r.log({"x": 1})')
        run_id = self.id_of("one")
        answer = self.graphql("UpsertBucket", id=run_id, display_name="new", tags=["t"], notes="n", groupName="g",
                              config=json.dumps({"b": {"value": 2}}))["upsertBucket"]
        self.assertEqual((answer["bucket"]["name"], answer["inserted"]), ("one", False))
        self.graphql("UpsertBucket", id=run_id, summaryMetrics='{"best": 3}')
        run, = self.runs()
        self.assertEqual((run["display"], run["tags"], run["notes"], run["run_group"], run["state"], run["config"],
                          run["summary"]),
                         ("new", ["t"], "n", "g", "finished", {"b": {"value": 2}}, {"best": 3}))
        self.assertIn("no such run", self.graphql("UpsertBucket", id="nonsense", display_name="x"))
        self.assertIn("JSON object", self.graphql("UpsertBucket", id=run_id, config="[]"))
        self.assertEqual(self.graphql("DeleteRun", id=run_id)["deleteRun"], {"success": True})
        self.assertEqual(self.runs(), [])
        with self.database() as db:
            self.assertEqual([db.execute("SELECT count(*) FROM %s" % t).fetchone()[0] for t in ("lines", "document")],
                             [0, 0])

    def test_alerts(self):
        """Kept, printed by the controller, and passed on to a program."""
        heard = self.root / "heard"
        hook = self.folder / "hook"
        hook.write_text("#!/bin/sh\ncat >> %s\necho >> %s\n" % (heard, heard))
        hook.chmod(0o755)
        controller = self.serve("--alert", hook)
        self.script("""
import wandb
run = wandb.init(project="demo", id="one")
for i in range(3):
    run.alert("Low accuracy", "it is %d" % i, level="WARN", wait_duration=300)
run.alert("Other", "words")
""")
        with self.database() as db:
            alerts = [tuple(r) for r in db.execute("SELECT title, text, severity FROM alert ORDER BY n")]
        self.assertEqual(alerts, [("Low accuracy", "it is 0", "WARN"), ("Other", "words", "INFO")])
        desk.wait_until(lambda: heard.exists() and len(heard.read_text().splitlines()) == 2, "the program")
        first = json.loads(heard.read_text().splitlines()[0])
        self.assertEqual((first["kind"], first["project"], first["run"], first["title"], first["text"], first["level"]),
                         ("run", "demo", "one", "Low accuracy", "it is 0", "WARN"))
        self.assertIn('"title":"Other"', self.said(controller))
        self.besom("serve", "--store", self.root / "x", "--alert", "/nowhere", code=2)

    def test_controller_is_killed(self):
        """Scripts go on without it, and what they logged meanwhile comes when it is back."""
        self.serve()
        script = """
import os, sys, time, wandb
run = wandb.init(project="demo", id=sys.argv[1])
for i in range(300):
    run.log({"a": i})
    if i == 100:
        time.sleep(1.5)  # some of it was sent
        open("begun." + sys.argv[1], "w").close()
        while not os.path.exists("back"):
            time.sleep(0.05)
"""
        scripts = [self.begin_script(script, [name]) for name in ("one", "two")]
        for name in "one", "two":
            self.wait_for("begun." + name)
        self.kill_besom(self.controller)
        self.serve()
        self.touch("back")
        for process in scripts:
            out, _ = process.communicate(timeout=desk.SCRIPT_SECONDS)
            self.assertEqual(process.returncode, 0, out)
        self.assertEqual([(r["state"], [row["a"] for row in self.rows(r)]) for r in self.runs()],
                         [("finished", list(range(300)))] * 2)

    def test_who_may(self):
        self.serve()
        viewer = self.besom("token", "create", "--scope", "viewer", "--store", self.store).strip()
        self.assertEqual(self.graphql("Viewer", token=viewer)["viewer"]["entity"], "besom")
        self.assertIn("may only read", self.graphql("UpsertBucket", token=viewer, name="x", project="p"))
        self.assertEqual(self.ask("/files/besom/p/x/file_stream", {}, token=viewer)[0], 403)
        status, answer = self.ask("/graphql", {"query": "query Viewer { x }"}, token="x" * 40)
        self.assertEqual((status, bool(answer["errors"][0]["message"])), (401, True))
        self.assertEqual(self.ask("/sdk/otel/v1/logs", b"", token="x"), (200, {}))
        # Clients of 2024 end where one of these fails; wandb 0.16.6 takes CreateRunFiles for its files then.
        self.assertIn("createRunFiles", str(self.graphql("ProbeServerCapabilities")))
        self.assertIsInstance(self.graphql("ProbeServerSettings"), dict)
        self.assertIn("does not support the operation Nonsense", self.graphql("Nonsense"))
        self.assertEqual(self.ask("/graphql", b"{")[0], 200)
        self.assertEqual(self.ask("/files/besom/p/x/file_stream", {})[0], 404)


if __name__ == "__main__":
    desk.main()
