#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people know: configurations to try first or to add to a sweep, and earlier sweeps."""
import subprocess

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
        for method in ("grid", "random", "sobol", "bayes", "tpe", "cmaes"):
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


class Enqueue(Known):
    def test_it_runs_next_beside_the_process_that_runs_the_sweep(self):
        for method in ("grid", "random", "tpe"):
            with self.subTest(method):
                spec = self.sweep("method: %s\nseed: 3\n%s" % (method, PARAMETERS),
                                  'touch began.${BESOM_TRIAL##*-}\nwhile [ ! -e go ]; do sleep 0.02; done\n' + REPORT)
                run = self.begin("run", spec, "--new", "--slots", 2)
                self.wait_for("began.1", run)
                new = [c for c in [{"a": a, "g": {"b": b}} for a in (1, 2, 3) for b in (1, 2)]
                       if c not in self.params()]
                said = self.says("enqueue", "last", "a=%d" % new[-1]["a"], "g.b=%d" % new[-1]["g"]["b"])
                self.assertIn("has the new trial", said)
                self.assertIn(", which runs next", said)
                self.assertNotIn("warning", said)
                self.touch("go")
                self.end(run, 0)
                (self.folder / "go").unlink()
                (self.folder / "began.1").unlink()
                tried = self.params()
                self.assertEqual(tried[2], new[-1])
                self.assertEqual(len(tried), 6)
                self.assertEqual(len(set(map(str, tried))), 6)
                self.assertEqual(self.strategies(), [method] * 2 + ["enqueue"] + [method] * 3)
                self.assertIn("besom enqueue", self.besom("explain", "last-2"))
                self.sound()

    def test_a_finished_sweep_continues_and_repeats_are_said(self):
        spec = self.sweep("method: grid\n" + PARAMETERS, REPORT)
        self.says("run", spec)
        said = self.says("enqueue", "last", "a=2", "g.b=1")
        self.assertIn("warning: trial %s-2 has the same configuration" % self.look("ls")[0]["id"], said)
        self.assertIn("continue it with besom run", said)
        self.assertEqual(self.look("show", "last")["state"], "running")
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")] * 7)
        self.assertEqual(self.look("show", "last")["total"], 7)
        self.assertIn("it repeats trial 2", self.besom("explain", "last-6"))
        self.sound()
        # The grid has all its points, although the sweep has a trial more.
        text = (self.folder / "sweep.yaml").read_text()
        self.write("sweep.yaml", text.replace("[1, 2, 3]", "[1, 2, 3, 4]"))
        self.says("run", spec)
        self.assertEqual(len(self.params()), 9)
        self.assertEqual(self.look("show", "last")["state"], "finished")
        self.sound()

    def test_what_is_left_out_is_drawn(self):
        self.says("run", self.sweep("method: random\nrun_cap: 3\n" + PARAMETERS, REPORT), "--count", 1)
        said = self.says("enqueue", "last", "a=3")
        self.assertRegex(said, "drawn at random: g.b=[12]")
        self.assertEqual(self.params()[1]["a"], 3)
        self.says("run", "sweep.yaml")
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.sound()
        self.assertIn("beyond its run_cap of 3", self.says("enqueue", "last", "a=1"))
        self.assertIn("done=4/4", self.says("run", "sweep.yaml"))
        self.assertEqual(self.ends(), [("finished", "ok")] * 4)
        self.assertEqual(self.look("show", "last")["state"], "finished")
        self.sound()

    def test_long_texts_are_cut(self):
        space = "metric: {name: x}\nparameters:\n  a: {min: 0.0, max: 1.0}\n  path: {values: [%s, %s]}\n" % ("x" * 50000, "y" * 50000)
        self.says("run", self.sweep("method: random\nrun_cap: 3\n" + space, REPORT), "--count", 1)
        said = self.says("enqueue", "last", "a=0.5")
        self.assertRegex(said, "drawn at random: path=[xy]{199,200}…\n")
        self.assertLess(len(said), 500)
        for given, text in (("a=" + "z" * 50000, "a is …, but it must be a number"), ("z" * 50000, "is not NAME=VALUE"),
                            ("z" * 50000 + "=1", "is not a parameter of this sweep"), ("z" * 50000 + "=[", "put the value in quotes")):
            said = self.says("enqueue", "last", given, code=2)
            self.assertIn(text, said)
            self.assertLess(len(said), 1000)

    def test_errors(self):
        self.says("run", self.sweep("method: random\nrun_cap: 2\n" + PARAMETERS, REPORT), "--count", 1)
        for args, text in ((["a=4"], "a is 4, but it must be 1, 2 or 3"),
                           (["g.b=0.5"], "g.b is 0.5, but it must be an integer from 1 to 2"),
                           (["c=1"], "c is not a parameter of this sweep"),
                           (["a"], "'a' is not NAME=VALUE"), (["a=1", "a=2"], "a is given twice"),
                           (["a=[1"], "a: ")):
            self.assertIn(text, self.says("enqueue", "last", *args, code=2))
        self.assertEqual(len(self.params()), 1)


