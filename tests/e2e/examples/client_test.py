#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python client with the real besom: a polite stop and the way back from a checkpoint; a
strategy driven from Python proposes what `besom run` proposes."""
import pathlib
import re
import signal
import subprocess
import sys
import textwrap
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

sys.path.insert(0, str(driver.ROOT / "python"))
import besom  # noqa: E402

SPEC = """
program: train.py
workdir: .
method: grid
metric: {name: count, goal: maximize}
parameters: {goal: {value: 40}}
"""
# Counts on from where the attempt before it was when it was asked to stop.
TRAIN = """
import os, pathlib, sys, time, besom
run = besom.init()
saved = pathlib.Path(run.dir) / "count"
count = int(saved.read_text()) if saved.exists() else 0
while count < run.params["goal"]:
    run.log({"count": count}, step=count)
    count += 1
    while run.attempt == 1 and count >= 20 and not besom.should_stop():
        time.sleep(0.02)
    if besom.should_stop():
        saved.write_text(str(count))
        sys.exit(0)  # which is not the end of the trial: it was cut short
"""


class Client(driver.Case):
    def test_stop_and_continue(self):
        work = self.folder / "count"
        work.mkdir()
        (work / "sweep.yaml").write_text(SPEC)
        (work / "train.py").write_text(textwrap.dedent(TRAIN))
        process = self.start("run", work / "sweep.yaml", stderr=subprocess.PIPE)
        try:
            deadline = time.monotonic() + 120
            while not self.counted(20):
                self.assertIsNone(process.poll(), "besom run ended early")
                self.assertLess(time.monotonic(), deadline, "the trial never counted to 20")
                time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=120)[1]
        finally:
            process.kill()
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("besom run", said, "it does not say how to go on")
        trial, = self.trials()
        self.assertEqual(trial["state"], "pending")

        self.besom("run", work / "sweep.yaml")
        trial, = self.trials()
        self.assertEqual((trial["state"], trial["attempts"]), ("finished", 2))
        points = self.points(trial)
        self.assertEqual([p["step"] for p in points if p["attempt"] == 2], list(range(20, 40)))
        self.assertTrue(all(p["metrics"] == {"count": p["step"]} for p in points))

    def counted(self, n):
        if not self.store.exists():
            return False
        process = self.start("trials", "last", "--json", stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        out = process.communicate(timeout=60)[0]
        step = re.search(r'"step": ?(\d+)', out)
        return step is not None and int(step[1]) >= n - 1

    def test_ask_as_run_does(self):
        spec = self.folder / "c" / "sweep.yaml"
        with besom.Sweep(spec, binary=self.binary) as sweep:
            asked = sweep.ask_many(5)
            self.assertEqual(len(asked), 5)
            for trial in sweep:
                asked.append(trial)
            self.assertEqual((len(asked), sweep.done), (12, "run_cap"))
            for trial in asked:
                best = sweep.tell(trial, {"loss": -trial.params["lr"]})
            self.assertIsNotNone(best)
        subprocess.run(["make", "-s"], cwd=self.folder / "c", check=True)
        self.besom("run", spec)
        ran = sorted(self.trials(), key=lambda t: t["number"])
        self.assertEqual([t["params"] for t in ran], [t.params for t in asked])

    def test_ask_says_what_is_wrong(self):
        spec = self.folder / "bad.yaml"
        spec.write_text("method: grid\nparameters: {lr: {min: 1}}\n")
        with besom.Sweep(spec, binary=self.binary) as sweep:
            with self.assertRaisesRegex(besom.BesomError, r"bad\.yaml:2:"):
                sweep.ask()


if __name__ == "__main__":
    driver.main()
