# SPDX-License-Identifier: GPL-3.0-or-later
"""besom plot: a well-formed picture of any sweep, whatever its names and values, and its form in characters."""
import json
import os
import pathlib
import re
import unittest
import xml.etree.ElementTree

import pictured
import facts
from pictured import SWEEP

SVG = "{http://www.w3.org/2000/svg}"
PANELS = ["History", "Importance", "Parallel coordinates", "Slices: val_loss against each parameter", "Curves: val_loss by step"]
HOSTILE = ['<script>alert(1)</script>', '"><image href="x"/>', "a&b;'c\"", "\x1b[2Jx\x07\n\t", "‮evil", "]]>", "<!--", "é\u0301\u200b",
           "x" * 4096, "学" * 1000, "￾", "%s%n", "--"]


class Plot(pictured.Case):
    def plot(self, *args, **options):
        """The texts of the picture; it is well-formed, and nothing in it is active or from outside."""
        text = self.besom("plot", SWEEP, "-o", "-", *args, **options)
        root = xml.etree.ElementTree.fromstring(text)
        known = {SVG + tag for tag in "svg title style rect text path line g".split()}
        for element in root.iter():
            self.assertIn(element.tag, known)
            for key in element.attrib:
                self.assertFalse(key.startswith("on") or key.endswith("href"), key)
        self.assertNotIn("url(", text)
        self.assertIsNone(re.search(r'="[^"]*(nan|inf)[^"]*"', text), "a coordinate that is not a number")
        width, height = float(root.get("width")), float(root.get("height"))
        self.assertEqual(root.get("viewBox"), "0 0 %g %g" % (width, height))
        for element in root.iter(SVG + "text"):
            self.assertTrue(0 <= float(element.get("x")) <= width and 0 <= float(element.get("y")) <= height, element.text)
        return ["".join(t for t in element.itertext()) for element in root.iter(SVG + "text")]

    def test_all_panels(self):
        self.sweep(200)
        texts = self.plot()
        for words in PANELS + ["net", "val_loss ↓", "200 trials", "lr", "adamw", "1e-5", "not set", "146 finished", "best so far"]:
            self.assertTrue(any(words in text for text in texts), words)
        self.assertFalse(any("epochs" == text for text in texts), "a constant is not drawn")

    def test_only_some_panels(self):
        self.sweep(60)
        texts = self.plot("--only", "slices,history")
        self.assertEqual([p for p in PANELS if p in texts], [PANELS[0], PANELS[3]])
        self.besom("plot", SWEEP, "--only", "slices,pie", code=2, err="--only: 'pie' is unknown")
        self.besom("plot", SWEEP, "--only", "", code=2, err="name at least one panel")

    def test_marks_tell_how_trials_ended(self):
        """A diamond was stopped early, a ring runs, a cross failed: of 60 trials 12, 1 and 3, and one has no value."""
        self.sweep(60)
        history, slices = (self.besom("plot", SWEEP, "-o", "-", "--only", only) for only in ("history", "slices"))
        drawn = [re.findall(r'class="(\w+)" d="([^"]*)"', text) for text in (history, slices)]
        of = lambda name, at: [d for c, d in drawn[at] if c == name]  # the last of a class is in the key
        diamonds, dots = [d.count("Z") for d in of("d2", 0)], [d.count("h.01") for d in of("d1", 0)]
        outliers = of("o1", 0)[0].count("Z")  # triangles
        self.assertEqual((diamonds[0] + dots[0] + outliers, diamonds[1], dots[1]), (55, 1, 1))
        self.assertTrue(8 <= diamonds[0] <= 12, diamonds)
        self.assertEqual([d.count("a3 3") for d in of("d3", 0)], [2, 2])
        self.assertEqual([d.count("M") for d in of("x1", 0)], [2 * 4, 2])
        for words in "43 finished", "12 stopped early", "1 running", "4 failed or no value":
            self.assertIn(">%s<" % words, history)
        self.assertEqual({d.count("Z") for d in of("d5", 1)}, {12})
        self.assertEqual({d.count("h.01") for d in of("d4", 1)}, {43})
        self.assertIn(">◆ stopped early; line: median; ring: best<", slices)

    def test_the_same_trials_give_the_same_file(self):
        self.sweep(60)
        self.assertEqual(self.besom("plot", SWEEP, "-o", "-"), self.besom("plot", SWEEP, "-o", "-"))

    def test_few_trials_and_none(self):
        for n, words in (0, "this sweep has no trial yet"), (1, "20 of"), (2, "34 more"):
            with self.subTest(n):
                store = self.store
                self.store = self.here / ("few%d" % n)
                self.sweep(n)
                env = {"BESOM_STORE": str(self.store)}
                texts = self.plot(env=env)
                self.assertIn("History", texts)
                if n != 1:
                    self.assertTrue(any(words in text for text in texts), texts)
                self.assertIn("val_loss", self.besom("plot", SWEEP, "--term", env=env))
                self.store = store
        self.sweep(0, sweep="eeee5555", n=4, spec={"program": "t.py", "method": "random", "parameters": {"x": {"value": 1}},
                                               "metric": {"name": "loss", "goal": "minimize"}})
        self.besom("plot", "eeee5555", "-o", "x.svg")

    def test_values_of_any_size(self):
        values = [float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324, 0, 1e20, 2.0**53 + 1, -0.0]
        for name, chosen in ("all", values), ("nan", values[:3]), ("huge", [1e308, -1e308]), ("tiny", [5e-324, 1e-320]), \
                ("equal", [3.0] * 5):
            with self.subTest(name):
                f = facts.Facts()
                f.created(SWEEP, "/x", "/x", {"program": "t.py", "method": "random", "metric": {"name": "loss", "goal": "maximize"},
                                              "parameters": {"x": {"min": -8e307, "max": 8e307}, "y": {"distribution": "normal"}}}, total=9)
                for trial, value in enumerate(chosen * 4):
                    f.add("proposed", SWEEP, trial=trial, cursor=trial + 1, known=0, why={},
                          params={"x": 8e307 if trial % 2 else -8e307, "y": 0.0 if trial else 1e300})
                    f.launched(SWEEP, trial)
                    f.metrics(SWEEP, trial, [{"step": s, "loss": value} for s in (-2**60, 0, 2**60)])
                    f.ended(SWEEP, trial, "ok", "finished")
                store = self.here / name
                self.make(f, store=store)
                self.plot("--store", store)
                for env in {"LANG": "C.UTF-8"}, {"LANG": "C"}:
                    text = self.besom("plot", SWEEP, "--term", "--store", store, env=env)
                    self.assertLessEqual(max(len(line) for line in text.splitlines()), 80, text)

    def test_hostile_names(self):
        parameters = {name: {"min": 0.0, "max": 1.0} for name in HOSTILE}
        parameters["choice"] = {"values": HOSTILE}
        spec = {"name": HOSTILE[0], "program": "t.py", "method": "random", "metric": {"name": HOSTILE[1], "goal": "minimize"},
                "parameters": parameters}
        f = facts.Facts()
        f.created(SWEEP, "/x", "/x", spec, total=0)
        for trial in range(100):
            f.add("proposed", SWEEP, trial=trial, cursor=trial + 1, known=0, why={},
                  params=dict({name: (trial * 37 % 101) / 101 for name in HOSTILE}, choice=HOSTILE[trial % len(HOSTILE)]))
            f.launched(SWEEP, trial)
            f.metrics(SWEEP, trial, [{"step": 0, HOSTILE[1]: trial % 7}])
            f.ended(SWEEP, trial, "ok", "finished")
        self.make(f)
        texts = self.plot("--metric", HOSTILE[1], "--goal", "minimize")
        self.assertIn(HOSTILE[0], texts)
        self.assertFalse(any(c < " " or c in "‮\x7f" for text in texts for c in text))
        for env in {"LANG": "C.UTF-8", "COLUMNS": "40"}, {"LANG": "C", "COLUMNS": "40"}:
            text = self.besom("plot", SWEEP, "--term", "-m", HOSTILE[1], "--goal=minimize", env=env)
            self.assertFalse(any(c < " " and c != "\n" or c == "‮" for c in text), text)
            self.assertTrue("UTF" in env["LANG"] or text.isascii(), text)
        told = self.json("importance", SWEEP, "-m", HOSTILE[1], "--goal", "minimize")
        self.assertEqual(len(told["parameters"]), len(HOSTILE) + 1)

    def test_large_sweeps_are_thinned(self):
        self.sweep(650, steps=1)
        text = self.besom("plot", SWEEP, "-o", "-")
        for words in "500 of 6", "200 of 6":
            self.assertRegex(text, words + "[0-9]+ trials drawn")
        self.assertLess(len(text), 600_000)

    def test_the_file(self):
        self.sweep(30)
        self.assertEqual(self.besom("plot", SWEEP), SWEEP + ".svg: 30 trials\n")
        made = self.here / (SWEEP + ".svg")
        first = made.read_text()
        self.besom("plot", SWEEP)
        self.assertEqual(made.read_text(), first)
        made.write_text("mine")
        self.besom("plot", SWEEP, code=2, err="was not made by besom plot")
        self.assertEqual(made.read_text(), "mine")
        self.besom("plot", SWEEP, "-o", made)
        self.assertEqual(made.read_text(), first)
        told = self.json("plot", SWEEP, "--output=b.svg", "--only=curves")
        self.assertEqual(told, {"file": "b.svg", "trials": 30, "panels": ["curves"]})
        self.besom("plot", SWEEP, "-o", ".", code=2, err="is a folder")
        os.mkfifo(str(self.here / "pipe"))
        self.besom("plot", SWEEP, "-o", "pipe", code=1, err="pipe is a pipe that no program reads")
        reader = os.open(str(self.here / "pipe"), os.O_RDONLY | os.O_NONBLOCK)
        self.besom("plot", SWEEP, "-o", "pipe", "--only=curves")
        self.assertEqual(os.read(reader, 4), first[:4].encode())
        os.close(reader)
        self.besom("plot", SWEEP, "-o", "no/such.svg", code=1, err="cannot write no/such.svg")
        self.assertEqual(sorted(p.name for p in self.here.glob("*.svg*")), ["b.svg", made.name])
        self.besom("plot", SWEEP, "--term", "-o", "x.svg", code=2, err="leave out --output")

    def test_characters(self):
        self.sweep(200)
        text = self.besom("plot", SWEEP, "--term", env={"LANG": "C.UTF-8"})
        self.assertEqual(max(len(line) for line in text.splitlines()), 80, text)
        self.assertTrue(any("⠀" < c <= "⣿" for c in text), text)
        for words in "net: val_loss ↓", "best 0.", "failed │", "importance, by ped-anova, of ", "lr ", "█", "(noise)", "trial 199", "⠄ finished  ◆ stopped early\n":
            self.assertIn(words, text)
        self.assertGreater(text.count("◆"), 10)
        for columns in 40, 60, 120:
            plain = self.besom("plot", SWEEP, "--term", env={"LANG": "C", "COLUMNS": str(columns)})
            self.assertTrue(plain.isascii(), plain)
            self.assertLessEqual(max(len(line) for line in plain.splitlines()), columns, plain)
            self.assertIn(". finished  o stopped early\n", plain)
        self.sweep_of_values("eeee5555", [({"lr": 0.1}, 0.5), ({"lr": 0.2}, 0.4)])
        self.assertNotIn("stopped early", self.besom("plot", "eeee5555", "--term", env={"LANG": "C.UTF-8"}))
        self.assertNotIn("stopped early", self.besom("plot", "eeee5555", "-o", "-"))

    def test_another_metric(self):
        self.sweep(60)
        self.assertIn("Curves: acc by step", self.plot("-m", "acc", "--goal", "maximize"))
        self.besom("plot", SWEEP, "-m", "acc", "-o", "-", code=2, err="--goal")


if __name__ == "__main__":
    unittest.main()