class Prior(Known):
    SPACE = "metric: {name: x}\nparameters:\n  lr: {min: 0.0, max: 1.0}\n  opt: {values: [adam, sgd]}\n"
    LR = 'for a; do case $a in lr=*) besom report "x=${a#lr=}"; esac; done\n'

    def earlier(self, name, spec):
        self.says("run", self.sweep("name: %s\nrun_cap: 8\nmethod: random\n%s" % (name, spec), self.LR), "--new")
        return self.look("best", name)

    def test_the_best_of_each_earlier_sweep_comes_first_and_stays_in_the_store(self):
        first = self.earlier("first", "seed: 1\n" + self.SPACE)
        second = self.earlier("second", "seed: 2\n" + self.SPACE.replace("opt: {values: [adam, sgd]}", "b: {value: 1}"))
        narrow = self.SPACE.replace("min: 0.0", "min: 0.3").replace("metric", "prior: [first, second]\nmetric")
        for method in ("bayes", "tpe"):
            with self.subTest(method):
                spec = self.sweep("method: %s\nseed: 3\nrun_cap: 4\n%s" % (method, self.SPACE.replace(
                    "metric", "prior: [first]\nmetric")), self.LR)
                said = self.says("run", spec, "--new", "--slots", 1, "--count", 2)
                self.assertIn("prior: 8 of 8 trials of first fit", said)
                self.says("run", spec, "--slots", 1)
                self.assertEqual(self.params()[0], first["params"])
                why = self.look("explain", "last-0")["proposed"]
                self.assertEqual((why["strategy"], why["phase"], why["source"]), (method, "prior", "first"))
                self.assertIn("from sweep first, where it was number 1 of 8", self.besom("explain", "last-0"))
                self.assertEqual(self.look("explain", "last-1")["proposed"]["phase"], "design")
                self.sound()
        # What does not fit is named; a parameter that is missing leaves all of the second out.
        said = self.says("run", self.sweep("method: bayes\nseed: 3\nrun_cap: 2\n" + narrow, self.LR), "--new")
        self.assertRegex(said, r"prior: \d of 8 trials of first fit; \d left out: lr does not fit \(\d\)")
        self.assertRegex(said, r"prior: 0 of 8 trials of second fit; 8 left out: .*opt is missing")
        self.assertGreaterEqual(self.params()[0]["lr"], 0.3)
        # A sweep that is named twice, by its name and its id, counts once.
        twice = self.SPACE.replace("metric", "prior: [first, first, %s]\nmetric" % self.look("show", "first")["id"])
        said = self.says("run", self.sweep("method: bayes\nseed: 3\nrun_cap: 1\n" + twice, self.LR), "--new")
        self.assertEqual(said.count("of 8 trials of first fit"), 1)
        self.assertIn("prior: first is named twice, and counts once", said)
        # The earlier sweep is not needed any more.
        self.says("rm", "--yes", "first")
        self.sound()
        spec = self.sweep("method: bayes\n" + self.SPACE.replace("metric", "prior: [second]\nmetric")
                          .replace("opt: {values: [adam, sgd]}", "b: {value: 1}"), self.LR)
        asked = subprocess.run([self.binary, "ask", spec], input='{"op":"ask"}\n', cwd=self.folder, env=self.env,
                               capture_output=True, text=True, check=True).stdout
        self.assertIn('"params":{"b":1,"lr":%s' % repr(second["params"]["lr"]), asked)

    def test_errors(self):
        self.earlier("first", "seed: 1\n" + self.SPACE)
        self.write("results.csv", "a,b\n1,2\n")
        for prior, goal, text, code in (("nosuch", "minimize", "prior: ", 3), ("results.csv", "minimize", "import it first", 3),
                                        ("first", "maximize", "is to minimize its metric", 2)):
            spec = self.sweep("method: bayes\nrun_cap: 2\nprior: [%s]\n%s" % (
                prior, self.SPACE.replace("name: x", "name: x, goal: " + goal)), self.LR)
            said = self.says("run", spec, "--new", code=code)
            self.assertIn(text.replace("import it first", "besom import results.csv"), said)
        self.assertEqual(len(self.look("ls")), 1)


if __name__ == "__main__":
    scene.main()
