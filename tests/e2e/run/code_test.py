#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code of a sweep, in a real git repository: what is recorded of it, and trials that run the
snapshot which the sweep began with."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import scene

SPEC = "method: grid\nparameters: {x: {values: [1, 2]}}\n"
SNAPSHOT = SPEC + "code: snapshot\n"
TRAIN = """
n=${BESOM_TRIAL##*-}
pwd > "$OUT/pwd.$n"
cat lib/model.txt > "$OUT/said.$n"
ls -a > "$OUT/files.$n"
while [ ! -e "$OUT/go.$n" ] && [ ! -e "$OUT/go" ]; do sleep 0.02; done
"""


@unittest.skipUnless(shutil.which("git"), "there is no git")
class Code(scene.Case):
    def setUp(self):
        super().setUp()
        self.out = self.folder.parent / "out"
        self.out.mkdir()
        self.env.update(OUT=str(self.out), GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
        self.git("init", "-q", "-b", "main")
        (self.folder / "lib").mkdir()
        self.write("lib/model.txt", "one\n")
        self.write(".gitignore", "data\nsaid.*\n")
        self.write("data", "large\n")
        self.write(".env", "TOKEN=do-not-send\n")

    def git(self, *args):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *args], cwd=self.folder,
                       env=self.env, check=True, stdout=subprocess.DEVNULL)

    def commit(self):
        self.git("add", ".")
        self.git("commit", "-q", "-m", "one")

    def seen(self, name, run=None):
        def there():
            if run and run.poll() is not None:
                raise AssertionError("besom ended early: " + self.said(run))
            path = self.out / name
            return path.exists() and path.read_text()
        return scene.wait_until(there, name)

    def go(self, name="go"):
        (self.out / name).touch()

    def test_trials_run_what_the_sweep_began_with(self):
        spec = self.sweep(SNAPSHOT, TRAIN)
        self.commit()
        run = self.begin("run", spec, "--slots", 1)
        self.assertEqual(self.seen("said.0", run), "one\n")
        self.write("lib/model.txt", "two\n")
        self.write("train.sh", "exit 3\n")
        self.go("go.0")
        self.assertEqual(self.seen("said.1", run), "one\n")
        self.assertNotEqual(self.seen("pwd.1").strip(), str(self.folder.resolve()))
        self.assertEqual(self.seen("files.1").split(), [".", "..", ".gitignore", "lib", "sweep.yaml", "train.sh"])
        self.go()
        said = self.end(run, 0)
        self.assertIn("Its trials run a snapshot of 4 files", said)
        self.assertIn(".env (may hold secrets)", said)
        self.assertEqual(self.ends(), [("finished", "ok")] * 2)

    def test_sweep_that_continues_runs_its_snapshot(self):
        spec = self.sweep(SNAPSHOT, TRAIN)
        self.commit()
        run = self.begin("run", spec, "--slots", 1)
        self.seen("said.0", run)
        self.kill_besom(run)
        self.write("lib/model.txt", "two\n")
        self.go()
        said = self.says("run", spec, "--slots", 1)
        self.assertIn("The files have changed since the sweep began: 1 file (lib/model.txt). Its trials run the "
                      "snapshot that it began with.", said)
        self.assertEqual(self.seen("said.1"), "one\n")
        self.assertEqual(self.ends(), [("finished", "ok")] * 2)
        self.besom("check")
        self.besom("replay")

    def test_a_backup_runs_the_snapshot_again(self):
        spec = self.sweep(SNAPSHOT, TRAIN)
        self.commit()
        self.go()
        self.says("run", spec)
        self.write("lib/model.txt", "two\n")
        self.write("train.sh", "exit 3\n")
        (self.out / "said.1").unlink()
        said = self.says("rerun", "last-1")
        self.assertEqual(self.seen("said.1"), "one\n", said)
        copy = self.store.parent / "copy"
        self.besom("backup", copy)
        shutil.rmtree(self.store)
        self.env["BESOM_STORE"] = str(copy)
        self.besom("check")
        self.besom("replay")
        (self.out / "said.0").unlink()
        said = self.says("rerun", "last-0")
        self.assertEqual(self.seen("said.0"), "one\n", said)
        self.assertIn("/code/" + self.look("show", "last")["code"]["snapshot"], self.seen("pwd.0"))

    def test_workdir_lies_in_the_snapshot(self):
        self.write("lib/sweep.yaml", 'command: [sh, ../train.sh]\nworkdir: .\n' + SNAPSHOT)
        self.write("train.sh", 'pwd > "$OUT/pwd"; cat model.txt > "$OUT/said"\n')
        said = self.says("run", "lib/sweep.yaml")
        self.assertEqual((self.out / "said").read_text(), "one\n")
        self.assertTrue((self.out / "pwd").read_text().strip().endswith("/lib"), said)

    def test_listed_files_need_no_git(self):
        shutil.rmtree(self.folder / ".git")
        said = self.says("run", self.sweep(SNAPSHOT, TRAIN), code=2)
        self.assertIn("is not in a git repository; list the files of the snapshot", said)
        self.go()
        said = self.says("run", self.sweep(SPEC + "code: {files: ['*.sh', lib]}\n", TRAIN))
        self.assertIn("a snapshot of 2 files", said)
        self.assertEqual(self.seen("files.1").split(), [".", "..", "lib", "train.sh"])

    def test_too_large_a_snapshot_names_the_largest_files(self):
        (self.folder / "big").write_bytes(os.urandom(100000))
        said = self.says("run", self.sweep(SPEC + "code: {files: ['*'], limit: 50KB}\n", TRAIN), code=2)
        self.assertIn("the largest are big (0.1 MiB)", said)
        self.assertEqual(self.look("ls"), [])

    def test_code_is_recorded_without_a_snapshot(self):
        spec = self.sweep(SPEC, TRAIN)
        self.commit()
        self.write("lib/model.txt", "two\n")
        self.go()
        self.says("run", spec, "--count", 1, "--slots", 1, code=0)
        code = self.look("show", "last")["code"]
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.folder, env=self.env, check=True,
                              stdout=subprocess.PIPE).stdout.decode().strip()
        self.assertEqual((code["commit"], code["branch"], code["dirty"]), (head, "main", True))
        self.assertIn("-one\n+two\n", code["diff"])
        self.assertNotIn("do-not-send", json.dumps(code))
        self.assertNotIn("snapshot", code)
        self.assertIn("code      %s on main, with changes\n" % head[:12], self.besom("show", "last"))
        self.write("lib/model.txt", "three\n")
        said = self.says("run", spec)
        self.assertIn("The files have changed since the sweep began: 1 file (lib/model.txt). Trials that start now "
                      "run the changed files.", said)
        self.assertEqual(self.seen("said.1"), "three\n")

    def test_folder_without_git_is_recorded_as_nothing(self):
        shutil.rmtree(self.folder / ".git")
        self.go()
        self.says("run", self.sweep(SPEC, TRAIN))
        self.assertIsNone(self.look("show", "last")["code"])

    def test_removed_sweep_takes_its_snapshot_along(self):
        spec = self.sweep(SNAPSHOT, TRAIN)
        self.go()
        self.says("run", spec)
        packs = list((self.store / "code").iterdir())
        self.assertEqual(len(packs), 2)
        self.write("lib/model.txt", "two\n")
        self.says("run", spec, "--new")
        self.assertEqual(len(list((self.store / "code").iterdir())), 4)
        first = self.look("ls")[0]["id"]
        self.besom("rm", first, "--yes")
        self.besom("check")
        self.assertEqual(len(list((self.store / "code").iterdir())), 2)

    def test_lost_snapshot_fails_the_launch(self):
        spec = self.sweep(SNAPSHOT, TRAIN)
        run = self.begin("run", spec, "--slots", 1)
        self.seen("said.0", run)
        self.kill_besom(run)
        shutil.rmtree(self.store / "code")
        self.go()
        self.says("run", spec, "--slots", 1)
        why = self.look("show", "last-1")["attempts_list"][0]["text"]
        self.assertIn("the snapshot", why)
        self.assertIn("is missing", why)


if __name__ == "__main__":
    scene.main()
