#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent whose disk fills up: what runs there continues, what would start there runs elsewhere. The disk is a small
tmpfs in a mount namespace of its own."""
import os
import subprocess
import sys

import fleet

GRID = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {x: {values: [0, 1, 2, 3, 4, 5]}}
"""
# A line that cannot be written does not end it.
TRAIN = """
report() { echo "{\\"step\\":$1,\\"loss\\":$1}" >> "$BESOM_METRICS"; }
for step in 0 1 2 3 4 5 6 7 8 9; do report $step; done
: > "started.${BESOM_TRIAL##*-}"
while [ ! -e "go.${BESOM_TRIAL##*-}" ]; do sleep 0.02; done
report 10
"""


class Space(fleet.Case):
    def small_disk(self, name):
        """The folder of the agent of that name."""
        place = self.root / ("agent." + name)
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(place)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(place)], check=True)
        return place

    def fill(self, place):
        try:
            with open(place / "ballast", "wb", buffering=0) as f:
                while True:
                    f.write(bytes(4096))
        except OSError:
            pass

    def free(self, place):
        (place / "ballast").unlink()

    def slots_of(self, name):
        return [s["why_idle"] for a in self.look("agents") if a["name"] == name for s in a["slots"]]

    def test_trials_run_elsewhere(self):
        self.serve()
        place = self.small_disk("small")
        self.agent("small", "--slots", 2, "--join", self.join_string())
        fleet.wait_until(lambda: len(self.look("agents")) == 1, "the agent")
        sweep = self.create(GRID + "retry: {host: 0}\n", TRAIN)
        for number in 0, 1:
            self.wait_for("started.%d" % number)
        self.fill(place)
        for number in range(6):
            self.touch("go.%d" % number)
        fleet.wait_until(lambda: "no space on its disk" in self.slots_of("small"), "an agent without space")
        self.assertIn("no space on its disk", self.besom("agents"))
        waits = [t["id"] for t in self.look("trials", sweep) if t["state"] == "pending"]
        self.assertIn("no space on its disk", self.besom("explain", waits[-1]))
        self.agent("large", "--slots", 2)
        fleet.wait_until(lambda: not [t for t in self.look("trials", sweep) if t["state"] in ("pending", "running")],
                         "the trials on the other agent")
        trials = self.look("trials", sweep)
        self.assertEqual({t["agent"] for t in trials[2:]}, {"large"})
        self.free(place)
        fleet.wait_until(lambda: self.slots_of("small") == [None, None], "space")
        self.end_all()

    def test_nothing_is_lost_while_the_controller_is_away(self):
        """Trainings end on the full disk; with space and the controller, they run again, and all reports are there."""
        self.serve()
        place = self.small_disk("small")
        agent = self.agent("small", "--slots", 2, "--join", self.join_string())
        fleet.wait_until(lambda: len(self.look("agents")) == 1, "the agent")
        sweep = self.create(GRID, TRAIN)
        for number in 0, 1:
            self.wait_for("started.%d" % number)
        self.controller.kill()
        self.controller.wait()
        self.fill(place)
        for number in range(6):
            self.touch("go.%d" % number)
        fleet.wait_until(lambda: not self.alive(), "the ends of the trainings")
        self.serve()
        fleet.wait_until(lambda: "no space on its disk" in self.slots_of("small"), "an agent without space")
        self.free(place)
        self.until_ended()
        self.assertIsNone(agent.poll())
        for trial in self.look("trials", sweep):
            self.assertEqual(trial["state"], "finished")
            self.assertEqual([p["step"] for p in self.points(trial) if p["attempt"] == trial["attempt"]], list(range(11)))
        self.end_all()


INSIDE = "BESOM_TEST_INSIDE"
if __name__ == "__main__" and INSIDE not in os.environ:
    enter = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.call([*enter, "mount", "-t", "tmpfs", "none", "/tmp"], stderr=subprocess.DEVNULL) != 0:
        print("SKIPPED: a disk of our own needs user and mount namespaces, which are not to be had here", file=sys.stderr)
        sys.exit(77)
    os.environ[INSIDE] = "1"
    os.execvp(enter[0], [*enter, sys.executable, "-B", *sys.argv])
if __name__ == "__main__":
    fleet.main()
