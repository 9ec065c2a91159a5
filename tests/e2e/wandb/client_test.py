#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts with wandb's own client, from the packages of requirements.txt, which are installed into build/libraries the
first time. Skipped where they cannot be had."""
import hashlib
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "run"))
import scene  # noqa: E402

driver = scene.driver

WANTED = pathlib.Path(__file__).resolve().parent / "requirements.txt"


def site(wanted):
    """Where the packages of this file are installed."""
    return driver.ROOT / "build" / "libraries" / hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]


SITE = site(WANTED)
INSTALL_SECONDS = 180
SPEC = """
program: train.py
workdir: .
method: grid
metric: {name: loss, goal: minimize}
parameters: {lr: {values: [0.5, 0.25]}}
"""


def install(wanted=WANTED):
    """None, or why there are no such packages."""
    if site(wanted).exists():
        return None
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


class Client(scene.Case):
    def setUp(self):
        super().setUp()
        self.env["PYTHONPATH"] = str(SITE)
        for name in "CACHE", "CONFIG", "DATA":
            self.env["WANDB_%s_DIR" % name] = str(self.folder.parent / name)

    def run_script(self, text, spec=SPEC, code=0):
        self.write("train.py", text)
        self.write("sweep.yaml", spec)
        self.besom("run", "sweep.yaml", code=code)
        return self.by_number()

    def test_what_is_logged_is_what_besom_holds(self):
        trials = self.run_script('''
import wandb
run = wandb.init(project="demo", tags=["a"], config={"layers": 3})
assert run.config.layers == 3 and run.sweep_id in run.id
for i in range(30):
    run.log({"loss": run.config.lr / (i + 1), "deep": {"a": i}, "name": "x", "nan": float("nan"), "ok": i > 3})
run.log({"late": 1}, step=100)
run.log({"table": wandb.Table(columns=["a"], data=[[1]])})
run.summary["only"] = 7
''')
        for trial, lr in zip(trials, (0.5, 0.25)):
            self.assertEqual((trial["state"], trial["params"]), ("finished", {"lr": lr}))
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

    def test_many_rows(self):
        trials = self.run_script('''
import wandb
run = wandb.init()
for i in range(20000):
    run.log({"loss": i})
''', SPEC.replace("[0.5, 0.25]", "[0.5]"))
        lines = self.besom("metrics", trials[0]["id"], "--json").splitlines()
        self.assertEqual([json.loads(line)["metrics"]["loss"] for line in lines], list(range(20000)))


if __name__ == "__main__":
    missing = install()
    if missing:
        print("SKIPPED: wandb's client is not here: " + missing, file=sys.stderr)
        sys.exit(77)
    driver.main()
