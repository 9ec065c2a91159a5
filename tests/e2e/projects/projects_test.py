#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Five projects with the libraries that people use, each from its sweep file to a pandas table.

usage: tests/e2e/projects/projects_test.py [--install]

Each is linted, planned, run, and read back by `best`, `export --csv` and `besom.load`; the numbers must be
those that the script gives without besom. The libraries are those of tests/e2e/libraries, which --install
installs into build/libraries; else the test is skipped.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
for folder in HERE.parents[0], HERE.parents[0] / "libraries", HERE.parents[2] / "python":
    sys.path.insert(0, str(folder))
import besom  # noqa: E402
import driver  # noqa: E402
import libraries_test as libraries  # noqa: E402

OWN = {"number", "state", "reason", "objective", "step", "attempts", "agent", "slot", "created", "started", "ended",
       "duration"}


class Projects(driver.Case):
    def setUp(self):
        super().setUp()
        bin = self.folder.parent / "bin"
        bin.mkdir()
        for name in "python", "python3":
            (bin / name).write_text('#!/bin/sh\nexec "%s" -W ignore "$@"\n' % sys.executable)
            (bin / name).chmod(0o755)
        self.env.update(PATH="%s:%s" % (bin, self.env["PATH"]), PYTHONPATH=str(libraries.SITE))

    def sweep(self, name, trials):
        """The tables of a project after its sweep: trials by besom.load and by CSV, and points."""
        self.folder = self.folder.parent / "projects"
        shutil.copytree(HERE / name, self.folder / name)
        spec = "%s/sweep.yaml" % name
        said = json.loads(self.besom("lint", "--strict", "--json", spec))
        self.assertEqual((said["verdict"], said["diagnostics"]), ("ok", []))
        self.assertEqual(json.loads(self.besom("plan", "--json", spec))["total"], trials)
        self.besom("run", spec, "--slots", 2)
        self.assertEqual(set(t["state"] for t in self.trials()), {"finished"})
        tables = []
        for options in (), ("--metrics",):
            csv = self.folder / ("%d.csv" % len(options))
            csv.write_text(self.besom("export", "last", "--csv", *options))
            tables.append(pandas.read_csv(csv))
        with mock.patch.dict(os.environ, dict(self.env, BESOM_BINARY=self.binary)):
            loaded = pandas.json_normalize(besom.load(str(self.folder / spec)))
        self.check_tables(loaded, *tables)
        return loaded, *tables

    def check_tables(self, loaded, trials, points):
        """Three ways to read one sweep say the same."""
        self.assertEqual(list(loaded["objective"]), list(trials["objective"]))
        best = json.loads(self.besom("best", "--json"))
        self.assertEqual(trials["objective"][best["number"]], best["objective"])
        self.assertIn(best["objective"], (trials["objective"].min(), trials["objective"].max()))
        params = set(trials.columns) - OWN - set(points.columns)
        self.assertEqual({"params." + p for p in params}, {c for c in loaded.columns if c.startswith("params.")})
        last = points.groupby("number").last()
        for metric in set(points.columns) - {"number", "attempt", "step", "time"}:
            self.assertEqual(list(loaded["metrics." + metric]), list(last[metric]))

    def by_hand(self, name, *args):
        return subprocess.run(["python", "train.py", *args], cwd=self.folder / name, env=self.env, check=True,
                              stdout=subprocess.PIPE, universal_newlines=True).stdout.splitlines()

    def test_argparse_and_scikit_learn(self):
        loaded, trials, points = self.sweep("argparse", 4)
        self.assertEqual([json.loads(text) for text in trials["layers"]], list(loaded["params.layers"]))
        self.assertEqual(list(points["step"]), [0, 1, 2, 3] * 4)
        one = loaded[(loaded["params.layers"].map(len) == 2) & ~loaded["params.shuffle"]].iloc[0]
        lines = [json.loads(line) for line in self.by_hand("argparse", "--epochs=4", "--layers", "32", "16", "--lr=0.02",
                                                           "--no-shuffle")]
        mine = points[points["number"] == one["number"]]
        self.assertEqual(list(mine["loss"]), [line["loss"] for line in lines])
        self.assertEqual(list(mine["val.accuracy"]), [line["val"]["accuracy"] for line in lines])
        self.assertEqual(one["objective"], max(line["val"]["accuracy"] for line in lines))

    def test_lightgbm(self):
        _, trials, points = self.sweep("lightgbm", 3)
        self.assertEqual(list(points["step"]), list(range(1, 16)) * 3)
        one = trials.loc[trials["objective"].idxmin()]
        said = self.by_hand("lightgbm", "--num_leaves=%d" % one["num_leaves"],
                            "--learning_rate=%r" % float(one["learning_rate"]), "--rounds=15")
        mine = [float(line.split("valid's l2:")[1]) for line in said if line.startswith("[")
                and not line.startswith("[LightGBM]")]
        self.assertEqual(list(points[points["number"] == one["number"]]["valid's l2"]), mine)
        self.assertEqual(one["objective"], mine[-1])

    def test_hydra_with_config_groups(self):
        loaded, trials, points = self.sweep("hydra", 8)
        for _, t in loaded.iterrows():
            width, best = {"mlp": (32, 0.05), "cnn": (8, 0.02)}[t["params.model"]]
            losses = [abs(t["params.optimizer.lr"] - best) + width / 1000 + 1 / (e + 1) for e in range(3)]
            self.assertEqual(list(points[points["number"] == t["number"]]["train/loss"]), losses)
            self.assertTrue((pathlib.Path(t["dir"]) / ".hydra" / "config.yaml").exists())
            log = self.besom("logs", t["id"])
            got = json.loads(log[log.index("{"):log.index("\n")])
            self.assertEqual(got["note"], "it's \"odd\", a=b")
            self.assertEqual((got["model"]["width"], got["optimizer"]["lr"]), (width, t["params.optimizer.lr"]))
            self.assertEqual("betas" in got["optimizer"], t["params.optimizer"] == "adam")
        self.assertEqual(set(trials["note"]), {"it's \"odd\", a=b"})
        spec = self.folder / "hydra" / "wrong.yaml"
        spec.write_text((self.folder / "hydra" / "sweep.yaml").read_text().replace("[mlp, cnn]", "[rnn]"))
        said = self.besom("run", spec, "--count", 1, code=1)
        self.assertIn("1 failed: exit 1, \"In 'config': Could not find 'model/rnn'\"; besom logs ", said)

    def test_click(self):
        loaded, trials, points = self.sweep("click", 16)
        for i, t in loaded.iterrows():
            loss = [abs(t["params.lr"] - 0.1) + sum(t["params.layer"]) / 100 + (0 if t["params.augment"] else 0.5) + 1 / e
                    for e in (1, 2, 3)]
            self.assertEqual(list(points[points["number"] == t["number"]]["val_loss"]), loss)
            self.assertEqual((t["params.verbose"], t["metrics.verbosity"]), (2, 2))
        self.assertEqual(trials["augment"].dtype, bool)
        self.assertEqual(trials["activation"].value_counts().to_dict(), {"relu": 8, "tanh": 8})

    def test_a_bash_pipeline(self):
        loaded, trials, points = self.sweep("bash", 8)
        x = numpy.arange(40) / 20 - 1
        for _, t in trials.iterrows():
            y = x ** 3 - x + t["noise"] * (-1.0) ** numpy.arange(40)
            error = numpy.mean((numpy.polyval(numpy.polyfit(x, y, t["degree"]), x) - y) ** 2)
            self.assertAlmostEqual(t["objective"], error, places=12)
        self.assertEqual(len(points), 8)
        self.assertEqual(list(trials.pivot(index="degree", columns="noise", values="objective").index), [1, 2, 3, 4])


if __name__ == "__main__":
    libraries.prepare()
    import numpy
    import pandas
    driver.main()
