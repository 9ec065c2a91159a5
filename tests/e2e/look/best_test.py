# SPDX-License-Identifier: GPL-3.0-or-later
"""besom best: the best trial, and how far it can be trusted."""
import os
import re
import sys
import unittest

import facts
from facts import A, T0


class Best(facts.Case):
    def test_best(self):
        best = self.json("best", A)
        self.assertEqual((best["number"], best["objective"]), (1, 0.25))
        self.assertIsNone(self.json("best", code=1))

    def test_best_of_a_metric_that_nobody_reports(self):
        f, sweep = facts.Facts(), "ffff6666"
        f.now = T0 - 300_000
        f.created(sweep, "/w/other.yaml", "/w", name="other", metric={"name": "los", "goal": "minimize"}, total=1)
        self.make(f)
        self.assertEqual(self.besom("best", sweep, code=1),
                         "sweep %s has no best trial yet: none has reported los\n" % sweep)
        f.lines = []
        f.whole(sweep, 0, 0.5, "relu", 8, [0.5])
        f.add("sweep_state", sweep, state="finished", reason="ok")
        self.make(f)
        none = "no trial has reported the metric los: the first reported loss and acc; did you mean loss?\n" \
               "Report los in the script, or start a new sweep with one of them as metric.name.\n"
        self.assertIn("\n" + none, self.besom("show", sweep))
        self.assertEqual(self.besom("best", sweep, code=1), "sweep %s has no best trial: %s" % (sweep, none))
        for options in (["--metric=los"], ["--last"], ["--last", "--metric=los"]):
            self.assertEqual(self.besom("best", sweep, *options, code=1), "sweep %s has no best trial: %s" % (sweep, none))
        self.assertIsNone(self.json("best", sweep, "--last", code=1))
        f = facts.Facts()
        f.now = T0 - 200_000
        f.created("ffff7777", "/w/failed.yaml", "/w", name="failed", total=1)
        f.proposed("ffff7777", 0, 0.5, "relu", 8)
        f.launched("ffff7777", 0)
        f.ended("ffff7777", 0, "exit", "failed", code=1)
        f.add("sweep_state", "ffff7777", state="finished", reason="ok")
        self.make(f)
        self.assertEqual(self.besom("best", "ffff7777", code=1),
                         "sweep ffff7777 has no best trial: none has reported loss\n")

    def test_front_that_is_empty(self):
        f, sweep = facts.Facts(), "ffff8888"
        f.now = T0 - 300_000
        two = [{"name": "loss", "goal": "minimize"}, {"name": "size", "goal": "maximize"}]
        f.created(sweep, "/w/two.yaml", "/w", {k: v for k, v in facts.SPEC.items() if k != "metric"}, metrics=two, total=1)
        f.whole(sweep, 0, 0.5, "relu", 8, [0.5])
        self.make(f)
        none = "sweep %s has no front%s: no trial has ended with a value of each of loss (minimize) and size (maximize)\n"
        self.assertEqual(self.besom("best", sweep, code=1), none % (sweep, " yet"))
        f.lines = []
        f.add("sweep_state", sweep, state="finished", reason="ok")
        self.make(f)
        self.assertEqual(self.besom("best", sweep, code=1), none % (sweep, ""))
        for options in (["--last"], ["--goal=maximize"]):
            self.besom("best", sweep, *options, code=2, err="sweep %s has several objectives: name one with --metric" % sweep)
        self.assertIn("trial 0 of", self.besom("best", sweep, "--last", "--metric=loss"))

    def test_best_of_noisy_results(self):
        f, sweep = facts.Facts(), "dddd4444"
        f.now = T0 - 500_000
        f.created(sweep, "/w/noisy.yaml", "/w", name="noisy")
        for i in range(24):
            lr = 0.02 + i / 25
            noise = ((i * 7919) % 13 - 6) / 60
            f.whole(sweep, i, lr, "relu", 8, [-0.2 if i == 20 else (lr - 0.3) ** 2 + noise])
        self.make(f)
        best = self.json("best", sweep)
        self.assertEqual((best["number"], best["objective"]), (20, -0.2))
        top = best["recommended"]
        self.assertEqual(len(top), 5)
        self.assertNotEqual(top[0]["number"], 20)
        self.assertLess(top[0]["low"], top[0]["high"])
        self.assertLessEqual(sum(t["p_best"] for t in top), 1)
        text = self.besom("best", sweep)
        self.assertIn("best: trial 20 of", text)
        self.assertEqual(best["verdict"], "luck")
        self.assertIn("a model of them recommends trial %d instead: " % top[0]["number"], text)
        said = re.search(r"P\(best\) (\d+)% \(trial 20: ", text)
        self.assertAlmostEqual(int(said[1]), 100 * top[0]["p_best"], delta=0.6)  # JSON's share is rounded
        self.assertNotIn("repeats", text)
        self.assertNotIn("recommends", self.besom("best", sweep, "--last"))
        self.assertNotIn("recommended", self.json("best", A))

    def test_best_that_was_repeated(self):
        f, sweep = facts.Facts(), "eeee5555"
        f.now = T0 - 400_000
        f.created(sweep, "/w/repeated.yaml", "/w", name="repeated")
        for i, (lr, loss) in enumerate([(0.1, 0.088), (0.1, 0.124), (0.2, 0.098), (0.1, 0.116), (0.2, 0.102), (0.3, 0.5)]):
            f.whole(sweep, i, lr, "relu", 8, [loss])
        self.make(f)
        best = self.json("best", sweep)
        self.assertEqual(best["number"], 0)
        self.assertEqual(best["repeats"], {"number": 0, "trials": 3, "mean": 0.1093, "sd": 0.0189, "low": 0.088, "high": 0.124})
        self.assertEqual((best["better"]["number"], best["better"]["mean"]), (2, 0.1))
        text = self.besom("best", sweep)
        self.assertIn("\nrepeats: mean 0.1093 ± 0.0189 of 3 (0.088 to 0.124)\n"
                      "trial 2 has better repeats: mean 0.1 ± 0.002828 of 2 (0.098 to 0.102)\n", text)
        self.assertNotIn("repeats", self.besom("best", A))

    def test_best_by_another_metric(self):
        best = self.json("best", A, "--metric", "acc", "--goal", "minimize")
        self.assertEqual((best["number"], best["by"]),
                         (0, {"metric": "acc", "value": 1 - 0.9, "last": False}))
        best = self.json("best", A, "--last")
        self.assertEqual((best["number"], best["by"]["value"]), (1, 0.3))
        self.assertEqual(self.json("best", A, "-m", "acc", "--goal=maximize", "-l")["number"], 1)
        self.assertEqual(self.json("best", A, "--metric", "loss")["number"], 1)
        self.assertIn("acc 0.75,", self.besom("best", A, "-m", "acc", "--goal", "maximize"))
        self.besom("best", A, "--metric", "acc", code=2, err="--goal maximize")
        self.besom("best", A, "--metric", "ac", "--goal=minimize", code=2,
                   err="did you mean 'acc'?\nknown: loss, acc")
        self.besom("best", A, "--goal", "minimize", code=2, err="--goal")
        self.assertIsNone(self.json("best", "--last", code=1))

    def test_best_can_be_copied(self):
        text = self.besom("best", A)
        self.assertIn("  act: tanh\n  epochs: 3\n  lr: 0.0123456789\n  model:\n    width: 16\n", text)
        self.assertIn("run it again: besom rerun %s-1" % A, text)
        self.assertIn("besom metrics " + A + "-1\n", text)
        self.assertIn("none has reported loss", self.besom("best", code=1))


if __name__ == "__main__":
    if "STORE_OF_FACTS" not in os.environ:
        print("SKIPPED: STORE_OF_FACTS names no program", file=sys.stderr)
        sys.exit(77)
    unittest.main()
