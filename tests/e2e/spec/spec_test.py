#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""configs/ run for real with a script that notes what it got, and what `besom run` refuses."""
import json
import math
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

CONFIGS = driver.ROOT / "configs"
SCRIPT = """#!/usr/bin/python3
import json, os, sys
with open("seen.jsonl", "a") as f:
    f.write(json.dumps({"argv": sys.argv[1:], "env": dict(os.environ),
                        "params": json.load(open(os.environ["BESOM_PARAMS"]))}) + "\\n")
print('{"step": 1, "loss": 0.5, "val/accuracy": 0.5}')
print("epoch 3: loss 0.25 acc 0.9")
sys.exit(int(os.environ.get("FAIL", "0")) if os.environ["BESOM_ATTEMPT"] == "1" else 0)
"""


class Spec(driver.Case):
    def setUp(self):
        super().setUp()
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        (self.folder / "train.py").write_text(SCRIPT)

    def run_config(self, name, code=0):
        """Runs a copy of the file; what the script saw, trial by trial."""
        shutil.copy(CONFIGS / name, self.folder)
        self.besom("run", "--slots", "4", name, code=code)
        return [json.loads(line) for line in (self.folder / "seen.jsonl").read_text().splitlines()]

    def refused(self, text, *said):
        (self.folder / "sweep.yaml").write_text(text)
        process = self.start("run", "sweep.yaml", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out), (2, ""), err)
        for part in said:
            self.assertIn(part, err)
        self.assertFalse((self.folder / "seen.jsonl").exists())

    def test_grid(self):
        seen = self.run_config("unique.yaml")
        self.assertEqual(len({tuple(s["argv"]) for s in seen}), 12)
        self.assertEqual(len(seen), 12)

    def test_order(self):
        seen = self.run_config("order.yaml")
        self.assertEqual(len({tuple(s["argv"]) for s in seen}), 12)

    def test_when(self):
        seen = [s["params"] for s in self.run_config("when.yaml")]
        self.assertEqual(len(seen), 40)
        self.assertEqual(len({json.dumps(p) for p in seen}), 40)
        for p in seen:
            sgd = p["optimizer"] == "sgd"
            self.assertEqual("momentum" in p, sgd)
            self.assertEqual("nesterov" in p, p.get("momentum", 0.0) > 0)
            self.assertEqual("dropout" in p, p["layers"] > 1)
            self.assertEqual("schedule" in p, not sgd)
            if not sgd:
                self.assertEqual("period" in p["schedule"], p["schedule"]["kind"] == "cosine")

    def test_forbid(self):
        seen = [s["params"] for s in self.run_config("forbid.yaml")]

        def allowed(o, lr, layers, heads):
            return not (lr > 0.01 and o == "adam" or layers * heads > 8 or
                        o == "sgd" and layers in (2, 3) and lr == 0.001)
        want = [(o, lr, n, h) for o in ("adam", "sgd") for lr in (0.001, 0.01, 0.1) for n in (1, 2, 3) for h in (2, 4)
                if allowed(o, lr, n, h)]
        self.assertEqual(sorted((p["optimizer"], p["lr"], p["layers"], p["num-heads"]) for p in seen), want)

    def test_expr(self):
        seen = self.run_config("expr.yaml")
        self.assertEqual(len(seen), 20)
        for s in seen:
            p = s["params"]
            self.assertEqual(p["width"], 2 ** (p["layers"] + 3))
            self.assertEqual(p["lr"], min(p["lr_per_sample"] * p["batch_size"], 0.005))
            self.assertEqual(p["weight_decay"], 0.1 * p["lr"] if p["optimizer"] == "adam" else 0.0)
            self.assertEqual(p.get("warmup"), round(10 * math.log2(p["width"])) if p["width"] > 32 else None)
            want = ["--%s=%s" % (k, v) for k, v in sorted(p.items())]
            self.assertEqual(s["argv"], want)

    def test_q(self):
        seen = [s["params"] for s in self.run_config("q.yaml")]
        self.assertEqual(len(seen), 20)
        for p in seen:
            self.assertIn(p["batch_size"], range(16, 129, 16))
            for name, q in (("dropout", 0.05), ("lr", 0.0001), ("temperature", 0.1)):
                self.assertEqual(p[name], round(p[name] / q) * q)

    def test_nested(self):
        for s in self.run_config("nested.yaml"):
            optimizer = s["params"]["optimizer"]
            self.assertEqual(s["argv"], ["--batch_size=32", "--optimizer=" + repr(optimizer)])
            self.assertIn(optimizer["adam"]["beta1"], [0.8, 0.9, 0.95])

    def test_distributions(self):
        seen = self.run_config("distributions.yaml")
        self.assertEqual(len(seen), 10)
        for s in seen:
            want = ["--%s=%s" % (k, v) for k, v in sorted(s["params"].items())]
            self.assertEqual(s["argv"], want)

    def test_command(self):
        self.env["HOME"] = "/srv/who ever"
        seen = self.run_config("command.yaml")
        self.assertEqual(len(seen), 4)
        for s in seen:
            flags = ["--verbose"] if s["params"]["verbose"] else []
            lr = "--lr=%r" % s["params"]["lr"]
            self.assertEqual(s["argv"], ["--data=/srv/who ever/data", lr] + flags)
            self.assertEqual(s["env"]["PYTHONHASHSEED"], "0")

    def test_env(self):
        for s in self.run_config("env.yaml"):
            self.assertEqual(s["env"]["OMP_NUM_THREADS"], "1")
            self.assertEqual(s["env"]["TOKENIZERS_PARALLELISM"], "false")

    def test_retry(self):
        self.env["FAIL"] = "3"
        seen = self.run_config("retry.yaml")
        self.assertEqual(len(seen), 4)
        self.assertEqual([t["attempts"] for t in self.trials()], [2, 2])

    def test_report_json(self):
        self.run_config("report-json.yaml")
        self.assertEqual([t["objective"] for t in self.trials()], [0.5, 0.5])

    def test_report_patterns(self):
        self.run_config("report-patterns.yaml")
        for t in self.trials():
            self.assertEqual((t["objective"], t["step"], t["metrics"]["acc"]), (0.25, 3, 0.9))

    def test_mistakes_are_refused_with_their_place(self):
        self.refused("program: train.py\nmethod: gird\nparameters:\n  lr: {min: 1, max: 0}\n",
                     "sweep.yaml:2:9: error: method:", "method: grid",
                     "sweep.yaml:4:13: error: parameters.lr.min: min 1 is not less than max 0")

    def test_unsupported_keys_are_refused_by_name(self):
        self.refused("program: train.py\nmethod: custom\nmetric: {name: loss}\n"
                     "scheduler: {engine: wandb}\n"
                     "parameters: {a: {values: [1, 2]}}\n",
                     "sweep.yaml:2:9: error: method: the method custom is not supported yet",
                     "method: bayes",
                     "sweep.yaml:4:1: error: scheduler: `scheduler` is not supported yet",
                     "sweep.yaml: 2 errors; nothing was done")

    def test_nothing_to_run_is_refused(self):
        self.refused("method: grid\nparameters: {a: {values: [1, 2]}}\n", "there is no `program`")


if __name__ == "__main__":
    driver.main()
