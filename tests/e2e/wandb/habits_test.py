#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts with wandb do besides logging in a loop, by wandb's own client under `besom run`: one trial each."""
import json
import sys

import client_test as client

scene, driver = client.scene, client.driver

SCRIPT = '''
import argparse, multiprocessing, os, signal, subprocess, sys, time
import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--habit")
parser.add_argument("--lr", type=float)
parser.add_argument("--deep")
parser.add_argument("--other", type=int, default=1)


def locked(args):
    """Values of the sweep stay, whatever the script says; other keys are its own."""
    run = wandb.init(config=args)
    wandb.config.update({"lr": 5, "other": 6}, allow_val_change=True)
    run.config["third"] = {"a": {"b": 1}}
    assert (run.config.lr, run.config.other, run.config["deep"]) == (0.1, 6, {"a": 1, "b": "x"}), dict(run.config)
    run.log({"loss": run.config.lr})


def several(args):
    for i in range(3):
        run = wandb.init(project="folds", name="fold-%d" % i, reinit=True)
        for j in range(4):
            run.log({"loss": 10 * i + j})
        run.finish()


def resumed(args):
    for i in range(2):
        with wandb.init(resume="allow") as run:
            assert (run.resumed, run.starting_step) == (i > 0, 2 * i)
            run.log({"loss": 2 * i})
            run.log({"loss": 2 * i + 1})


def defined(args):
    wandb.init()
    wandb.define_metric("epoch", hidden=True)
    wandb.define_metric("loss", step_metric="epoch", summary="min")
    for i in range(5):
        wandb.log({"epoch": i, "loss": 5 - i}, commit=False)
        wandb.log({"extra": i})
    wandb.log({"dangling": 1}, commit=False)
    wandb.summary["best"] = {"x": 3}


def steps(args):
    run = wandb.init()
    run.log({"loss": 1}, step=5)
    run.log({"loss": 2}, step=3)  # wandb drops it
    run.log({"loss": 3, "x/y z": 1}, step=10)
    run.log({"loss": float("-inf")})  # still of step 10
    run.log({})


def worker(rank):
    if rank == 0:
        run = wandb.init(group="ddp", job_type="train")
        for i in range(3):
            run.log({"loss": i})
        run.finish()


def spawned(args):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=worker, args=(rank,)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0


def folds(args):
    run = wandb.init()
    env = {k: v for k, v in os.environ.items() if not k.startswith("WANDB_") or k in ("WANDB_BASE_URL", "WANDB_API_KEY")}
    child = "import wandb\\nwith wandb.init(project='cv', group='g', name='fold') as run:\\n    run.log({'loss': 9})"
    subprocess.run([sys.executable, "-c", child], env=env, check=True)
    run.log({"loss": 0.5})


def raised(args):
    wandb.init().log({"loss": 1})
    raise ValueError("deliberate")


def interrupted(args):
    wandb.init().log({"loss": 1})
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)


def disabled(args):
    wandb.init(mode="disabled").log({"loss": 1})


if __name__ == "__main__":
    args = parser.parse_args()
    globals()[args.habit](args)
'''
HABITS = ["locked", "several", "resumed", "defined", "steps", "spawned", "folds", "raised", "interrupted", "disabled"]
SPEC = """
program: train.py
workdir: .
method: grid
metric: {name: loss, goal: minimize}
parameters:
  habit: {values: [%s]}
  lr: {value: 0.1}
  deep: {parameters: {a: {value: 1}, b: {value: x}}}
""" % ", ".join(HABITS)


class Habits(client.Case):
    def test_habits(self):
        trials = dict(zip(HABITS, self.run_script(SCRIPT, SPEC)))
        ended = {name: (t["state"], t["reason"]) for name, t in trials.items() if t["state"] != "finished"}
        self.assertEqual(ended, {"raised": ("failed", "exit"), "interrupted": ("failed", "signal")})
        self.assertEqual({name: t["objective"] for name, t in trials.items()}, {
            "locked": 0.1, "several": 0, "resumed": 0, "defined": 1, "steps": 1, "spawned": 0, "folds": 0.5,
            "raised": 1, "interrupted": 1, "disabled": None})
        losses = {name: [(p["step"], p["metrics"]["loss"]) for p in self.points(t) if "loss" in p["metrics"]]
                  for name, t in trials.items()}
        self.assertEqual(losses["several"], [(j, 20 + j) for j in range(4)])  # of one step, the last
        self.assertEqual(losses["resumed"], [(i, i) for i in range(4)])
        self.assertEqual(losses["defined"], [(i, 5 - i) for i in range(5)])
        self.assertEqual(losses["steps"], [(5, 1), (10, "-Infinity")])
        self.assertEqual(losses["spawned"], [(i, i) for i in range(3)])
        last = {k: v for p in self.points(trials["defined"]) for k, v in p["metrics"].items()}
        self.assertEqual((last["extra"], last["dangling"], last["best.x"]), (4, 1, 3))
        fold, = json.loads(self.besom("runs", "cv", "--json"))
        self.assertEqual((fold["state"], fold["rows"]), ("finished", 1))


if __name__ == "__main__":
    missing = client.install()
    if missing:
        print("SKIPPED: wandb's client is not here: " + missing, file=sys.stderr)
        sys.exit(77)
    driver.main()
