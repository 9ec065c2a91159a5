#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders that wandb's client left offline become runs: by besom import wandb, and by wandb sync."""
import json
import math
import os
import pathlib
import subprocess
import sys

import client_test
import desk

SCRIPT = '''
import sys, wandb
run = wandb.init(project="demo", entity="team", name="first", id="abc", config={"lr": 0.1, "deep": {"a": [1, 2]}}, tags=["a", "b"],
                 notes="some words", group="g", job_type="train", mode="offline")
print("printed")
for i in range(50):
    run.log({"loss": 1 / (i + 1), "deep": {"a": i}, "nan": float("nan"), "text": "é"})
run.config.update({"added": None})
run.log({"table": wandb.Table(columns=["a"], data=[[1]])}, step=100)
open("saved.txt", "w").write("content")
wandb.save("saved.txt", policy="now")
run.summary["only"] = 7
run.finish(exit_code=3)
'''
SCRIPT_KILLED = '''
import os, signal, wandb
run = wandb.init(project="demo", entity="team", id="cut", mode="offline")
for i in range(3000):
    run.log({"loss": i})
os.kill(os.getpid(), signal.SIGKILL)
'''


class Import(desk.Case):
    def setUp(self):
        super().setUp()
        self.env.update(PYTHONPATH=str(client_test.SITE), WANDB_SILENT="true", WANDB_ERROR_REPORTING="false",
                        WANDB_MODE="offline")
        for name in "CACHE", "CONFIG", "DATA":
            self.env["WANDB_%s_DIR" % name] = str(self.root / name)

    def leave(self, text):
        subprocess.run([sys.executable, "-c", text], env=self.env, cwd=self.folder, timeout=60, check=False,
                       stdout=subprocess.DEVNULL)
        return sorted(self.folder.glob("wandb/offline-run-*"))[-1]

    def files(self, run):
        with self.database() as db:
            found = db.execute("SELECT name, hash FROM file WHERE kind=0 AND owner=?", (run["n"],)).fetchall()
        return {row["name"]: (self.store / "files" / row["hash"][:2] / row["hash"]).read_bytes() for row in found}

    def check_run(self, run):
        self.assertEqual((run["entity"], run["project_name"], run["name"], run["display"], run["state"], run["exit_code"]),
                         ("team", "demo", "abc", "first", "failed", 3))
        self.assertEqual((run["tags"], run["notes"], run["run_group"], run["job_type"]),
                         (["a", "b"], "some words", "g", "train"))
        config = {k: v["value"] for k, v in run["config"].items()}
        self.assertEqual((config["lr"], config["deep"], config["added"]), (0.1, {"a": [1, 2]}, None))
        self.assertIn("t", config["_wandb"])
        rows = self.rows(run)
        self.assertEqual([row["_step"] for row in rows], list(range(50)) + [100])
        for i, row in enumerate(rows[:50]):
            self.assertEqual((row["loss"], row["deep"]["a"], row["text"]), (1 / (i + 1), i, "é"))
            self.assertTrue(math.isnan(row["nan"]))
        self.assertEqual((run["summary"]["only"], run["summary"]["loss"], run["summary"]["deep"]), (7, 1 / 50, {"a": 49}))
        self.assertRegex(run["log_lines"][0], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} printed$")
        files = self.files(run)
        self.assertEqual(files["saved.txt"], b"content")
        self.assertIn(rows[-1]["table"]["path"], files)
        return rows

    def test_into_a_store_of_this_machine(self):
        self.leave(SCRIPT)
        self.env["BESOM_STORE"] = str(self.store)
        for _ in range(2):  # what was imported is replaced
            told = json.loads(self.besom("import", "wandb", "--json"))
            self.assertEqual((told["runs"], told["rows"], told["missing_files"]), (["team/demo/abc"], 51, 0))
            run, = self.runs()
            self.check_run(run)

    def test_by_a_controller_and_by_wandb_sync(self):
        folder = self.leave(SCRIPT)
        self.serve()
        self.besom("import", "wandb", folder, "--project", "other", "--server", self.base)
        imported, = self.runs()
        env = dict(self.env, WANDB_MODE="online")
        subprocess.run([sys.executable, "-m", "wandb", "sync", str(folder)], env=env, cwd=self.folder, timeout=60,
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        synced = [run for run in self.runs() if run["project_name"] == "demo"][0]
        self.assertEqual(imported["project_name"], "other")
        imported["project_name"] = "demo"
        rows = self.check_run(imported), self.check_run(synced)
        self.assertEqual(json.dumps(rows[0], sort_keys=True), json.dumps(rows[1], sort_keys=True))
        for events in zip(imported["events_lines"], synced["events_lines"]):
            mine, theirs = (set(json.loads(line)) for line in events)
            self.assertEqual(mine, theirs)

    def test_a_script_that_was_killed(self):
        folder = self.leave(SCRIPT_KILLED)
        self.env["BESOM_STORE"] = str(self.store)
        self.besom("import", "wandb", folder)
        run, = self.runs()
        rows = self.rows(run)
        self.assertEqual((run["name"], run["state"], run["exit_code"]), ("cut", "failed", 1))
        self.assertEqual([row["loss"] for row in rows], list(range(len(rows))))
        self.assertGreater(len(rows), 1000)
        file, = folder.glob("*.wandb")
        damaged = bytearray(file.read_bytes())
        damaged[40000] ^= 1
        file.write_bytes(damaged)
        done = subprocess.run([os.environ["BESOM_BINARY"], "import", "wandb", str(folder)], env=self.env, timeout=60, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        self.assertIn("it is damaged", done.stdout)

    def test_what_cannot_be_imported(self):
        self.env["BESOM_STORE"] = str(self.store)
        self.touch("empty.wandb")
        os.mkdir(self.folder / "none")
        for args, text in ((("none",), "there is no run of wandb in it"), (("missing",), "there is no such folder"),
                           (("empty.wandb",), "not a file of wandb")):
            self.assertIn(text, self.refused("import", "wandb", *args))
        self.assertIn("are for besom import wandb", self.refused("import", "a.csv", "--project", "x"))

    def test_a_file_is_imported_into_a_store_of_this_machine(self):
        pathlib.Path(self.folder, "a.csv").write_text("a,loss\n1,2\n3,1\n")
        self.env["BESOM_SERVER"] = "http://127.0.0.1:1"
        self.assertIn("name it by --store", self.refused("import", "a.csv", "--metric", "loss"))
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".besom")))
        done = subprocess.run([os.environ["BESOM_BINARY"], "import", "a.csv", "--metric", "loss", "--store", "here"], env=self.env,
                              cwd=self.folder, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertIn(b"has 2 trials", done.stdout)

    def refused(self, *args):
        done = subprocess.run([os.environ["BESOM_BINARY"], *args], env=self.env, cwd=self.folder, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        self.assertNotEqual(done.returncode, 0)
        return done.stdout


if __name__ == "__main__":
    desk.main()
