#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store on a disk that fills up: besom launches no trial without room, and stops with a clear message
if it cannot write the store. Training continues. When the disk has space again, no result is missing:
trials that ended on the full disk run again. The disk is a small tmpfs in a mount namespace of its
own."""
import os
import subprocess
import sys

import scene

# Points before and after the disk is full. A line that cannot be written does not end it.
TRAIN = """
report() { echo "{\\"step\\":$1,\\"loss\\":$1}" >> "$BESOM_METRICS"; }
number=${BESOM_TRIAL##*-}
for step in 0 1 2 3 4 5 6 7 8 9; do report $step; done
: > "started.$number"
while [ ! -e "go.$number" ]; do sleep 0.02; done
report 10
"""
SPEC = """
method: grid
metric: {name: loss, goal: maximize}
parameters: {x: {min: 0, max: %d}}
"""
FULL = "No space left|disk is full"


class Space(scene.Case):
    def mount(self, options):
        self.store.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(self.store)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.store)], check=True)

    def fill(self):
        """Takes every block there is."""
        try:
            with open(self.store / "ballast", "wb", buffering=0) as f:
                while True:
                    f.write(bytes(4096))
        except OSError:
            pass

    def points_of(self, trial):
        return [p["metrics"]["loss"] for p in self.points(trial)]

    def test_full_while_trials_run(self):
        self.mount("size=6m")
        spec = self.sweep(SPEC % 7, TRAIN)
        run = self.begin("run", spec, "--slots", 2)
        self.wait_for("started.0", run), self.wait_for("started.1", run)
        self.fill()
        for number in range(1, 8):  # a commit may still fit into the block begun
            self.touch("go.%d" % number)
        said = self.end(run, 6)
        self.assertRegex(said, FULL)
        self.assertIn("the trials keep running", said)
        self.assertGreaterEqual(len(self.shims()), 1)
        self.assertRegex(self.says("run", spec, code=6), FULL)
        self.besom("trials", "last")
        self.touch("go.0")
        scene.wait_until(lambda: not self.alive(), "what ran when the disk was full")
        (self.store / "ballast").unlink()
        self.says("run", spec)
        trials = self.by_number()
        self.assertEqual([(t["reason"], t["attempts"]) for t in trials],
                         [("ok", 2)] * 2 + [("ok", 1)] * 6)
        for trial in trials:
            self.assertEqual(self.points_of(trial)[-11:], list(range(11)))
        for trial in "last-0", "last-1":
            self.assertEqual(self.attempts(trial), ["host", "ok"])
        first = self.look("show", "last-0")["attempts_list"][0]
        self.assertIn("the disk was full", first["text"])

    def test_no_room_to_begin_a_trial(self):
        self.mount("size=6m,nr_inodes=60")
        spec = self.sweep(SPEC % 7, TRAIN)
        run = self.begin("run", spec, "--slots", 1)
        self.wait_for("started.0", run)
        ballast = self.store / "ballast"
        ballast.mkdir()
        try:
            for i in range(100):
                (ballast / str(i)).touch()
        except OSError:
            pass
        for number in range(8):
            self.touch("go.%d" % number)
        scene.wait_until(lambda: "waiting for space on the disk" in self.said(run), "its word")
        self.assertEqual(len(self.trials()), 2)
        for file in ballast.iterdir():
            file.unlink()
        self.assertIn("there is space on the disk again", self.end(run, 0))
        self.assertEqual([(t["reason"], t["attempts"]) for t in self.trials()], [("ok", 1)] * 8)


INSIDE = "BESOM_TEST_INSIDE"
if __name__ == "__main__" and INSIDE not in os.environ:
    enter = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.call([*enter, "mount", "-t", "tmpfs", "none", "/tmp"],
                       stderr=subprocess.DEVNULL) != 0:
        print("SKIPPED: a disk of our own needs user and mount namespaces, which are not to be had"
              " here", file=sys.stderr)
        sys.exit(77)
    os.environ[INSIDE] = "1"
    os.execvp(enter[0], [*enter, sys.executable, "-B", *sys.argv])
if __name__ == "__main__":
    scene.main()
