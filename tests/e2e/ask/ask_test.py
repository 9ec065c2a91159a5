#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real `besom ask`: what it proposes by each method, to the byte, and what it makes of mistakes."""
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

FINITE = """
program: train.py
method: %s
metric: {name: loss}
parameters:
  batch: {values: [16, 32, 32]}
  net: {parameters: {depth: {min: 1, max: 3}, act: {values: [relu, tanh]}}}
"""
MIXED = """
program: train.py
method: %s
metric: {name: loss}
parameters:
  batch: {values: [16, 32, 64]}
  drop: {distribution: q_uniform, min: 0, max: 1, q: 0.25}
  lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}
  net: {parameters: {depth: {min: 1, max: 9}, init: {distribution: normal, sigma: 2}}}
"""
# One proposal of each method, seed 7, compared byte for byte: the next version must continue a sweep
# of this one. Change a proposal only if CHANGELOG.md announces the change.
FIRST = {
    "random": '{"trial":0,"params":{"batch":64,"drop":0,'
              '"lr":0.015175260304605837,"net":{"depth":9,"init":-4.777481563820224}},'
              '"why":{"strategy":"random","draw":0}}',
    "sobol": '{"trial":0,"params":{"batch":32,"drop":0.25,'
             '"lr":0.0039528300907561474,"net":{"depth":2,"init":2.9783059225615944}},'
             '"why":{"strategy":"sobol","sequence":"sobol","index":0}}',
}


class Ask(driver.Case):
    def setUp(self):
        super().setUp()
        self.spec = self.folder / "spec.yaml"

    def talk(self, text, lines, *options, code=0):
        """The answers to all the lines, as bytes."""
        self.spec.write_text(text)
        said = subprocess.run([self.binary, "ask", *options, str(self.spec)], env=self.env,
                              input="".join(line + "\n" for line in lines).encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100)
        self.assertEqual(said.returncode, code, said.stderr.decode())
        self.said = said.stderr.decode()
        return said.stdout

    def params(self, answers):
        lines = [json.loads(line) for line in answers.splitlines()]
        return [json.dumps(line["params"]) for line in lines if "params" in line]

    def test_a_finite_space_is_walked_through_once(self):
        points = {json.dumps({"batch": b, "net": {"act": a, "depth": d}})
                  for b in (16, 32) for a in ("relu", "tanh") for d in (1, 2, 3)}
        for method in "grid", "random", "sobol":
            answers = self.talk(FINITE % method, ['{"op":"ask","n":20}', '{"op":"ask"}'])
            self.assertEqual(sorted(self.params(answers)), sorted(points))
            self.assertEqual(answers.splitlines()[12:], [b'{"done":"exhausted"}'] * 2)

    def test_grid_in_wandbs_order(self):
        answers = self.talk(FINITE % "grid", ['{"op":"ask","n":4}'])
        self.assertEqual(self.params(answers), [
            '{"batch": 16, "net": {"act": "relu", "depth": 1}}',
            '{"batch": 16, "net": {"act": "relu", "depth": 2}}',
            '{"batch": 16, "net": {"act": "relu", "depth": 3}}',
            '{"batch": 16, "net": {"act": "tanh", "depth": 1}}'])

    def test_same_seed_same_bytes(self):
        for method in "random", "sobol":
            lines = ['{"op":"ask","n":30}', '{"op":"tell","trial":3,"state":"failed"}',
                     '{"op":"ask"}']
            first = self.talk(MIXED % method, lines, "--seed", "7")
            self.assertEqual(first, self.talk(MIXED % method + "seed: 7\n", lines))
            one_by_one = ['{"op":"ask"}'] * 30 + lines[1:]
            self.assertEqual(first, self.talk(MIXED % method, one_by_one, "--seed", "7"))
            self.assertNotEqual(first, self.talk(MIXED % method, lines))
            self.assertEqual(len(set(self.params(first))), 31)
            self.assertEqual(first.splitlines()[0].decode(), FIRST[method])

    def test_pauses_between_lines_change_nothing(self):
        """While it waits, ask makes the next proposal ahead; a result that comes then makes it void."""
        for method in "bayes", "tpe":
            lines = ['{"op":"ask","n":4}']
            for trial in range(9):
                lines += ['{"op":"tell","trial":%d,"state":"finished","metrics":{"loss":%r}}'
                          % (trial, 1 / (2 + trial % 5)), '{"op":"ask"}']
            at_once = self.talk(MIXED % method, lines, "--seed", "7")
            process = self.start("ask", "--seed", "7", self.spec, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            try:
                for line in lines:
                    time.sleep(0.02)
                    process.stdin.write(line + "\n")
                    process.stdin.flush()
                slow, _ = process.communicate(timeout=60)
            finally:
                process.kill()
            self.assertEqual(slow.encode(), at_once)
            self.assertIn('"phase":"model"', slow)

    def test_values_lie_in_their_space(self):
        for method in "random", "sobol":
            for line in self.talk(MIXED % method, ['{"op":"ask","n":200}']).splitlines():
                p = json.loads(line)["params"]
                self.assertIn(p["batch"], (16, 32, 64))
                self.assertIn(p["drop"], (0.0, 0.25, 0.5, 0.75, 1.0))
                self.assertTrue(1e-5 <= p["lr"] <= 0.1)
                self.assertIn(p["net"]["depth"], range(1, 10))
                self.assertIsInstance(p["net"]["init"], float)

    def test_errors_keep_it_going(self):
        answers = self.talk(FINITE % "grid", ["", "nonsense", '{"op":"ask"', '{"op":"tell"}',
                                              '{"op":"ask","n":-1}', "x" * (2 << 20),
                                              '{"op":"ask"}'])
        lines = answers.splitlines()
        self.assertEqual(len(lines), 7)
        for line in lines[:6]:
            self.assertRegex(line.decode(), r'^\{"error":".+"\}$')
        self.assertEqual(json.loads(lines[6])["trial"], 0)

    def test_an_answer_comes_before_the_next_line(self):
        self.spec.write_text(FINITE % "grid" + "run_cap: 2\n")
        process = self.start("ask", self.spec, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            for loss, best in ((0.5, 0.5), (0.25, 0.25)):
                process.stdin.write('{"op":"ask"}\n')
                process.stdin.flush()
                trial = json.loads(process.stdout.readline())["trial"]
                process.stdin.write(json.dumps({"op": "tell", "trial": trial, "state": "finished",
                                                "metrics": {"loss": loss}}) + "\n")
                process.stdin.flush()
                told = json.loads(process.stdout.readline())
                self.assertEqual(told["best"]["objective"], best)
                self.assertEqual(told["best"]["trial"], trial)
            out, _ = process.communicate('{"op":"ask"}', timeout=60)
            self.assertEqual(out, '{"done":"run_cap"}\n')
        finally:
            process.kill()
        self.assertEqual(process.returncode, 0)

    def test_specs_it_refuses(self):
        self.assertEqual(self.talk("method: grid\nparameters:\n  lr: {min: 0.1, max: 0.2}\n",
                                   ['{"op":"ask"}'], code=2), b"")
        self.assertTrue(re.search(r"spec\.yaml:3:\d+: error: parameters\.lr", self.said), self.said)
        self.besom("ask", self.folder / "nowhere.yaml", code=3)
        self.besom("ask", self.folder, code=2)
        self.besom("ask", code=2)
        self.talk(FINITE % "grid", [], "--seed", "-1", code=2)


if __name__ == "__main__":
    driver.main()
