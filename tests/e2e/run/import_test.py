#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom import: earlier results of besom and of other tools become a finished sweep."""
import pathlib
import shutil
import sqlite3

import scene

DATA = pathlib.Path(scene.ROOT) / "tests" / "data" / "earlier"
SPEC = """
program: train.py
method: bayes
metric: {name: loss, goal: minimize}
parameters:
  lr: {distribution: log_uniform_values, min: 0.005, max: 0.2}
  model: {parameters: {depth: {min: 1, max: 8}}}
  opt: {values: [adam, sgd]}
"""
GRID = "method: grid\nmetric: {name: x}\nparameters: {a: {values: [1, 2]}, g: {parameters: {b: {values: [x, 2.5]}}}}\n"


class Import(scene.Case):
    def setUp(self):
        super().setUp()
        for f in DATA.iterdir():
            shutil.copy(f, self.folder)
        db = sqlite3.connect(str(self.folder / "optuna.db"))
        db.executescript((DATA / "optuna.sql").read_text())
        db.close()

    def sound(self):
        self.besom("check")
        self.besom("replay", "last")

    def rows(self):
        return [(t["state"], t["params"], t["objective"]) for t in self.by_number()]

    def test_optuna(self):
        found = []
        for file in ("optuna.journal", "optuna.db"):
            said = self.says("import", file, "--study", "first")
            self.assertIn("has 6 trials of " + file, said)
            found.append(self.rows())
            self.sound()
        self.assertEqual(found[0], found[1])
        self.assertEqual([r[0] for r in found[0]], ["finished", "finished", "failed", "stopped", "finished", "finished"])
        self.assertEqual(found[0][5][1], {"lr": 2.473929591304018e-05, "model": {"depth": 4}, "opt": "adam", "w": 0.25})
        self.assertEqual(found[0][3][2], 2.000036437431393)
        self.assertEqual(self.look("best", "last")["number"], 3)
        self.assertIn("imported, from line 5", self.besom("explain", "last-5"))
        said = self.says("import", "optuna.db", "--study", "second")
        self.assertIn("its state is RUNNING: it has not ended", said)
        sweep = self.look("show", "second")
        self.assertEqual((sweep["state"], sweep["metric"]["goal"], sweep["best"]["objective"]),
                         ("finished", "maximize", 2.0))
        for file in ("optuna.journal", "optuna.db"):
            self.assertIn("name one with --study NAME (first, second)", self.says("import", file, code=2))
            self.assertIn("no study x; its studies are", self.says("import", file, "--study", "x", code=3))
        self.assertEqual(len(self.look("ls")), 3)

    def test_wandb(self):
        said = self.says("import", "wandb.csv", "--metric", "loss", "--goal", "minimize")
        self.assertIn("line 4 is left out: its state is running", said)
        self.assertEqual(self.rows(), [
            ("finished", {"lr": 0.1, "model": {"depth": 3}, "opt": "adam", "acc": 0.9}, 0.5),
            ("failed", {"lr": 0.01, "model": {"depth": 4}, "opt": "sgd"}, None),
            ("finished", {"lr": 0.001, "model": {"depth": 5}, "opt": "sgd", "acc": 0.8}, 0.25)])
        self.write("spec.yaml", SPEC)
        said = self.says("import", "wandb.csv", "--spec", "spec.yaml", "--name", "mine")
        self.assertIn("line 5 is left out: lr is 0.001, but it must be a number from 0.005 to 0.2", said)
        self.assertEqual(self.look("show", "mine")["best"]["metrics"], {"loss": 0.5, "acc": 0.9})
        self.sound()
        self.says("import", "wandb.json", "--metric", "loss")
        self.assertEqual([r[1:] for r in self.rows()],
                         [({"lr": 0.1, "opt": "adam"}, 0.5), ({"lr": 0.01, "opt": "sgd"}, 0.25)])

    def test_exports_go_round(self):
        self.says("run", self.sweep(GRID, 'besom report "x=${BESOM_TRIAL##*-}" y=2\n'))
        before = self.rows()
        for form in ("--jsonl", "--csv"):
            self.write("out", self.besom("export", self.look("ls")[-1]["id"], form))
            self.says("import", "out", "--spec", "sweep.yaml")
            self.assertEqual(self.rows(), before)
            self.assertEqual(self.by_number()[3]["metrics"]["y"], 2)
            self.sound()
        # A run of the file starts its own sweep, and does not continue the import.
        self.assertIn("--new", self.says("run", "sweep.yaml"))

    def test_other_databases_are_refused(self):
        for name, sql in (
            ("other", "CREATE TABLE t(a)"),
            ("endless", "CREATE TABLE trials(trial_id, number, study_id, state); CREATE VIEW studies AS WITH RECURSIVE "
             "c(study_id, study_name) AS (SELECT 1, 'x' UNION ALL SELECT study_id + 1, 'x' FROM c) SELECT * FROM c"),
        ):
            db = sqlite3.connect(str(self.folder / (name + ".db")))
            db.executescript(sql)
            db.close()
            self.assertIn("not one of Optuna", self.says("import", name + ".db", code=2))

    def test_nothing_runs_after_those_of_an_imported_sweep(self):
        (self.folder / "h.csv").write_text("lr,loss\n0.1,1\n0.3,2\n")
        self.says("import", "h.csv", "--metric", "loss", "--goal", "minimize")
        self.assertIn("has no program to run", self.says("enqueue", "last", "lr=0.2", code=2))

    def test_nothing_is_imported_on_an_error(self):
        self.write("a.csv", "a,loss\n1,0.5\n")
        for text, args, said in (("a,b\n1,2\n", [], "name the metric with --metric NAME; it has a, b"),
                                 ('a,loss\n"1,2\n', ["--metric", "loss"], "line 2: a cell is not text"),
                                 ("a,loss\n1\n", ["--metric", "loss"], "no trial that can be used"),
                                 ('{"op_code":0', [], "line 1"), ("", [], "no trial that can be used"),
                                 ("a,loss\n1,2\n", ["--goal", "up"], "--goal must be")):
            self.write("bad", text)
            self.assertIn(said, self.says("import", "bad", *args, code=2))
        self.assertIn("none", self.says("import", "none", code=3))
        self.assertFalse(self.store.exists())


if __name__ == "__main__":
    scene.main()
