#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of examples/wandb: real programs with the libraries that people use. What besom holds must be what
wandb's client recorded in its own file, number by number.

$BESOM_TEST_PYTHON names pythons with the packages of examples/wandb/requirements.txt and of keras/requirements.txt,
with ':' between them. Without it, the packages of requirements.txt and small.txt are installed into build/libraries,
and the examples that need more are skipped."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import client_test as client  # noqa: E402
import desk  # noqa: E402

scene, driver, fleet = client.scene, client.driver, desk.fleet

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = driver.ROOT / "examples" / "wandb"
SMALL = HERE / "small.txt"
PYTHONS = os.environ.get("BESOM_TEST_PYTHON", sys.executable).split(":")


def same(a, b):
    return a == b or (a != a and (b == "NaN" or b != b))


def flatten(row, prefix=""):
    if isinstance(row, dict):
        return {k: v for name, inner in row.items() for k, v in flatten(inner, prefix + "." + name).items()}
    return {prefix[1:]: row}


class Case(scene.Case):
    def setUp(self):
        super().setUp()
        bin = self.folder.parent / "bin"
        bin.mkdir()
        self.env["PATH"] = "%s:%s" % (bin, self.env["PATH"])
        if "BESOM_TEST_PYTHON" not in os.environ:
            self.env["PYTHONPATH"] = "%s:%s" % (client.SITE, client.site(SMALL))
        for name in "CACHE", "CONFIG", "DATA":
            self.env["WANDB_%s_DIR" % name] = str(self.folder.parent / name)
        self.env.update(HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1", MPLCONFIGDIR=str(self.folder.parent / "matplotlib"))

    def take(self, name, *modules):
        """The example in self.folder, and the first python that has these; skipped where none has them."""
        needed = "import importlib.util, sys; sys.exit(any(not importlib.util.find_spec(m) for m in sys.argv[1:]))"
        able = [p for p in PYTHONS if subprocess.run([p, "-c", needed, *modules], env=self.env).returncode == 0]
        if not able:
            print("SKIPPED: %s: no python with %s; set BESOM_TEST_PYTHON" % (name, ", ".join(modules)), file=sys.stderr)
            self.skipTest(name)
        for name_of_python in "python", "python3":
            path = self.folder.parent / "bin" / name_of_python
            path.write_text('#!/bin/sh\nexec "%s" -W ignore "$@"\n' % able[0])
            path.chmod(0o755)
        shutil.copytree(EXAMPLES / name, self.folder, dirs_exist_ok=True)

    def recorded(self, run, *places):
        """step -> metrics, as the client's own files have them in one of these folders."""
        rows = {}
        for path in sorted(p for place in places for p in place.glob("wandb/run-*/run-%s.wandb" % run)):
            printed = subprocess.run(["python", HERE / "recorded.py", path], env=self.env, check=True,
                                     stdout=subprocess.PIPE, universal_newlines=True).stdout
            for row in map(json.loads, printed.splitlines()):
                metrics = {k: v for k, v in row.items() if not k.startswith("_")}
                rows.setdefault(row["_step"], {}).update(metrics)
        return rows

    def compare(self, have, want, metrics):
        """Both step -> metrics; these metrics are among them."""
        for step, row in want.items():
            for name, value in row.items():
                self.assertTrue(same(value, have[step].get(name)), (step, name, value, have[step]))
        self.assertLessEqual(set(metrics), {name for row in want.values() for name in row})

    def check(self, trials, *metrics):
        for trial in trials:
            self.assertEqual(trial["state"], "finished", self.besom("logs", trial["id"]))
            have = {}
            for point in self.points(trial):
                have.setdefault(point["step"], {}).update(point["metrics"])
            # Some libraries want wandb's files in the folder where they run.
            self.compare(have, self.recorded(trial["id"], pathlib.Path(trial["dir"]), self.folder), metrics)


class Run(Case):
    """Each through `besom run`, as its folder stands."""

    def run_example(self, count, *metrics):
        self.besom("run", "sweep.yaml", "--count", count, "--slots", 2)
        trials = self.by_number()
        self.assertEqual(len(trials), count)
        self.check(trials, *metrics)

    def test_scikit_learn(self):
        self.take("scikit-learn", "sklearn", "PIL")
        self.run_example(2, "accuracy", "f1", "log_loss")

    def test_hydra(self):
        self.take("hydra", "sklearn", "hydra")
        self.run_example(2, "val.accuracy", "images")

    def test_pytorch(self):
        self.take("pytorch", "sklearn", "torch")
        self.run_example(2, "val/loss", "val/accuracy", "train/batch_loss", "epoch")

    def test_lightning(self):
        self.take("lightning", "sklearn", "lightning")
        self.run_example(2, "val_loss", "train_loss", "epoch", "trainer/global_step", "lr-Adam")

    def test_transformers(self):
        self.take("transformers", "sklearn", "transformers", "accelerate")
        self.run_example(2, "eval/loss", "eval/accuracy", "train/loss", "train/global_step")

    def test_keras(self):
        self.take("keras", "sklearn", "keras", "tensorflow")
        self.run_example(2, "epoch/val_loss", "epoch/accuracy", "batch/loss")

    def test_tensorboard(self):
        self.take("tensorboard", "sklearn", "torch", "tensorboard")
        self.run_example(2, "loss/train", "loss/val", "accuracy/val", "global_step")


class Fleet(Case, fleet.Case):
    def test_scikit_learn(self):
        self.take("scikit-learn", "sklearn", "PIL")
        self.serve()
        self.agent("a", "--slots", 2)
        with open(self.folder / "sweep.yaml", "a") as f:
            f.write("run_cap: 2\n")
        self.besom("sweep", "sweep.yaml")
        self.until_ended()
        trials = self.by_number()
        self.assertEqual(len(trials), 2)
        for trial in trials:
            file, = self.root.rglob("run-%s.wandb" % trial["id"])
            trial["dir"] = file.parents[2]
        self.check(trials, "accuracy", "f1", "log_loss")
        self.end_all()


class Shell(Case, desk.Case):
    """A person's shell, with WANDB_BASE_URL and WANDB_API_KEY."""

    def alone(self, *argv):
        done = subprocess.run(argv, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def check_runs(self, count, *metrics):
        runs = self.runs()
        self.assertEqual([(r["state"], r["exit_code"]) for r in runs], [("finished", 0)] * count)
        for run in runs:
            have = {}
            for row in self.rows(run):
                have.setdefault(row["_step"], {}).update(flatten(row))
            self.compare(have, self.recorded(run["name"], self.folder), metrics)
        return runs

    def test_scikit_learn(self):
        self.take("scikit-learn", "sklearn", "PIL")
        path = self.env.get("PYTHONPATH")
        self.serve()
        self.env["PYTHONPATH"] = path
        self.alone("python", "train.py")
        run, = self.check_runs(1, "accuracy", "f1", "log_loss")
        self.assertEqual((run["project_name"], run["job_type"]), ("digits", "train"))
        self.end_all()

    def test_a_function_agent(self):
        self.take("pytorch", "sklearn", "torch")
        path = self.env.get("PYTHONPATH")
        self.serve()
        self.env["PYTHONPATH"] = path
        said = self.alone("python", "function_agent.py")
        runs = self.check_runs(3, "val/loss", "val/accuracy", "train/batch_loss")
        sweep, = self.look("ls")
        self.assertIn("Create sweep with ID: " + sweep["id"], said)
        trials = self.by_number()
        self.assertEqual([t["state"] for t in trials], ["finished"] * 3)
        self.assertEqual([t["id"] for t in trials], [r["name"] for r in runs])
        self.check([dict(t, dir=self.folder) for t in trials], "val/loss")
        self.end_all()


if __name__ == "__main__":
    missing = None if "BESOM_TEST_PYTHON" in os.environ else client.install() or client.install(SMALL)
    if missing:
        print("SKIPPED: the packages of the examples are not here: " + missing, file=sys.stderr)
        sys.exit(77)
    driver.main()
