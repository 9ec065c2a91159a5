#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom ask: the same spec, seed and lines give the same bytes, twice and as they were recorded in
tests/data/ask/golden.json. Numbers of a method that learns may differ by rounding on another processor.

GOLDEN_ACCEPT=1 records the answers anew."""
import json
import math
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

METHODS = ("grid", "random", "sobol", "bayes", "tpe", "cmaes")
LEARN = ("bayes", "tpe", "cmaes")
RECORDED = driver.ROOT / "tests" / "data" / "ask" / "golden.json"
PARAMETERS = """
  lr: {distribution: log_uniform_values, min: 1.0e-4, max: 0.1}
  layers: {min: 1, max: 9}
  opt: {values: [adam, sgd, lion]}
  momentum: {min: 0.0, max: 0.99, when: {opt: sgd}}
"""
GRID = """
  layers: {min: 1, max: 9}
  opt: {values: [adam, sgd, lion]}
"""
TRIALS = 16


def spec(method):
    return "method: %s\nseed: 7\nmetric: {name: loss, goal: minimize}\nparameters:%s" % (
        method, GRID if method == "grid" else PARAMETERS)


def lines():
    """Three trials at a time; one fails, and one is told late."""
    said = ['{"op":"ask"}'] * 3
    for i in range(TRIALS - 3):
        end = '"state":"failed"' if i == 5 else '"state":"finished","metrics":{"loss":%.6f}' % math.sin(5 * i)
        if i != 8:
            said.append('{"op":"tell","trial":%d,%s}' % (i, end))
        said.append('{"op":"ask"}')
    return "\n".join(said) + "\n"


def same(a, b):
    if isinstance(a, float) or isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return a == b


class Golden(driver.Case):
    def answers(self, method):
        (self.folder / "sweep.yaml").write_text(spec(method))
        process = self.start("ask", "sweep.yaml", stdin=-1, stdout=-1, stderr=-1)
        out, err = process.communicate(lines(), timeout=120)
        self.assertEqual(process.returncode, 0, err)
        return out.splitlines()

    def test_the_same_lines_give_the_same_bytes(self):
        recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
        for method in METHODS:
            with self.subTest(method):
                said = self.answers(method)
                self.assertEqual(said, self.answers(method))
                if method in LEARN:
                    said = [a["params"] for a in map(json.loads, said) if "params" in a]
                    self.assertEqual(len(said), TRIALS)
                if os.environ.get("GOLDEN_ACCEPT"):
                    recorded[method] = said
                elif method in LEARN:
                    self.assertTrue(same(said, recorded[method]), "%s\n%s" % (said, recorded[method]))
                else:
                    self.assertEqual(said, recorded[method])
        if os.environ.get("GOLDEN_ACCEPT"):
            RECORDED.parent.mkdir(exist_ok=True)
            RECORDED.write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    driver.main()
