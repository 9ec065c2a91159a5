#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials that ended without a result run again: `besom retry`, and `besom run` after a pause by quick
failures."""
import scene

GRID = "method: grid\nmetric: {name: x}\nparameters: {x: {values: [0, 1, 2, 3]}}\n"
# Fails for odd numbers until there is a file named mended.
ODD_FAIL = 'besom report x=$((0 + ${1#x=}))\n[ -e mended ] || [ $((${1#x=} % 2)) = 0 ]\n'
# Reports only 2 and 3 until there is a file named mended.
LATE_REPORT = '[ ${1#x=} -lt 2 ] && [ ! -e mended ] || besom report x=${1#x=}\n'


class Retry(scene.Case):
    def sound(self):
        self.besom("check")
        self.besom("replay", "last")

    def test_a_sweep_that_has_ended_continues(self):
        spec = self.sweep(GRID, ODD_FAIL)
        self.says("run", spec, "--slots", 1)
        self.assertEqual([s for s, _ in self.ends()], ["finished", "failed"] * 2)
        before = self.by_number()
        self.touch("mended")
        self.assertIn("runs 2 trials again; no process runs it", self.says("retry", "last"))
        self.assertEqual(self.look("show", "last")["state"], "running")
        self.sound()
        self.assertEqual([t["state"] for t in self.by_number()], ["finished", "pending"] * 2)
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")] * 4)
        self.assertEqual([t["params"] for t in self.by_number()], [t["params"] for t in before])
        self.assertEqual([t["attempts"] for t in self.by_number()], [1, 2, 1, 2])
        self.assertEqual(self.attempts("last-1"), ["exit", "ok"])
        self.sound()
        self.assertIn("nothing runs again", self.says("retry", "last"))

    def test_named_trials(self):
        spec = self.sweep(GRID, ODD_FAIL)
        self.says("run", spec, "--slots", 1)
        self.assertIn("its result counts", self.says("retry", "last-0", "last-1", code=2))
        self.assertIn("runs 1 trial again", self.says("retry", "last-3"))
        self.assertIn("is pending", self.says("retry", "last-3", code=2))
        self.assertIn("nothing runs again", self.says("retry", "last", "--lost"))
        self.says("run", spec, code=0)
        self.assertEqual(self.attempts("last-3"), ["exit", "exit"])
        self.assertEqual(self.attempts("last-1"), ["exit"])
        self.sound()

    def test_beside_a_run(self):
        self.write("other.yaml", 'command: [sh, -c, "while [ ! -e go ]; do sleep 0.02; done"]\n'
                   "method: grid\nparameters: {y: {values: [1]}}\n")
        spec = self.sweep(GRID, ODD_FAIL)
        self.says("run", spec, "--slots", 1)
        ended = self.look("ls")[0]["id"]
        run = self.begin("run", "other.yaml")
        scene.wait_until(self.alive, "the other sweep")
        self.assertIn("runs 2 trials again", self.says("retry", ended))
        self.touch("go")
        self.end(run, 0)
        self.touch("mended")
        self.says("run", spec)
        self.assertEqual([t["state"] for t in self.look("trials", ended)], ["finished"] * 4)
        self.besom("check")

    def test_a_cancelled_trial(self):
        spec = self.sweep(GRID.replace("metric: {name: x}\n", ""), 'touch "began.$1"\n[ -e mended ] || sleep 60\n')
        run = self.begin("run", spec, "--slots", 1)
        self.wait_for("began.x=0", run)
        self.besom("cancel", "last")
        self.end(run, 1)
        self.touch("mended")
        said = self.says("retry", "last")
        self.assertIn("has no failed or lost trial: nothing runs again; name the cancelled ones: besom retry", said)
        self.says("retry", "last-0")
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")])  # of the others, none
        self.assertEqual(self.look("show", "last")["state"], "cancelled")
        self.sound()

    def test_run_after_a_pause_by_quick_failures(self):
        spec = self.sweep(GRID.replace("[0, 1, 2, 3]", "[0, 1, 3, 5, 7, 9, 11]"), ODD_FAIL)
        self.assertIn("in a row", self.says("run", spec, "--slots", 1, code=1))
        self.assertEqual(self.ends(), [("finished", "ok")] + [("failed", "exit")] * 5)
        self.assertIn("5 failed trials run again", self.says("run", spec, "--slots", 1, code=1))
        self.assertEqual([t["attempts"] for t in self.by_number()], [1] + [2] * 5)
        self.touch("mended")
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")] * 7)
        self.assertEqual([t["attempts"] for t in self.by_number()], [1] + [3] * 5 + [1])
        self.sound()

    def test_run_after_a_pause_by_a_missing_metric(self):
        spec = self.sweep("report: {stdout: json}\n" + GRID.replace("[0, 1, 2, 3]", "[1, 2, 3, 4, 5, 6]"),
                          'echo "{\\"$([ -e mended ] && echo x || echo y)\\": ${1#x=}}"\n')
        said = self.says("run", spec, "--slots", 1, code=1)
        self.assertIn("the trials without x run again", said)
        self.touch("mended")
        said = self.says("run", spec, "--slots", 1)
        self.assertIn("3 trials that finished without x run again.", said)
        self.assertEqual([t["objective"] for t in self.by_number()], [1, 2, 3, 4, 5, 6])
        self.assertEqual([t["attempts"] for t in self.by_number()], [2, 2, 2, 1, 1, 1])
        self.assertNotIn("without x", self.says("run", spec))
        self.sound()

    def test_finished_trials_without_the_metric(self):
        spec = self.sweep(GRID, LATE_REPORT)
        self.says("run", spec, "--slots", 1)
        self.touch("mended")
        self.assertIn("runs 1 trial again", self.says("retry", "last-0"))
        self.says("run", spec)
        self.assertIn("its result counts", self.says("retry", "last-0", code=2))
        self.assertIn("runs 1 trial again", self.says("retry", "last"))
        self.says("run", spec, "--slots", 1)
        self.assertEqual([t["attempts"] for t in self.by_number()], [2, 2, 1, 1])
        self.assertIn("has no", self.says("retry", "last"))
        self.assertEqual([t["objective"] for t in self.by_number()], [0, 1, 2, 3])
        self.sound()

    def test_the_summary_counts_trials_without_the_metric(self):
        spec = self.sweep(GRID, LATE_REPORT + "[ $1 != x=3 ]\n")
        self.assertIn("3 finished, 2 of them without x, 1 failed", self.says("run", spec))
        again = "run the failed trials and those without x again:\n  besom retry "
        self.assertIn(again, self.says("run", spec))
        self.assertIn(again, self.says("show", "last"))
        self.assertIn("2 of them without x", self.says("show", "last"))

    def test_a_trial_that_ends_well_after_the_pause(self):
        spec = self.sweep(GRID.replace("[0, 1, 2, 3]", "[0, 1, 3, 5, 7, 9, 11]"),
                          'touch began\n[ $1 = x=0 ] && while [ ! -e go ]; do sleep 0.02; done\n' + ODD_FAIL)
        run = self.begin("run", spec, "--slots", 2)
        self.wait_for("began", run)
        scene.wait_until(lambda: self.look("show", "last")["state"] == "paused", "the pause")
        self.touch("go")
        self.end(run, 1)
        self.assertEqual(self.ends(), [("finished", "ok")] + [("failed", "exit")] * 5)
        self.touch("mended")
        self.assertIn("5 failed trials run again", self.says("run", spec))
        self.assertEqual(self.ends(), [("finished", "ok")] * 7)
        self.sound()

    def test_a_stopping_rule_judges_on(self):
        spec = self.sweep(
            "early_terminate: {type: asha, min_iter: 1, max_iter: 9}\n" + GRID,
            "for n in 1 2 3 4; do besom report x=$((${1#x=} + $n)) --step $n; done\n"
            "[ -e mended ] || [ ${1#x=} = 0 ]\n")
        self.says("run", spec, "--slots", 1)
        self.touch("mended")
        self.besom("retry", "last")
        self.says("run", spec)
        self.sound()


if __name__ == "__main__":
    scene.main()
