#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What befalls shims and attempt directories from outside: copies of a store, stopped shims, owners that
cannot be reached, limits on files, paths that are no text."""
import fcntl
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import time

import scene

WAIT = """
: > "started.$BESOM_TRIAL.$BESOM_ATTEMPT"
while [ ! -e go ]; do sleep 0.02; done
besom report ok=1
"""
ONE = """
method: grid
metric: {name: ok}
parameters: {x: {value: 1}}
"""


class Shim(scene.Case):
    def run_waiting(self, spec=ONE, *options):
        """A sweep of one trial whose training waits for the file go."""
        run = self.begin("run", self.sweep(spec, WAIT), *options)
        scene.wait_until(lambda: list(self.folder.glob("started.*.1")), "training")
        return run

    def attempt_dir(self):
        return next(p for p in (self.store / "run").iterdir() if not p.name.startswith("."))

    def test_copy_leaves_the_original_alone(self):
        run = self.run_waiting()
        living = set(self.shims())
        copy = self.store.with_name("copy")
        shutil.copytree(self.store, copy, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
        self.touch("go")
        said = self.says("run", "sweep.yaml", "--store", str(copy))
        self.assertIn("copied while trials were running", said)
        trial, = json.loads(self.besom("trials", "last", "--json", "--store", str(copy)))
        self.assertEqual((trial["state"], trial["attempts"]), ("finished", 2))
        self.end(run, 0)
        trial, = self.trials()
        self.assertEqual((trial["state"], trial["attempts"]), ("finished", 1))
        self.assertTrue(living)

    def test_copy_of_a_store_whose_besom_was_killed(self):
        run = self.run_waiting()
        self.kill_besom(run)
        shim, = self.shims()
        copy = self.store.with_name("copy")
        shutil.copytree(self.store, copy, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
        other = self.begin("run", "sweep.yaml", "--store", str(copy))
        scene.wait_until(lambda: list(self.folder.glob("started.*.2")), "the copy's training")
        self.assertEqual(self.shims(), [shim])
        self.touch("go")
        self.end(other, 0)
        self.says("run", "sweep.yaml")
        self.assertEqual(self.attempts(), ["ok"])

    def test_stopped_shim_ends_after_ctrl_c(self):
        run = self.run_waiting()
        shim, = self.shims()
        os.kill(shim, signal.SIGSTOP)
        run.send_signal(signal.SIGINT)
        self.end(run, 130)
        self.assertEqual(self.alive(), {})

    def hold_owner(self, content):
        """The lock of a shim that is gone, held by us; with this in its file."""
        run = self.run_waiting()
        self.kill_besom(run)
        self.kill_all()
        owner = self.attempt_dir() / "owner"
        held = open(owner, "r+b")
        fcntl.flock(held, fcntl.LOCK_EX)
        held.truncate(0)
        held.write(content(owner.read_bytes()) if callable(content) else content)
        held.flush()
        return held

    def test_held_owner_that_cannot_be_watched(self):
        for content, words in ((b"", "is incomplete"), (b"besom-shim 1\npid 1", "is incomplete")):
            with self.subTest(content):
                held = self.hold_owner(content)
                self.touch("go")
                run = self.begin("run", "sweep.yaml")
                scene.wait_until(lambda: words in self.said(run), words)
                self.assertIsNone(run.poll())
                held.close()
                self.end(run, 0)
                self.assertEqual(self.ends()[-1], ("finished", "ok"))
                (self.folder / "go").unlink()
                for started in self.folder.glob("started.*"):
                    started.unlink()
                shutil.rmtree(self.store)

    def test_third_interrupt_leaves_what_cannot_be_reached(self):
        held = self.hold_owner(b"")
        run = self.begin("run", "sweep.yaml")
        scene.wait_until(lambda: "is incomplete" in self.said(run), "the warning")
        sent = 0
        while run.poll() is None: # two that come at once count as one
            run.send_signal(signal.SIGINT)
            sent += 1
            time.sleep(0.1)
        self.end(run, 130)
        self.assertLess(sent, 100)
        held.close()

    def test_owner_that_is_a_fifo(self):
        run = self.run_waiting()
        self.kill_besom(run)
        self.kill_all()
        owner = self.attempt_dir() / "owner"
        owner.unlink()
        os.mkfifo(owner)
        self.touch("go")
        self.says("run", "sweep.yaml")
        self.assertEqual(self.ends(), [("finished", "ok")])

    def test_limit_on_the_size_of_files(self):
        spec = self.sweep("method: grid\nmetric: {name: ok}\nparameters: {x: {values: [1, 2]}}", """
besom report ok=1
i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo "a line of output that is cut at some time, $i"; done
""")
        limit = 512 << 10
        done = subprocess.run([self.binary, "run", spec], env=self.env, cwd=self.folder, timeout=120,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(self.ends(), [("finished", "ok")] * 2)

    def test_limit_on_files_too_low_for_the_store(self):
        spec = self.sweep(ONE, "besom report ok=1")
        for limit in 1024, 8192, 32768:
            done = subprocess.run([self.binary, "run", spec], env=self.env, cwd=self.folder, timeout=120,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
            self.assertEqual(done.returncode, 6, done.stderr)
            self.assertIn("limited to %d KiB here (ulimit -f)" % (limit >> 10), done.stderr)
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")])

    def test_limit_on_descriptors(self):
        spec = self.sweep(ONE, "besom report ok=1")
        for limit in list(range(4, 44, 3)) + [48]:
            done = subprocess.run([self.binary, "run", spec, "--new"], env=self.env, cwd=self.folder, timeout=120,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
            self.assertIn(done.returncode, (0, 1), (limit, done.stderr))
            if done.returncode == 1:
                self.assertIn("ulimit -n", done.stderr, limit)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_folder_whose_name_is_not_text(self):
        odd = os.path.join(os.fsencode(self.folder), b"caf\xe9")
        os.mkdir(odd)
        for name, text in (("sweep.yaml", 'command: [sh, t.sh]\nworkdir: .\n' + ONE),
                           ("t.sh", "pwd > here; besom report ok=1\n")):
            with open(os.path.join(odd, name.encode()), "w") as f:
                f.write(text)
        for store in ([], [b"--store", os.path.join(odd, b"s\xf6re")]):
            env = dict(self.env) if not store else {k: v for k, v in self.env.items() if k != "BESOM_STORE"}
            binary = os.fsencode(self.binary)
            done = subprocess.run([binary, b"run", b"sweep.yaml", *store], env=env, cwd=odd, timeout=120,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)
            with open(os.path.join(odd, b"here"), "rb") as f:
                self.assertEqual(f.read().rstrip(b"\n"), os.path.realpath(odd))
            done = subprocess.run([binary, b"check", *store], env=env, cwd=odd, timeout=120,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    scene.main()
