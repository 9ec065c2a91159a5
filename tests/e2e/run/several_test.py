#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps with several objectives: run, the Pareto front, ask, replay."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

TRAIN = """import json, os, sys
given = dict(a[2:].split("=") for a in sys.argv[1:])
x, y = float(given["x"]), float(given["y"])
values = {"err": (x - 0.2) ** 2 + abs(y - 0.3), "speed": -(x - 0.8) ** 2 - abs(y - 0.3)}
first = {"err": 0, "speed": 0}
if os.environ["BESOM_TRIAL"].endswith("-3"):
    del values["speed"], first["speed"]
with open(os.environ["BESOM_METRICS"], "a") as file:
    file.write(json.dumps(first) + "\\n" + json.dumps(values) + "\\n")
"""
SPEC = """program: train.py
method: %s
run_cap: 14
metrics: [{name: err, goal: minimize}, {name: speed, goal: maximize}]
parameters:
  x: {min: 0.0, max: 1.0}
  y: {min: 0.0, max: 1.0}
"""


def front_of(rows):
    """Numbers of those that no other row beats, of {number: (err, speed)}."""
    return {n for n, (e, s) in rows.items()
            if not any(a <= e and b >= s and (a, b) != (e, s) for a, b in rows.values())}


class Several(driver.Case):
    def run_sweep(self, method):
        (self.folder / "train.py").write_text(TRAIN)
        (self.folder / "sweep.yaml").write_text(SPEC % method)
        return self.besom("run", "--quiet", "--new", "sweep.yaml")

    def test_front_is_that_of_the_last_values(self):
        self.run_sweep("bayes")
        trials = json.loads(self.besom("trials", "--json"))
        rows = {t["number"]: (t["metrics"]["err"], t["metrics"]["speed"]) for t in trials if "speed" in t["metrics"]}
        found = json.loads(self.besom("best", "--json"))
        self.assertEqual(found["objectives"], [{"name": "err", "goal": "minimize"}, {"name": "speed", "goal": "maximize"}])
        self.assertEqual((len(rows), found["measured"]), (13, 13))
        self.assertEqual(front_of(rows), {t["number"] for t in found["front"]})
        self.assertEqual([t["metrics"]["err"] for t in found["front"]],
                         sorted(t["metrics"]["err"] for t in found["front"]))
        self.assertGreater(found["hypervolume"], 0)
        self.assertEqual(len(found["reference"]), 2)
        text = self.besom("best")
        self.assertIn("Pareto front: %d of 13 trials" % len(found["front"]), text)
        self.assertIn("Pareto front:", self.besom("show"))
        self.assertIn("minimize err, maximize speed", self.besom("show"))
        self.assertIn("speed", self.besom("trials").splitlines()[0])
        self.assertIn("weights", self.besom("explain", "last-13"))

    def test_a_volume_beyond_the_range_of_numbers_is_left_out(self):
        (self.folder / "train.py").write_text(TRAIN.replace('values = {"err": ', 'values = {"err": 1e200 * ')
                                              .replace('"speed": -', '"speed": -1e200 * '))
        (self.folder / "sweep.yaml").write_text(SPEC % "random")
        self.besom("run", "--quiet", "--new", "sweep.yaml")
        self.assertIsNone(json.loads(self.besom("best", "--json"))["hypervolume"])
        self.assertIn("hypervolume beyond the range of numbers", self.besom("best"))

    def test_proposals_are_derived_again(self):
        for method in ("bayes", "tpe"):
            with self.subTest(method):
                self.run_sweep(method)
                self.assertIn("14 proposals and 0 stops compared: all are the same", self.besom("replay", "last"))

    def test_ask_tells_the_front(self):
        (self.folder / "sweep.yaml").write_text(SPEC % "bayes")
        told, lines = {}, []
        for n, (err, speed) in enumerate([(1.0, 1.0), (2.0, 2.0), (0.5, 0.5), (3.0, 1.5), (0.5, 2.0), (0.1, "NaN")]):
            lines += ['{"op":"ask"}', json.dumps({"op": "tell", "trial": n, "state": "finished",
                                                  "metrics": {"err": err, "speed": speed}})]
            if speed != "NaN":
                told[n] = (err, speed)
        out = subprocess.run([self.binary, "ask", "sweep.yaml"], cwd=self.folder, env=self.env, input="\n".join(lines) + "\n",
                             capture_output=True, text=True, timeout=60).stdout.splitlines()
        self.assertEqual(set(json.loads(out[-1])["front"]), front_of(told))
        self.assertEqual(set(json.loads(out[3])["front"]), {0, 1})

    def test_wrong_objectives_are_refused_with_their_place(self):
        for metrics, said in (
            ("[{name: a}, {name: a}]", "two of the objectives are a: each needs its own name"),
            ("[{name: a}, {name: b}, {name: c}, {name: d}, {name: e}]", "there are 5 objectives, and at most 4"),
        ):
            (self.folder / "bad.yaml").write_text("program: t.py\nmethod: bayes\nmetrics: %s\n"
                                                  "parameters: {x: {min: 0.0, max: 1.0}}\n" % metrics)
            done = subprocess.run([self.binary, "lint", "bad.yaml"], cwd=self.folder, env=self.env, capture_output=True,
                                  text=True, timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn("bad.yaml:3:", done.stdout + done.stderr)
            self.assertIn(said, done.stdout + done.stderr)


if __name__ == "__main__":
    driver.main()
