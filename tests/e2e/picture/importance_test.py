# SPDX-License-Identifier: GPL-3.0-or-later
"""besom importance: what it prints and says, and that the same trials give the same numbers."""
import bisect
import math
import random
import unittest
from collections import Counter

import pictured
import facts
from pictured import SWEEP


METHODS = "ped-anova", "fanova", "forest", "correlation"


def ranks(values):
    """From 1; equal values share the mean of theirs."""
    ascending = sorted(values)
    return [(2 * bisect.bisect_left(ascending, x) + ascending.count(x) + 1) / 2 for x in values]


def spearman(xs, ys):
    a, b = ranks(xs), ranks(ys)
    mean = (len(xs) + 1) / 2
    both, one, other = (sum((x - mean) * (y - mean) for x, y in zip(*pair)) for pair in ((a, b), (a, a), (b, b)))
    return both / math.sqrt(one * other)


def eta_squared(names, ys):
    b, mean = ranks(ys), (len(ys) + 1) / 2
    between = 0
    for name in set(names):
        group = [y for n, y in zip(names, b) if n == name]
        between += len(group) * (sum(group) / len(group) - mean) ** 2
    return between / sum((y - mean) ** 2 for y in b)


class Importance(pictured.Case):
    def test_json_has_the_documented_shape(self):
        self.sweep(200)
        told = self.json("importance", SWEEP)
        self.assertEqual(list(told), ["metric", "goal", "method", "at", "trials", "basis", "missing", "parameters", "seeds", "notes"])
        self.assertEqual((told["metric"], told["method"]), ("val_loss", "ped-anova"))
        finished = [t for t in self.json("trials", SWEEP) if t["state"] == "finished"]
        self.assertEqual(told["trials"], sum(isinstance(t["objective"], float) for t in finished))
        for one in told["parameters"]:
            self.assertEqual(list(one), ["name", "importance", "low", "high", "rho", "noise", "trend"])
            self.assertTrue(0 <= one["low"] <= one["importance"] <= one["high"], one)
        shares = [one["importance"] for one in told["parameters"]]
        self.assertEqual(shares, sorted(shares, reverse=True))
        self.assertAlmostEqual(sum(shares), 1)
        self.assertEqual({one["name"] for one in told["parameters"]},
                         set(pictured.PARAMETERS) - {"epochs", "twice"})

    def test_what_matters_is_told_from_noise(self):
        self.sweep(200)
        for method in METHODS[:3]:  # the best lr is in the middle: its correlation is about 0
            first, *rest = self.json("importance", SWEEP, "--method", method)["parameters"]
            self.assertEqual((first["name"], first["noise"]), ("lr", False), method)
            self.assertTrue([one for one in rest if one["name"] == "noise"][0]["noise"], method)

    def test_correlations_are_those_of_the_trials(self):
        self.sweep(150)
        for goal, metric in (("minimize", "val_loss"), ("maximize", "acc")):
            told = self.json("importance", SWEEP, "--method", "correlation", "--metric", metric, "--goal", goal)
            trials = [t for t in self.json("trials", SWEEP) if t["state"] == "finished" and isinstance(t["objective"], float)]
            value = lambda t: t["objective"] if metric == "val_loss" else t["metrics"]["acc"]
            if metric == "acc":
                trials = [t for t in self.json("trials", SWEEP) if t["state"] == "finished"]
            self.assertEqual(told["trials"], len(trials))
            for one in told["parameters"]:
                known = [t for t in trials if one["name"] in t["params"]]
                xs, ys = [t["params"][one["name"]] for t in known], [value(t) for t in known]
                if "values" in pictured.PARAMETERS[one["name"]]:
                    self.assertAlmostEqual(one["importance"], eta_squared(xs, ys), 12)
                    self.assertIsNone(one["rho"])
                else:
                    self.assertAlmostEqual(one["rho"], spearman(xs, ys), 12)
                    self.assertAlmostEqual(one["importance"], one["rho"] ** 2, 12)
        text = self.besom("importance", SWEEP, "--method", "correlation")
        self.assertRegex(text, r"(?m)^lr .* [+-]0\.\d\d ")

    def test_the_same_trials_give_the_same_numbers(self):
        self.sweep(100)
        for method in METHODS:
            args = "importance", SWEEP, "--json", "--method", method
            self.assertEqual(self.besom(*args), self.besom(*args))

    def test_text_says_what_was_used(self):
        self.sweep(200)
        text = self.besom("importance", SWEEP, env={"COLUMNS": "80", "LANG": "C.UTF-8"})
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 80, text)
        self.assertRegex(text, "lr .* best near 0.00[01]")
        for words in ("what matters for val_loss ↓, by ped-anova, of %d" % self.json("importance", SWEEP)["trials"], "█", "may be noise", "40 stopped early, 10 failed",
                      "3\n  without a finite value", "gamma 0.1", "not what is true", "epochs (one value)", "twice (computed)"):
            self.assertIn(words, text)
        self.assertTrue(text.splitlines()[3].startswith("lr "), text)
        plain = self.besom("importance", SWEEP, env={"LANG": "C", "LC_ALL": "C"})
        self.assertTrue(plain.isascii(), plain)

    def test_too_few_trials(self):
        self.sweep(10)
        text = self.besom("importance", SWEEP)
        self.assertIn("need, 29 more.", " ".join(text.split()))
        self.assertNotIn("share", text)
        self.assertEqual(self.json("importance", SWEEP)["parameters"], [])
        self.assertEqual(self.json("importance", facts.A)["trials"], 3)
        self.sweep_of_values("eeee5555", [({"x": i}, i) for i in range(5)], {"x": {"min": 0, "max": 9}})
        self.assertIn("5 of the 20 that 1 parameter needs, 15 more.", self.json("importance", "eeee5555")["notes"][0])

    def test_where_most_were_stopped_early_the_highest_rung_counts(self):
        """As if the trials had finished with the values that they had there."""
        self.sweep(120, few=True, spec=pictured.RUNGS)
        told = self.json("importance", SWEEP)
        rows = self.at_iteration(SWEEP, 4)
        self.assertEqual((told["at"], told["trials"], told["missing"]), (4, len(rows), 0))
        self.sweep_of_values("eeee5555", rows)
        same = self.json("importance", "eeee5555")
        self.assertEqual((same["at"], same["trials"]), (None, len(rows)))
        self.assertEqual(told["parameters"], same["parameters"])
        self.assertEqual((told["parameters"][0]["name"], told["parameters"][0]["noise"]), ("lr", False))
        trials = self.json("trials", SWEEP)
        reached = Counter(t["state"] for t in trials if t["params"] in [params for params, _ in rows])
        left = Counter(t["state"] for t in trials) - reached
        fell = "Too few trials finished (%d), so they are compared at this rung." % reached["finished"]
        text = " ".join(self.besom("importance", SWEEP).split())
        basis = "of %d trials at iteration 4 (at a rung until 35 have finished)" % len(rows)
        self.assertEqual(told["basis"], basis)
        for words in ("by ped-anova, " + basis, "Used: %d trials that reached iteration 4" % len(rows), fell,
                      "%d stopped early" % reached["stopped"], "Left out: %d stopped early" % left["stopped"]):
            self.assertIn(words, text)

    def test_at_chooses_where_trials_are_compared(self):
        self.sweep(250, few=True, spec=pictured.RUNGS)
        usual = self.json("importance", SWEEP)  # enough finished
        ended = "of %d finished trials" % usual["trials"]
        self.assertEqual((usual["at"], usual["basis"]), (None, ended + " (at a rung until 35 have finished)"))
        four = self.json("importance", SWEEP, "--at", "4")
        self.assertEqual((four["at"], four["trials"]), (4, len(self.at_iteration(SWEEP, 4))))
        self.assertNotIn("Too few", " ".join(four["notes"]))
        self.assertEqual(four["basis"], "of %d trials at iteration 4" % four["trials"])
        self.assertEqual(self.json("importance", SWEEP, "--at", "end"), dict(usual, basis=ended))
        self.besom("importance", SWEEP, "--at", "3", code=2, err="at=3: write end, or the iteration of a rung: 2, 4")
        self.besom("importance", SWEEP, "--at", "2", "-m", "acc", "--goal=maximize", code=2, err="only the sweep's metric")
        self.besom("importance", facts.A, "--at", "2", code=2, err="has no early_terminate")

    def test_too_few_at_any_rung(self):
        self.sweep(20, few=True, spec=pictured.RUNGS)
        told = self.json("importance", SWEEP)
        self.assertEqual((told["at"], told["trials"], told["parameters"]), (2, 20, []))
        self.assertIn("need, 15 more.", told["notes"][0])
        self.assertEqual(told["basis"], "of 20 trials at iteration 2 (at a rung until 35 have finished)")

    def test_seeds_are_not_ranked(self):
        """Their share is told apart, and counts in the sum of all."""
        parameters = {"x": {"min": 0.0, "max": 1.0}, "y": {"min": 0.0, "max": 1.0}, "model": {"parameters": {"seed": {"values": [1, 2, 3, 4]}}}}
        draw = random.Random(3)
        rows = [({"x": draw.random(), "y": draw.random(), "model": {"seed": 1 + i % 4}}, 0) for i in range(160)]
        rows = [(p, p["x"] ** 2 + p["model"]["seed"] / 4) for p, _ in rows]
        self.sweep_of_values(SWEEP, rows, parameters)
        for method in METHODS:
            told = self.json("importance", SWEEP, "--method", method)
            [seed] = told["seeds"]
            self.assertEqual((seed["name"], seed["trend"], seed["rho"]), ("model.seed", "noise between seeds", None))
            self.assertEqual([one["name"] for one in told["parameters"]], ["x", "y"], method)
            note = "Noise between seeds, not ranked: model.seed %.3f (90%% interval %.3f to %.3f)." % (seed["importance"], seed["low"], seed["high"])
            self.assertEqual(told["notes"][0], note)
            self.assertGreater(seed["importance"], 0.1, method)
            if method != "correlation":
                self.assertAlmostEqual(sum(one["importance"] for one in told["parameters"] + told["seeds"]), 1)
        text = self.besom("importance", SWEEP)
        self.assertNotRegex(text, "(?m)^model.seed")
        note = self.json("importance", SWEEP)["notes"][0]
        for shown in text, self.besom("plot", SWEEP, "--term"):
            self.assertIn(note, " ".join(shown.split()))
        self.assertRegex(self.besom("plot", SWEEP, "-o", "-"), r"between seeds: 0\.\d\d<")

    def test_a_sweep_of_seeds_alone_ranks_nothing(self):
        rows = [({"seed": i}, i % 7) for i in range(40)]
        self.sweep_of_values(SWEEP, rows, {"seed": {"min": 0, "max": 100}})
        told = self.json("importance", SWEEP)
        self.assertEqual((told["parameters"], told["seeds"]), ([], []))
        self.assertIn("No parameter of this sweep but its seed has more than one value.", told["notes"])
        self.besom("plot", SWEEP, "-o", "-")

    def test_no_trials(self):
        self.sweep(0)
        self.assertEqual(self.json("importance", SWEEP)["trials"], 0)
        self.assertIn("Used: 0 finished trials", self.besom("importance", SWEEP))

    def test_another_metric(self):
        self.sweep(200)
        self.besom("importance", SWEEP, "-m", "acc", code=2, err="add --goal minimize or --goal maximize")
        told = self.json("importance", SWEEP, "--metric", "acc", "--goal", "maximize")
        self.assertEqual((told["metric"], told["parameters"][0]["name"]), ("acc", "lr"))
        self.assertEqual(self.json("importance", SWEEP, "-m", "acc", "--method=fanova")["method"], "fanova")
        self.besom("importance", SWEEP, "-m", "ac", "--goal=minimize", code=2, err="did you mean 'acc'?")
        self.besom("importance", SWEEP, "--method", "shap", code=2, err="ped-anova fanova forest correlation")
        self.besom("importance", "nosuch", code=3, err="nosuch")

    def test_a_sweep_without_a_metric(self):
        spec = {"program": "t.py", "method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}}
        self.sweep(3, spec=spec)
        self.besom("importance", SWEEP, code=2, err="has no metric: name one with --metric")
        self.assertEqual(self.json("importance", SWEEP, "-m", "acc", "--goal=maximize")["trials"], 2)


if __name__ == "__main__":
    unittest.main()
