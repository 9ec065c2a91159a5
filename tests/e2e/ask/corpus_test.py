#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real sweep files through `besom ask`, held against what W&B's engine made of them. They are not ours
to ship: they lie in $BESOM_SHARED or ../shared as corpus/*.yaml and corpus/expect.jsonl, and the test
is skipped where they do not."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

SHARED = pathlib.Path(os.environ.get("BESOM_SHARED", driver.ROOT.parent / "shared")) / "corpus"
ALL_POINTS_MAX = 20000


def same(got, want):
    """As W&B's service sends it: the engine's value, a whole float as an integer, and a number where
    PyYAML leaves the text of one (`1e-5`)."""
    if isinstance(want, dict) and isinstance(got, dict):
        return sorted(got) == sorted(want) and all(same(got[k], want[k]) for k in want)
    if isinstance(want, list) and isinstance(got, list):
        return len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, str) and isinstance(got, (int, float)):
        return float(want) == got
    if isinstance(want, float) and want.is_integer() and abs(want) < 2**53:
        want = int(want)
    return type(got) is type(want) and got == want


def text(params):
    return json.dumps(params, sort_keys=True)


class Corpus(driver.Case):
    def expected(self, method):
        for line in (SHARED / "expect.jsonl").read_text().splitlines():
            row = json.loads(line)
            if row["method"] == method and row["next_run_ok"] and row["wandb_valid"] != "no":
                yield row

    def refused(self, row):
        """early_terminate without a metric is refused: W&B runs it, and stops nothing."""
        if row["early_terminate"] is None:
            return False
        said = subprocess.run([self.binary, "ask", str(SHARED / (row["id"] + ".yaml"))],
                              env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertIn(said.returncode, (0, 2))
        self.assertEqual(said.returncode == 2, b"needs a metric" in said.stderr, said.stderr.decode())
        return said.returncode == 2

    def ask(self, row, n):
        spec = SHARED / (row["id"] + ".yaml")
        said = subprocess.run([self.binary, "ask", str(spec)], env=self.env,
                              input=b'{"op":"ask","n":%d}\n' % n, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=100)
        self.assertEqual(said.returncode, 0, said.stderr.decode())
        return [json.loads(line) for line in said.stdout.splitlines()]

    def check(self, method, files_min):
        files = 0
        for row in self.expected(method):
            with self.subTest(row["id"]):
                files += 1
                if self.refused(row):
                    continue
                points = row["grid_points_unique"] if method == "grid" else row["finite_space"]
                capped = points and points <= ALL_POINTS_MAX
                answers = self.ask(row, points + 1 if capped else 1)
                want = {k: v["value"] for k, v in row["proposal"].items()}
                got = answers[0]["params"]
                if method == "grid":
                    self.assertTrue(same(got, want), "%s\n%s" % (got, want))
                self.assertEqual(sorted(got), sorted(want))
                for name in want:
                    if not isinstance(want[name], (int, float, str, type(None))):
                        self.assertEqual(type(got[name]), type(want[name]), name)
                if capped:
                    seen = {text(a["params"]) for a in answers[:-1]}
                    self.assertIn(answers[-1]["done"], ("exhausted", "run_cap"))
                    self.assertEqual(len(seen), len(answers) - 1)
                    if answers[-1]["done"] == "exhausted" and method == "grid":
                        self.assertEqual(len(seen), points)
        self.assertGreaterEqual(files, files_min)

    def test_grids(self):
        self.check("grid", 40)

    def test_random(self):
        self.check("random", 10)


if __name__ == "__main__":
    if not (SHARED / "expect.jsonl").exists():
        print("SKIPPED: no corpus/expect.jsonl in $BESOM_SHARED or ../shared", file=sys.stderr)
        sys.exit(77)
    driver.main()
