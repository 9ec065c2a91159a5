#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`besom run` of the same file again continues the sweep, shows it, or says what has changed; and it
refuses the places and files that it cannot work with."""
import os
import shutil
import subprocess

import scene

SPEC = """
method: random
run_cap: 4
metric: {name: x}
parameters: {x: {min: 0.0, max: 1.0}}
"""
REPORT = 'besom report "$1"\n'


class Again(scene.Case):
    def sweeps(self):
        return self.look("ls")

    def values(self, sweep):
        return [t["params"]["x"] for t in self.look("trials", sweep)]

    def test_finished_is_shown(self):
        spec = self.sweep(SPEC, REPORT)
        self.says("run", spec)
        trials = self.trials()
        said = self.says("run", spec)
        self.assertIn("is finished", said)
        self.assertIn("best: trial", said)
        self.assertIn("--new", said)
        self.assertEqual(self.trials(), trials)
        self.assertEqual(len(self.sweeps()), 1)

    def test_the_exit_status_is_the_same_each_time(self):
        spec = self.sweep(SPEC.replace("4", "2"), "exit 1\n")
        for _ in range(2):
            self.says("run", spec, code=1)
        self.assertEqual([t["state"] for t in self.trials()], ["failed"] * 2)

    def test_count(self):
        spec = self.sweep(SPEC, REPORT)
        said = self.says("run", spec, "--count", 3, "--slots", 2)
        self.assertIn("Stopped after 3 trials (--count)", said)
        self.assertEqual(len(self.trials()), 3)
        self.says("run", spec, "--count", 3)
        self.assertEqual(self.ends(), [("finished", "ok")] * 4)
        self.assertIn("--count", self.says("run", spec, "--count", 0, code=2))

    def test_detach(self):
        spec = self.sweep(SPEC, "while [ ! -e go ]; do sleep 0.02; done\n" + REPORT)
        said = self.says("run", spec, "--detach")
        self.assertIn("runs in the background", said)
        self.assertIn("begins", said)
        self.assertEqual(self.look("show", "last")["state"], "running")
        self.touch("go")
        log = self.store / ("run-%s.log" % self.sweeps()[0]["id"])
        scene.wait_until(lambda: "best: trial" in log.read_text(), "its result in the log")
        self.assertEqual(self.ends(), [("finished", "ok")] * 4)
        self.write("sweep.yaml", "method: nonsense\n")
        self.assertIn("nonsense", self.says("run", spec, "--detach", code=2))

    def test_detach_writes_its_log_to_a_file_of_the_store_only(self):
        spec = self.sweep(SPEC, REPORT)
        self.says("run", spec, "--count", 1)
        log = self.store / ("run-%s.log" % self.sweeps()[0]["id"])
        other = self.folder / self.write("other", "precious")
        log.symlink_to(other)
        said = self.says("run", spec, "--detach", code=6)
        self.assertIn("%s is a symbolic link: remove it" % log, said)
        self.assertEqual(other.read_text(), "precious")
        log.unlink()
        os.mkfifo(log)
        self.assertIn("is not a regular file", self.says("run", spec, "--detach", code=6))
        self.assertEqual(self.ends(), [("finished", "ok")])

    def test_git_passes_over_a_store_that_besom_made(self):
        spec = self.sweep(SPEC, REPORT)
        self.says("run", spec)
        self.assertEqual((self.store / ".gitignore").read_text(), "*\n")
        (self.folder / "mine").mkdir()
        self.says("run", spec, "--store", "mine")
        self.assertFalse((self.folder / "mine/.gitignore").exists())

    def test_new_and_seed(self):
        spec = self.sweep(SPEC, REPORT)
        for seed in 7, 7, 8:
            self.says("run", spec, "--new", "--seed", seed)
        sweeps = sorted(self.sweeps(), key=lambda s: s["created"])
        self.assertEqual(len(sweeps), 3)
        one, two, three = [self.values(s["id"]) for s in sweeps]
        self.assertEqual(one, two)
        self.assertNotEqual(one, three)
        self.assertEqual(self.values("last"), three)

    def test_changed(self):
        spec = self.sweep(SPEC, REPORT)
        self.says("run", spec)
        text = (self.folder / spec).read_text()
        self.write(spec, "# only said otherwise\n" + text.replace("0.0", "0.00"))
        self.assertIn("is finished", self.says("run", spec))
        self.write(spec, text.replace("max: 1.0", "max: 2.0"))
        said = self.says("run", spec, code=2)
        for word in "has changed", "parameters.x.max", "1.0", "2.0", "--new":
            self.assertIn(word, said)
        self.says("run", spec, "--new")
        self.assertEqual(len(self.sweeps()), 2)

    def test_the_same_content_elsewhere_is_another_sweep(self):
        self.says("run", self.sweep(SPEC, REPORT))
        shutil.copy(self.folder / "sweep.yaml", self.folder / "twin.yaml")
        self.says("run", "twin.yaml")
        os.symlink("twin.yaml", self.folder / "link.yaml")
        self.assertIn("is finished", self.says("run", "link.yaml"))
        self.assertEqual(len(self.sweeps()), 2)


class Places(scene.Case):
    def setUp(self):
        super().setUp()
        self.spec = self.sweep(SPEC, REPORT)

    def test_files_that_are_not_specs(self):
        (self.folder / "folder.yaml").mkdir()
        (self.folder / "empty.yaml").touch()
        (self.folder / "binary.yaml").write_bytes(bytes(range(256)) * 16)
        (self.folder / "big.yaml").write_text("# " + "x" * (10 << 20) + "\n" + SPEC)
        self.write("comment.yaml", "# nothing yet\n")
        self.write("list.yaml", "- a\n- b\n")
        for name in "folder", "empty", "binary", "big", "comment", "list":
            with self.subTest(name):
                said = self.says("run", name + ".yaml", code=2)
                self.assertIn(name + ".yaml", said)
                self.assertLess(len(said), 2000)
        self.assertIn("missing.yaml", self.says("run", "missing.yaml", code=3))
        self.assertFalse(self.store.exists(), "a spec that cannot be run leaves no store")

    def start(self, *args, **options):
        """Root of the machine the tests run on may read and write everything: without its powers
        it may not."""
        if os.geteuid() != 0:
            return super().start(*args, **options)
        bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", self.binary]
        return subprocess.Popen([*bare, *map(str, args)], env=self.env, cwd=self.folder,
                                universal_newlines=True, **options)

    def test_a_lock_that_may_not_be_opened(self):
        """It does not tell that anybody holds it."""
        self.says("run", self.spec)
        (self.store / "lock").chmod(0)
        for command in ("rm", "last", "--yes"), ("run", self.spec, "--new"):
            said = self.says(*command, code=5)
            self.assertIn("cannot open %s/lock: Permission denied" % self.store, said)
        self.assertEqual(len(self.look("ls")), 1)

    def test_a_spec_that_may_not_be_read(self):
        os.chmod(self.folder / self.spec, 0)
        self.assertIn("ermission denied", self.says("run", self.spec, code=5))

    def test_a_store_that_may_not_be_written(self):
        self.says("run", self.spec)
        self.write("other.yaml", "command: ['true']\n" + SPEC)
        os.chmod(self.store, 0o500)
        self.addCleanup(os.chmod, self.store, 0o700)
        said = self.says("run", "other.yaml", code=5)
        self.assertIn(str(self.store), said)
        self.assertIn("ermission denied", said)
        self.besom("trials", "last")

    def test_a_store_that_is_a_file(self):
        self.store.write_text("not a store")
        self.assertIn(str(self.store), self.says("run", self.spec, code=6))

    def test_a_store_deep_in_nothing_is_made(self):
        self.store = self.folder / "no/such/folder"
        self.env["BESOM_STORE"] = str(self.store)
        self.assertIn("no/such/folder", self.says("run", self.spec))
        self.assertEqual(len(self.trials()), 4)

    def test_a_store_in_a_folder_above(self):
        """A new sweep says where its results are; one that continues does not."""
        (self.folder / "below").mkdir()
        self.store = self.folder / ".besom"
        self.store.mkdir()
        del self.env["BESOM_STORE"]
        said = [subprocess.run([self.binary, "run", str(self.folder / self.spec)], cwd=self.folder / place, env=self.env,
                               timeout=scene.PATIENCE, stderr=subprocess.PIPE, universal_newlines=True, check=True).stderr
                for place in ("below", "below", ".")]
        kept = "Results are kept in %s, a store above this folder\n" % self.store
        self.assertEqual([kept in text for text in said], [True, False, False], said)

    def test_from_a_folder_that_is_deleted(self):
        (self.folder / "gone").mkdir()
        del self.env["BESOM_STORE"]
        done = subprocess.run(
            ["sh", "-c", 'cd gone && rmdir ../gone && exec "$0" run "$1"', self.binary,
             str(self.folder / self.spec)], cwd=self.folder, env=self.env, timeout=scene.PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("the current directory has been deleted", done.stdout)


if __name__ == "__main__":
    scene.main()
