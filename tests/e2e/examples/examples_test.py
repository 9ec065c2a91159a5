#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example through `besom run`: all trials finish, and the metrics that besom has of each are
those that the same program prints when it is started by hand with the trial's parameters."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402


PYTHON = ["python3", "train.py"]


def options(params):
    return ["--%s=%s" % item for item in sorted(params.items())]


def flatten(metrics, prefix=""):
    flat = {}
    for name, value in metrics.items():
        if isinstance(value, dict):
            flat.update(flatten(value, prefix + name + "."))
        elif not isinstance(value, str) or value in ("NaN", "Infinity", "-Infinity"):
            flat[prefix + name] = value
    return flat


def json_points(text):
    """(step, metrics) of each JSON line, lines of one step merged."""
    points = {}
    for line in text.splitlines():
        if line.startswith("{"):
            metrics = json.loads(line)
            points.setdefault(metrics.pop("step"), {}).update(flatten(metrics))
    return points


class Examples(driver.Case):
    def run_sweep(self, name, count):
        self.besom("run", "--slots", 2, self.folder / name / "sweep.yaml")
        trials = self.trials()
        self.assertEqual([t["state"] for t in trials], ["finished"] * count)
        self.assertEqual(sorted(t["number"] for t in trials), list(range(count)))
        return trials

    def by_hand(self, name, argv, **env):
        done = subprocess.run(argv, cwd=self.folder / name, env=dict(self.env, **env), check=True,
                              stdout=subprocess.PIPE, universal_newlines=True, timeout=60)
        return done.stdout

    def seen(self, trial):
        points = {}
        for point in self.points(trial):
            self.assertEqual(point["attempt"], 1)
            points.setdefault(point["step"], {}).update(point["metrics"])
        return points

    def best(self):
        return json.loads(self.besom("best", "last", "--json"))

    def test_quickstart(self):
        trials = self.run_sweep("quickstart", 30)
        for trial in trials:
            curve = self.seen(trial)
            self.assertEqual(sorted(curve), list(range(12)))
            losses = [p["loss"] for p in curve.values() if not isinstance(p["loss"], str)]
            self.assertEqual(trial["objective"], min(losses))
        first = min(trials, key=lambda t: t["number"])
        best = self.best()
        self.assertEqual(best["objective"], min(t["objective"] for t in trials))
        accuracy = best["metrics"]["test_accuracy"]
        self.assertGreater(accuracy, 0.9)
        self.assertGreater(accuracy, first["metrics"]["test_accuracy"] + 0.02)
        printed = self.by_hand("quickstart", [*PYTHON, *options(best["params"])])
        self.assertEqual(self.seen(best), json_points(printed))

    def test_python_client(self):
        trials = self.run_sweep("python-client", 6)
        for trial in trials:
            self.assertEqual(set(trial["params"]), {"batch", "optimizer"})
            params = self.folder / "params.json"
            params.write_text(json.dumps(trial["params"]))
            printed = self.by_hand("python-client", PYTHON, BESOM_PARAMS=str(params))
            self.assertEqual(self.seen(trial), json_points(printed))
        self.assertGreater(self.best()["params"]["optimizer"]["lr"], 0.003)

    def test_bash(self):
        trials = self.run_sweep("bash", 4)
        for trial in trials:
            curve, x = self.seen(trial), 0.0
            self.assertEqual(sorted(curve), list(range(8)))
            for step in range(8):
                x -= trial["params"]["lr"] * 2 * (x - 3)
                self.assertAlmostEqual(curve[step]["x"], x, delta=1e-6)
                loss = (x - 3) ** 2
                self.assertAlmostEqual(curve[step]["loss"], loss, delta=1e-6 * loss + 1e-6)
        self.assertEqual(self.best()["params"], {"lr": 0.4})

    def test_c(self):
        subprocess.run(["make", "-s"], cwd=self.folder / "c", check=True)
        for trial in self.run_sweep("c", 12):
            printed = self.by_hand("c", ["./train", *options(trial["params"])])
            self.assertEqual(self.seen(trial), json_points(printed))

    def test_stdout_json(self):
        for trial in self.run_sweep("stdout-json", 3):
            printed = self.by_hand("stdout-json", [*PYTHON, *options(trial["params"])])
            self.assertEqual(self.seen(trial), json_points(printed))
        self.assertEqual(self.best()["params"], {"depth": 5})

    def test_stdout_patterns(self):
        for trial in self.run_sweep("stdout-patterns", 3):
            printed = self.by_hand("stdout-patterns", [*PYTHON, *options(trial["params"])])
            epochs = re.findall(r"epoch (\d+): loss=(\S+)", printed)
            want = {int(epoch): {"loss": float(loss)} for epoch, loss in epochs}
            want[len(epochs)] = {"accuracy": float(re.search(r"accuracy ([0-9.]+)", printed)[1])}
            self.assertEqual(self.seen(trial), want)
        self.assertEqual(self.best()["params"], {"patience": 9})


if __name__ == "__main__":
    driver.main()
