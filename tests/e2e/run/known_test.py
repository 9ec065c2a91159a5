#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people know before a sweep: configurations to try first."""
import scene

PARAMETERS = "metric: {name: x}\nparameters:\n  a: {values: [1, 2, 3]}\n  g: {parameters: {b: {min: 1, max: 2}}}\n"
INITIAL = "initial:\n  - {a: 3, g: {b: 1}}\n  - {g.b: 2}\n"
REPORT = 'besom report "x=${BESOM_TRIAL##*-}"\n'


class Known(scene.Case):
    def sound(self):
        self.besom("check")
        self.besom("replay", "last")

    def params(self):
        return [t["params"] for t in self.by_number()]

    def strategies(self):
        return [self.look("explain", "last-%d" % i)["proposed"]["strategy"] for i in range(len(self.params()))]


class Initial(Known):
    def test_they_run_first_with_every_method_and_after_a_resume(self):
        for method in ("grid", "random", "sobol", "bayes", "tpe"):
            with self.subTest(method):
                spec = self.sweep("method: %s\nseed: 3\n%s%s" % (method, PARAMETERS, INITIAL), REPORT)
                self.says("run", spec, "--new", "--slots", 1, "--count", 1)
                self.says("run", spec, "--slots", 2)
                tried = self.params()
                self.assertEqual(tried[0], {"a": 3, "g": {"b": 1}})
                self.assertEqual(tried[1]["g"], {"b": 2})
                self.assertEqual(sorted((p["a"], p["g"]["b"]) for p in tried), [(a, b) for a in (1, 2, 3) for b in (1, 2)])
                self.assertEqual(self.strategies(), ["initial"] * 2 + [method] * 4)
                self.assertIn("configuration 1 of 2 in `initial`, counted from 0", self.besom("explain", "last-1"))
                self.sound()

    def test_the_list_may_grow(self):
        text = "method: random\nrun_cap: %d\n" + PARAMETERS + INITIAL
        spec = self.sweep(text % 3, REPORT)
        self.says("run", spec, "--slots", 1)
        self.sweep(text % 4 + "  - {a: 2, g.b: 1}\n", REPORT)
        if {"a": 2, "g": {"b": 1}} in self.params():  # then it is passed over
            self.sweep(text % 4 + "  - {a: 1, g.b: 1}\n", REPORT)
        self.says("run", spec, "--slots", 1)
        self.assertEqual(self.strategies()[3], "initial")
        self.sound()
        self.sweep(text.replace("a: 3", "a: 1") % 5, REPORT)
        self.assertIn("initial", self.says("run", spec, code=2))

    def test_plan_shows_them_and_lint_checks_them(self):
        spec = self.sweep("method: random\nrun_cap: 3\n" + PARAMETERS + INITIAL, REPORT)
        self.assertEqual(self.look("plan", spec)["samples"][0]["params"], {"a": 3, "g": {"b": 1}})
        spec = self.sweep("method: random\nrun_cap: 3\n" + PARAMETERS + "initial: [{a: 4}]\n", REPORT)
        self.assertIn("initial[0].a: a is 4, but it must be 1, 2 or 3", self.says("run", spec, code=2))


if __name__ == "__main__":
    scene.main()
