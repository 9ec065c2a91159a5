#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`besom rm`: a sweep goes with all that belongs to it, and nothing else does."""
import json
import os
import pty
import signal

import scene

GRID = "method: grid\nmetric: {name: x}\nparameters: {x: {values: [0, 1]}}\n"
TRAIN = 'echo hello\ntouch "$BESOM_DIR/model"\nbesom report x=$((0 + ${1#x=}))\n'
WAIT = 'command: [sh, -c, "touch up; while [ ! -e go ]; do sleep 0.02; done"]\n' \
       "method: grid\nparameters: {y: {values: [1]}}\n"


class Remove(scene.Case):
    def files(self):
        return sorted(str(p.relative_to(self.store)) for p in self.store.rglob("*")
                      if p.relative_to(self.store).parts[0] in ("logs", "trials", "run"))

    def finish(self, *args):
        self.says("run", self.sweep(GRID, TRAIN), "--slots", 1, *args)
        return self.look("show", "last")["id"]

    def sound(self, *sweeps):
        self.besom("check")
        for sweep in sweeps:
            self.besom("replay", sweep)
        self.assertEqual({s["id"] for s in self.look("ls")}, set(sweeps))

    def test_all_of_it_goes_and_nothing_else(self):
        first, second, third = self.finish(), self.finish("--new"), self.finish("--new")
        kept = [f for f in self.files() if second not in f and ".spare" not in f]
        self.assertTrue(any(second in f for f in self.files()))
        points = self.besom("metrics", third + "-1", "--json")
        said = self.says("rm", second, "--yes")
        self.assertIn("Sweep %s of " % second, said)
        self.assertIn("finished: 2 trials, ", said)
        self.assertIn(" in the store; 2 trial folders and 2 logs, ", said)
        self.assertIn("sweep %s is removed\n" % second, said)
        self.assertEqual(self.files(), kept)
        self.assertEqual(self.besom("metrics", third + "-1", "--json"), points)
        self.sound(first, third)
        self.assertIn("there is no sweep", self.says("show", second, code=3))
        lines = self.besom("rm", "last", first, first, "--yes", "--json").splitlines()
        self.assertEqual([json.loads(line)["sweep"] for line in lines], [third, first])

    def test_the_spec_begins_anew(self):
        self.finish()
        self.besom("rm", "last", "--yes")
        self.assertEqual(self.besom("ls", "--json"), "[]\n")
        sweep = self.finish()
        self.assertEqual(len(self.trials()), 2)
        self.sound(sweep)

    def test_it_asks(self):
        sweep = self.finish()
        self.assertIn("confirm with --yes", self.says("rm", sweep, stdin=-3, code=2))
        for answer, code in ((b"n\n", 1), (b"\n", 1), (b"y\n", 0)):
            master, slave = pty.openpty()
            os.write(master, answer)
            said = self.says("rm", sweep, stdin=slave, code=code)
            os.close(slave)
            os.close(master)
            self.assertIn("Remove it for good? [y/N]", said)
            self.assertEqual(len(self.look("ls")), code)

    def says(self, *args, code=0, **options):
        return self.end(self.begin(*args, **options), code)

    def test_it_does_not_wait_for_a_running_sweep(self):
        ended = self.finish()
        self.write("wait.yaml", WAIT)
        run = self.begin("run", "wait.yaml", "--slots", 1)
        self.wait_for("up", run)
        running = self.look("show", "last")["id"]
        said = self.says("rm", running, "--yes", code=2)
        self.assertIn("has not ended: end it with `besom stop %s`" % running, said)
        self.assertIn("another besom is using the store", self.says("rm", ended, "--yes", code=6))
        self.assertEqual(len(self.look("ls")), 2)
        self.touch("go")
        self.end(run, 0)
        self.besom("rm", running, ended, "--yes")
        self.sound()

    def test_a_killed_sweep_ends_first(self):
        self.write("wait.yaml", WAIT)
        run = self.begin("run", "wait.yaml", "--slots", 1)
        self.wait_for("up", run)
        run.send_signal(signal.SIGKILL)
        run.wait()
        self.assertTrue(self.shims())
        self.assertIn("which has not ended: 1 trial", self.says("rm", "last", "--yes"))
        self.assertEqual(self.alive(), {})
        self.assertEqual(self.files(), ["logs", "run", "trials"])
        self.sound()

    def test_files_that_were_left_go_later(self):
        sweep = self.finish()
        self.besom("rm", sweep, "--yes")
        left = self.store / "trials" / sweep / "0"
        left.mkdir(parents=True)
        (left / "model").touch()
        other = self.store / "trials" / "unknown2"
        other.mkdir()
        self.finish()
        self.assertFalse(left.parent.exists())
        self.assertTrue(other.exists())


scene.main()
