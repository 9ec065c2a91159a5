#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom import: earlier results of besom and of other tools become a finished sweep."""
import os
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
        self.assertIn("trial or line 3 is left out: it has not ended", said)
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

    def refused(self, name, text, *args):
        """What is said of a file with one good trial, lr=0.5, among others."""
        self.write(name, text)
        said = self.says("import", name, "--goal", "minimize", *(args or ("--metric", "loss")))
        self.assertEqual([r[1].get("lr") for r in self.rows()], [0.5])
        return said

    def test_all_formats_treat_numbers_that_are_not_finite_alike(self):
        for bad in ("inf", "-inf", "nan", "Infinity", "1e400"):
            self.assertIn("line 2 is left out: its loss is ", self.refused("a.csv", "lr,loss\n0.1,%s\n0.5,1\n" % bad))
        for bad in ("Infinity", "NaN", '"Infinity"', '"nan"'):
            said = self.refused("a.jsonl", '{"lr":0.1,"loss":%s}\n{"lr":0.5,"loss":1}\n' % bad)
            self.assertRegex(said, "line 1 is left out: its loss is (Infinity|NaN), not a finite number")
        said = self.refused("b.jsonl", '{"lr":0.1,"loss":1e400}\n{"lr":0.5,"loss":1}\n')
        self.assertIn("line 1 is left out: invalid JSON at byte 17: a number beyond the range", said)
        said = self.refused("c.csv", "lr,loss\n1e400,1\n0.5,1\n")
        self.assertIn("line 2 is left out: lr is Infinity, not a finite number", said)
        said = self.refused("c.json", '[{"config":{"lr":0.5},"summary":{"loss":1,"acc":Infinity}}]')
        self.assertIn("1 value that is not finite is left out", said)
        journal = (DATA / "optuna.journal").read_text().splitlines()
        db = sqlite3.connect(str(self.folder / "optuna.db"))
        db.execute("UPDATE trial_values SET value = NULL, value_type = 'INF_POS' WHERE trial_value_id = 1")
        db.commit()
        db.close()
        self.assertIn("trial or line 0 is left out: its objective is Infinity, not a finite number",
                      self.says("import", "optuna.db", "--study", "first"))
        lines = [s.replace(s[s.index('"values":'):s.index("]", s.index('"values":'))], '"values":[Infinity')
                 if '"op_code":6' in s and '"trial_id":0,' in s else s for s in journal]
        self.write("inf.journal", "\n".join(lines))
        self.assertIn("trial or line 0 is left out: its objective is Infinity, not a finite number",
                      self.says("import", "inf.journal", "--study", "first"))

    def test_all_formats_have_the_same_bounds(self):
        many = ["p%d" % i for i in range(4097)]
        said = self.refused("a.jsonl", "{%s,\"loss\":1}\n{\"lr\":0.5,\"loss\":1}\n" %
                            ",".join('"%s":1' % name for name in many))
        self.assertIn("line 1 is left out: it has 4097 parameters, and at most 4096 are supported", said)
        said = self.refused("a.csv", "lr,loss,%s\n0.5,1,%s\n0.5,1,%s\n" % (",".join(many), "," * 4096, "1" + ",1" * 4096))
        self.assertIn("line 3 is left out: it has 4098 parameters, and at most 4096 are supported", said)
        long = "x" * (1 << 20)
        said = self.refused("b.jsonl", '{"lr":1,"loss":1,"x":"%s"}\n{"lr":0.5,"loss":1}\n' % long)
        self.assertIn("line 1 is left out: it is longer than 1024 KiB", said)
        said = self.refused("b.json", '[{"lr":1,"loss":1,"x":"%s"}, {"lr":0.5,"loss":1}]' % long)
        self.assertIn("line 1 is left out: it is longer than 1024 KiB", said)
        said = self.refused("b.csv", "lr,loss%s\n1,1%s\n0.5,1%s\n" % (",x" * 20, (",%s" % ("y" * 60000)) * 20, "," * 20))
        self.assertIn("line 2 is left out: it is longer than 1024 KiB", said)
        self.write("c.csv", "loss\n" + "".join("1\n" for _ in range(100001)))
        self.assertIn("more than 100000 trials are not supported", self.says("import", "c.csv", "--metric", "loss", code=2))

    def test_repeated_names_and_texts_that_are_no_parameter(self):
        said = self.refused("a.csv", "lr,loss,lr\n0.1,1,0.5\n")
        self.assertIn("it has several columns lr: the last one is used", said)
        self.refused("a.jsonl", '{"lr":0.1,"loss":1,"lr":0.5}\n')
        self.write("b.csv", "url,lr,loss\n" + "".join("u%d,0.5,1\n" % i for i in range(1001)))
        said = self.says("import", "b.csv", "--metric", "loss", "--goal", "minimize")
        self.assertIn("url is not imported: it has more than 1000 different values", said)
        self.assertEqual(self.by_number()[0]["params"], {"lr": 0.5})
        self.sound()

    def test_errors_name_the_parameter(self):
        self.write("spec.yaml", SPEC)
        self.write("a.csv", "lr,opt,loss\n0.01,adam,1\n")
        said = self.says("import", "a.csv", "--spec", "spec.yaml", code=2)
        self.assertIn("line 2 is left out: model.depth is missing", said)
        self.write("b.csv", "lr,a.b,a,loss\n0.1,1,2,1\n0.2,1,2,1\n")
        self.assertIn("b.csv: a is a parameter and also a group, in a.b",
                      self.says("import", "b.csv", "--metric", "loss", code=2))

    def test_an_optuna_study_has_the_space_that_it_declares(self):
        for file in ("optuna.journal", "optuna.db"):
            self.says("import", file, "--study", "first")
            self.assertEqual(self.look("show", "last")["spec"]["parameters"], {
                "lr": {"distribution": "log_uniform_values", "min": 1e-05, "max": 0.1},
                "model": {"parameters": {"depth": {"distribution": "int_uniform", "min": 1, "max": 8}}},
                "opt": {"values": ["adam", "sgd", None]},
                "w": {"distribution": "uniform", "min": 0, "max": 1, "q": 0.25}})
            self.sound()

    def test_a_database_in_use_is_left_as_it_is(self):
        os.symlink("optuna.db", str(self.folder / "link.db"))
        self.assertIn("has 6 trials", self.says("import", "link.db", "--study", "first"))
        path = self.folder / "optuna.db"
        db = sqlite3.connect(str(path))
        db.execute("PRAGMA journal_mode=WAL")
        db.close()
        self.assertIn("has 6 trials", self.says("import", "optuna.db", "--study", "first"))
        self.assertEqual(sorted(p.name for p in self.folder.glob("optuna.db*")), ["optuna.db"])
        # A log that its writer has left, or moved with the file: nobody has it open.
        db = sqlite3.connect(str(path))
        db.execute("UPDATE studies SET study_name = 'renamed' WHERE study_name = 'first'")
        db.commit()
        self.assertIn("has 6 trials", self.says("import", "optuna.db", "--study", "renamed"))
        for end in ("", "-wal"):
            shutil.copy(str(path) + end, str(self.folder / ("moved.db" + end)))
        db.close()
        self.assertIn("has 6 trials", self.says("import", "moved.db", "--study", "renamed"))
        self.assertEqual(sorted(p.name for p in self.folder.glob("moved.db*")), ["moved.db", "moved.db-wal"])

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
