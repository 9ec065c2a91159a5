#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sweep whose method learns, killed -9 three times, proposes what an undisturbed one does."""
import scene

SPEC = """
method: %s
seed: 3
metric: {name: loss}
run_cap: 12
max_parallel: 1
strategy: {%s}
parameters: {x: {min: 0.0, max: 1.0}, n: {min: 1, max: 9}, kind: {values: [a, b]}}
"""
# The trial with a file `stop.N` waits until it is gone.
TRAIN = """
n=${BESOM_TRIAL##*-}
while [ -e "stop.$n" ]; do : > "waiting.$n"; sleep 0.02; done
echo "{\\"loss\\": 0.$n}" >> "$BESOM_METRICS"
"""
METHODS = {"bayes": "initial: 3", "tpe": "initial: 3", "cmaes": "population: 3"}
KILLS = (2, 5, 9)


class Killed(scene.Case):
    def params(self):
        return [t["params"] for t in self.by_number()]

    def test_what_is_proposed_after_kills(self):
        for method, options in METHODS.items():
            with self.subTest(method):
                self.sweep(SPEC % (method, options), TRAIN)
                self.says("run", "sweep.yaml", "--new")
                undisturbed = self.params()
                self.assertEqual(len(undisturbed), 12)
                for i, trial in enumerate(KILLS):
                    self.touch("stop.%d" % trial)
                    run = self.begin("run", "sweep.yaml", *(["--new"] if i == 0 else []))
                    self.wait_for("waiting.%d" % trial, run)
                    self.kill_besom(run)
                    (self.folder / ("stop.%d" % trial)).unlink()
                    (self.folder / ("waiting.%d" % trial)).unlink()
                self.says("run", "sweep.yaml")
                self.assertEqual(self.params(), undisturbed)
                found = self.look("replay", self.look("show", "last")["id"])
                self.assertEqual((found["ok"], found["difference"], found["proposals"]), (True, None, 12))


if __name__ == "__main__":
    scene.main()
