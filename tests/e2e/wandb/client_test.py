#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts with wandb's own client, from the packages of requirements.txt, which are installed into build/libraries the
first time. Skipped where they cannot be had."""
import fcntl
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "run"))
import scene  # noqa: E402

driver = scene.driver

WANTED = pathlib.Path(__file__).resolve().parent / "requirements.txt"


def site(wanted):
    """Where the packages of this file are installed."""
    return driver.ROOT / "build" / "libraries" / hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]


SITE = site(WANTED)
INSTALL_SECONDS = 180
FAILED_SECONDS = 1800  # the tests that follow do not try it again
SPEC = """
program: train.py
workdir: .
method: grid
metric: {name: loss, goal: minimize}
parameters: {lr: {values: [0.5, 0.25]}}
"""


def install(wanted=WANTED):
    """None, or why there are no such packages. Tests that run side by side wait for one another."""
    site(wanted).parent.mkdir(parents=True, exist_ok=True)
    with open(str(site(wanted)) + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        failed = pathlib.Path(str(site(wanted)) + ".failed")
        if site(wanted).exists():
            return None
        if failed.exists() and time.time() - failed.stat().st_mtime < FAILED_SECONDS:
            return failed.read_text()
        why = install_alone(wanted)
        if why:
            failed.write_text(why)
        return why


def install_alone(wanted):
    part = site(wanted).with_name(site(wanted).name + ".part")
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(part), "-r", str(wanted)]
    try:
        done = subprocess.run(command, timeout=INSTALL_SECONDS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True)
    except subprocess.TimeoutExpired:
        return "pip takes longer than %d seconds" % INSTALL_SECONDS
    if done.returncode:
        return "pip cannot install it: " + done.stdout.strip()[-300:]
    part.rename(site(wanted))
    return None


class Case(scene.Case):
    def setUp(self):
        super().setUp()
        self.env["PYTHONPATH"] = str(SITE)
        for name in "CACHE", "CONFIG", "DATA":
            self.env["WANDB_%s_DIR" % name] = str(self.folder.parent / name)
        # The client gives up after 30 and 90 s, which a machine that is busy with other tests may need.
        self.env.update(WANDB_INIT_TIMEOUT="400", WANDB_X_SERVICE_WAIT="400")

    def recorded(self):
        """The runs in the store, by name, with config, summary, rows and files."""
        db = sqlite3.connect("file:%s?mode=ro" % (self.store / "runs.db"), uri=True)
        db.row_factory = sqlite3.Row
        runs = {row["name"]: dict(row) for row in db.execute("SELECT * FROM run")}
        for run in runs.values():
            for kind, name in enumerate(("config", "summary")):
                text = db.execute("SELECT text FROM document WHERE run=? AND kind=?", (run["n"], kind)).fetchone()
                run[name] = json.loads(text[0]) if text else {}
            chunks = db.execute("SELECT text FROM lines WHERE run=? AND stream=0 ORDER BY first", (run["n"],))
            run["rows"] = [json.loads(line) for chunk in chunks for line in chunk["text"].split("\n")]
            files = db.execute("SELECT name, hash FROM file WHERE kind=0 AND owner=?", (run["n"],))
            run["files"] = {f["name"]: (self.store / "files" / f["hash"][:2] / f["hash"]).read_bytes() for f in files}
        db.close()
        return runs

    def run_script(self, text, spec=SPEC, code=0):
        self.write("train.py", text)
        self.write("sweep.yaml", spec)
        try:
            self.besom("run", "sweep.yaml", code=code)
        except AssertionError as e:
            logs = "".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.store.glob("logs/*/*")))
            raise AssertionError("%s\nwhat the scripts printed:\n%s" % (e, logs)) from None
        return self.by_number()


class Client(Case):
    def test_what_is_logged_is_what_besom_holds(self):
        trials = self.run_script('''
import wandb
run = wandb.init(project="demo", tags=["a"], config={"layers": 3})
assert run.config.layers == 3 and run.sweep_id in run.id
assert run.project == "uncategorized"  # a sweep's project wins
for i in range(30):
    run.log({"loss": run.config.lr / (i + 1), "deep": {"a": i}, "name": "x", "nan": float("nan"), "ok": i > 3})
run.log({"late": 1}, step=100)
run.log({"table": wandb.Table(columns=["a"], data=[[1]])})
open("mine.txt", "w").write("content")
wandb.save("mine.txt")
run.summary["only"] = 7
''')
        runs = self.recorded()
        for trial, lr in zip(trials, (0.5, 0.25)):
            self.assertEqual((trial["state"], trial["params"]), ("finished", {"lr": lr}))
            run = runs[trial["id"]]
            self.assertEqual((run["state"], run["tags"], run["config"]["layers"], run["config"]["lr"]),
                             ("finished", '["a"]', {"value": 3}, {"value": lr}))
            # What is logged twice at a step is one row.
            self.assertEqual((len(run["rows"]), run["summary"]["only"], run["summary"]["loss"]), (31, 7, lr / 30))
            self.assertIn(run["rows"][30]["table"]["path"], run["files"])
            self.assertEqual(run["files"]["mine.txt"], b"content")
            points = [p for p in self.points(trial) if "loss" in p["metrics"]]
            self.assertEqual([p["step"] for p in points], list(range(30)))
            for i, point in enumerate(points):
                have = point["metrics"]
                self.assertEqual((have["loss"], have["deep.a"], have["nan"], have["ok"]),
                                 (lr / (i + 1), i, "NaN", i > 3))
                self.assertNotIn("name", have)
            last = {k: v for p in self.points(trial) for k, v in p["metrics"].items()}
            self.assertEqual((last["late"], last["only"]), (1, 7))
            self.assertEqual(trial["objective"], lr / 30)
        self.besom("rm", "--yes", "last")
        self.assertEqual(self.recorded(), {})

    def test_a_script_that_fails(self):
        trials = self.run_script('''
import wandb
run = wandb.init()
run.log({"loss": 3})
raise SystemExit(3)
''', SPEC.replace("[0.5, 0.25]", "[0.5]"), code=1)
        self.assertEqual([(t["state"], t["reason"], t["objective"]) for t in trials], [("failed", "exit", 3)])

    def test_besom_is_killed(self):
        self.write("train.py", '''
import os, time, wandb
run = wandb.init()
for i in range(200):
    run.log({"loss": i})
    if i == 100:
        time.sleep(2)  # the client has sent some of it
        open("begun", "w").close()
        while not os.path.exists("killed"):
            time.sleep(0.05)
''')
        self.write("sweep.yaml", SPEC.replace("[0.5, 0.25]", "[0.5]"))
        run = self.begin("run", "sweep.yaml")
        self.wait_for("begun", run)
        self.kill_besom(run)
        self.touch("killed")
        self.besom("run", "sweep.yaml")
        trial, = self.by_number()
        self.assertEqual((trial["state"], trial["attempts"]), ("finished", 1))
        self.assertEqual([p["metrics"]["loss"] for p in self.points(trial)], list(range(200)))

    def test_offline(self):
        """What reports to nobody is read when the trial ends; a script that is killed has most of it."""
        self.env["WANDB_MODE"] = "offline"
        trials = self.run_script('''
import os, signal, time, wandb
run = wandb.init()
for i in range(500):
    run.log({"loss": i, "deep": {"a": i}})
run.summary["only"] = 7
if run.config.lr == 0.25:
    os.kill(os.getpid(), signal.SIGKILL)
run.finish()
time.sleep(1.1)  # its folder is named by the second
run = wandb.init()
run.log({"loss": 1000})
''')
        self.assertEqual([t["state"] for t in trials], ["finished", "failed"])
        points = self.points(trials[0])
        deep = [p["metrics"]["deep.a"] for p in points if "deep.a" in p["metrics"]]
        self.assertEqual(deep, list(range(500)))
        self.assertEqual([p["step"] for p in points if p["metrics"].get("loss") == 1000], [0])  # of the second run
        self.assertEqual([p["metrics"]["only"] for p in points if "only" in p["metrics"]], [7])
        cut = [p["metrics"]["loss"] for p in self.points(trials[1])]
        self.assertEqual(cut, list(range(len(cut))))
        runs = self.recorded()
        whole, killed = (runs[trial["id"]] for trial in trials)
        self.assertEqual((whole["state"], [row["loss"] for row in whole["rows"]]), ("finished", [*range(500), 1000]))
        self.assertEqual((killed["state"], killed["exit_code"]), ("failed", 137))
        self.assertEqual([row["loss"] for row in killed["rows"]], cut)

    def test_a_stopped_script_loses_no_row(self):
        """It is interrupted as wandb interrupts: its own hooks run, and all that was logged is sent."""
        self.env["WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL"] = "60"  # the client has sent the first rows alone
        self.write("train.py", '''
import atexit, time, wandb
run = wandb.init()
atexit.register(lambda: open("hook", "w").close())
i = 0
try:
    while True:
        run.log({"loss": i})
        i += 1
        if i == 2000:
            open("begun", "w").close()
        if i >= 2000:
            time.sleep(0.01)
finally:
    open("logged", "w").write(str(i))
''')
        self.write("sweep.yaml", SPEC.replace("[0.5, 0.25]", "[0.5]"))
        run = self.begin("run", "sweep.yaml")
        self.wait_for("begun", run)
        self.besom("cancel", "last")
        self.end(run, 1)
        trial, = self.by_number()
        logged = int((self.folder / "logged").read_text())
        self.assertEqual((trial["state"], (self.folder / "hook").exists()), ("cancelled", True))
        losses = [p["metrics"]["loss"] for p in self.points(trial)]
        self.assertIn(len(losses), (logged, logged + 1))  # the interrupt may come between the two lines
        self.assertEqual(losses, list(range(len(losses))))
        self.assertEqual(len(self.recorded()[trial["id"]]["rows"]), len(losses))

    def test_many_rows(self):
        """BESOM_MANY_ROWS=100000 takes a minute of CPU, nearly all of it the client's."""
        rows = int(os.environ.get("BESOM_MANY_ROWS", 20000))
        trials = self.run_script('''
import wandb
run = wandb.init()
for i in range(%d):
    run.log({"loss": i})
''' % rows, SPEC.replace("[0.5, 0.25]", "[0.5]"))
        lines = self.besom("metrics", trials[0]["id"], "--json").splitlines()
        self.assertEqual([json.loads(line)["metrics"]["loss"] for line in lines], list(range(rows)))
        run = self.recorded()[trials[0]["id"]]
        self.assertEqual([row["loss"] for row in run["rows"]], list(range(rows)))


if __name__ == "__main__":
    missing = install()
    if missing:
        print("SKIPPED: wandb's client is not here: " + missing, file=sys.stderr)
        sys.exit(77)
    driver.main()
