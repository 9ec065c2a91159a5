#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom plan: what it says would run is what besom run then runs, and it runs nothing itself."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

SCRIPT = """#!/usr/bin/python3
import json, os, sys
with open(os.environ["SEEN"], "a") as f:
    f.write(json.dumps({"argv": sys.argv, "env": dict(os.environ), "cwd": os.getcwd()}) + "\\n")
"""
SPEC = """\
program: train.py
method: random
seed: 3
run_cap: 4
command: ["${env}", python3, "${program}", "${args}", "it's", "a  b", "$HOME;*"]
env: {MODE: "fast one"}
parameters:
  lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}
  opt:
    parameters:
      name: {values: [adam, "s g d", null]}
      eps: {value: 1.0e-5}
  tags: {value: {a: 1, "b'": [true, null]}}
"""


class Plan(driver.Case):
    def setUp(self):
        super().setUp()
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        (self.folder / "train.py").write_text(SCRIPT)
        (self.folder / "sweep.yaml").write_text(SPEC)
        self.env["SEEN"] = str(self.folder / "seen.jsonl")

    def write(self, text):
        (self.folder / "sweep.yaml").write_text(text)

    def plan(self, *args):
        return json.loads(self.besom("plan", "--json", *args, "sweep.yaml"))

    def seen(self):
        lines = (self.folder / "seen.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def argv(self, params, **options):
        return self.plan("--params", json.dumps(params), **options)["argv"]

    def test_what_it_says_is_what_runs(self):
        plan = self.plan("--samples", "99", "--slots", "1")
        self.assertFalse(self.store.exists(), "a plan makes nothing")
        self.besom("run", "--slots", "1", "sweep.yaml")
        seen = self.seen()
        sweep = json.loads(self.besom("ls", "--json"))[0]["id"]
        self.assertEqual([s["argv"][2:] for s in plan["samples"]], [s["argv"] for s in seen])
        self.assertEqual([s["params"] for s in plan["samples"]], [t["params"] for t in self.trials()])
        self.assertEqual({s["cwd"] for s in seen}, {plan["workdir"]})
        # The whole environment: what is inherited, and what the plan says.
        said = {k: v.replace("SWEEP", sweep) for k, v in plan["env"].items() if k != "BESOM_SWEEP"}
        want = dict(self.env, **said, BESOM_SWEEP=sweep)
        got = {k: v for k, v in seen[0]["env"].items() if k not in ("_", "SHLVL", "PWD", "LC_CTYPE")}
        want = {k: v for k, v in want.items() if k not in ("_", "SHLVL", "PWD", "LC_CTYPE")}
        # What wandb needs to report to besom is known when it runs.
        wandb = {k for k in got if k.startswith("WANDB_") and k not in want}
        self.assertEqual(wandb, {"WANDB_" + name for name in (
            "BASE_URL", "API_KEY", "SWEEP_ID", "RUN_ID", "ENTITY", "PROJECT", "DIR",
            "X_FILE_STREAM_TRANSMIT_INTERVAL", "ERROR_REPORTING")})
        got = {k: v for k, v in got.items() if k not in wandb}
        self.assertEqual(got, want)

    def test_commands_can_be_pasted(self):
        for sample in self.plan()["samples"]:
            subprocess.run(["sh", "-c", sample["shell"]], cwd=self.folder, env=self.env, check=True)
            self.assertEqual(self.seen()[-1]["argv"], sample["argv"][2:])

    def test_for_a_person(self):
        out = self.besom("plan", "--slots", "3", "sweep.yaml")
        for part in ("random, seed 3", "4, by run_cap", "0.001 to 0.1", 'adam, "s g d", null',
                     "opt.eps", "$ /usr/bin/env python3 train.py", "MODE=fast one",
                     "BESOM_TRIAL=SWEEP-0", "PATH=$PATH:", "not known: no trial"):
            self.assertIn(part, out)
        self.assertEqual(len(re.findall(r"^    \$ ", out, re.M)), 3)
        self.assertNotIn("refused", out)

    def test_without_a_seed_the_samples_are_an_example(self):
        self.write(SPEC.replace("seed: 3\n", ""))
        self.assertIn("besom run draws its own seed, and its trials will differ", self.besom("plan", "sweep.yaml"))
        self.assertNotIn("will differ", self.besom("plan", "--seed", "5", "sweep.yaml"))

    def test_time_from_finished_trials(self):
        self.besom("run", "sweep.yaml")
        estimate = self.plan("--slots", "3")["estimate"]
        self.assertEqual((estimate["trials"], estimate["same_file"]), (4, True))
        self.assertAlmostEqual(estimate["seconds"], 2 * estimate["trial_seconds"])
        self.assertRegex(self.besom("plan", "--slots", "3", "sweep.yaml"),
                         r"time +about \S+ with 3 at once: \S+ a trial, the median of 4 finished")
        sweep = json.loads(self.besom("ls", "--json"))[0]["id"]
        self.assertEqual(self.plan()["earlier"], {"sweep": sweep, "state": "finished"})
        self.assertIn("sweep %s of this spec is finished: besom run shows it again" % sweep,
                      self.besom("plan", "sweep.yaml"))
        (self.folder / "other.yaml").write_text(SPEC.replace("run_cap: 4\n", ""))
        other = json.loads(self.besom("plan", "--json", "other.yaml"))
        self.assertEqual((other["estimate"]["same_file"], other["estimate"]["seconds"]), (False, None))
        self.assertIsNone(other["earlier"])
        self.assertEqual((other["ends"], other["total"]), (False, None))
        self.assertIn("no limit", self.besom("plan", "other.yaml"))

    def test_time_in_lint(self):
        self.assertNotIn("about", self.besom("lint", "sweep.yaml"))
        self.besom("run", "sweep.yaml")
        sweep = json.loads(self.besom("ls", "--json"))[0]["id"]
        about = r"at most 4 trials, about \S+ \(\S+ a trial, as in sweep %s\)" % sweep
        self.assertRegex(self.besom("lint", "sweep.yaml"), about)
        finite = re.sub("(?s)parameters:.*", "parameters: {a: {values: [1, 2]}}\n", SPEC).replace("run_cap: 4\n", "")
        self.write(finite)
        self.assertIn("about", self.besom("lint", "sweep.yaml"))
        self.write(finite + "unique: false\n")
        self.assertNotIn("about", self.besom("lint", "sweep.yaml"), "it has no end")
        # Another folder's train.py is another program.
        (self.folder / "elsewhere").mkdir()
        shutil.copy(self.folder / "train.py", self.folder / "elsewhere")
        (self.folder / "same.yaml").write_text(SPEC)
        (self.folder / "elsewhere/other.yaml").write_text(SPEC + "workdir: .\n")
        self.assertRegex(self.besom("lint", "same.yaml"), about)
        self.assertNotIn("about", self.besom("lint", "elsewhere/other.yaml"))
        self.assertIn("not known: no trial", self.besom("plan", "elsewhere/other.yaml"))

    def test_failed_trials_give_no_estimate(self):
        (self.folder / "train.py").write_text("import sys\nsys.exit(1 if '--a=1' in sys.argv else 0)\n")
        self.write("method: grid\nprogram: train.py\nparameters: {a: {values: [1]}}\n")
        self.besom("run", "sweep.yaml", code=1)
        self.assertIn("not known: no trial", self.besom("plan", "sweep.yaml"))
        self.write("method: grid\nprogram: train.py\nparameters: {a: {values: [1, 2]}}\n")
        self.besom("run", "--new", "sweep.yaml")
        self.assertIn("the median of 1 finished trial of sweep", self.besom("plan", "sweep.yaml"))

    def test_a_sweep_under_another_key(self):
        shown = lambda plan: {k: v for k, v in plan.items() if k != "earlier"}
        alone, argv = shown(self.plan()), self.argv({"lr": 3})
        self.write("other: {lr: 3}\nruns:\n  one:\n" + textwrap.indent(SPEC, "    "))
        root = ("--root", "runs.one")
        self.assertEqual(shown(self.plan(*root)), alone)
        self.assertEqual(self.plan(*root, "--params", '{"lr": 3}')["argv"], argv)
        ask = subprocess.run([self.binary, "ask", *root, "sweep.yaml"], input='{"op":"ask"}\n', cwd=self.folder,
                             stdout=subprocess.PIPE, text=True, check=True)
        self.assertEqual(json.loads(ask.stdout)["params"], alone["samples"][0]["params"])
        self.besom("run", *root, "sweep.yaml")
        kept = json.loads(self.besom("show", "--json"))["spec"]
        self.assertEqual((kept["method"], "runs" in kept), ("random", False))
        again = self.start("run", *root, "sweep.yaml", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn("`besom run --new sweep.yaml --root runs.one`", again.communicate()[1])
        self.besom("plan", "--root", "runs.two", "sweep.yaml", code=2)
        self.besom("run", "sweep.yaml", code=2)
        # What remains of one with errors is found there too.
        self.write("a:\n" + textwrap.indent(SPEC.replace("random", "randm"), "  "))
        self.assertEqual(self.plan("--root", "a", "--params", '{"lr": 3}')["argv"], argv)

    def test_size(self):
        grid = "method: grid\nprogram: train.py\nparameters:\n  a: {values: [1, 1.0, 2]}\n" \
               "  b: {min: 1, max: 3}\n"
        self.write(grid)
        self.assertIn("method    grid\n", self.besom("plan", "sweep.yaml"))
        plan = self.plan()
        self.assertEqual((plan["points"], plan["total"], plan["ends"]), (6, 6, True))
        self.assertEqual([p["points"] for p in plan["parameters"]], [2, 3])
        self.write(grid + "  c: {expr: a + b}\n")
        plan = self.plan()
        self.assertEqual([p["points"] for p in plan["parameters"]], [2, 3, None])
        self.assertEqual(plan["points"], 6)
        self.write(grid + "run_cap: 4\n")
        self.assertEqual((self.plan()["points"], self.plan()["total"]), (6, 4))
        self.assertIn("4, by run_cap, of 6 distinct points", self.besom("plan", "sweep.yaml"))

    def test_what_run_would_refuse_is_said(self):
        self.write("method: grid\nparameters: {a: {values: [1, 2]}}\n")
        plan = json.loads(self.besom("plan", "--json", "sweep.yaml", code=2))
        self.assertIn("there is no `program`", plan["refused"][0])
        self.assertEqual([s["argv"] for s in plan["samples"]], [None, None])
        self.assertIn("refused", self.besom("plan", "sweep.yaml", code=2))

    def test_an_unsupported_method(self):
        self.write(SPEC.replace("method: random", "method: custom\nmetric: {name: loss}"))
        plan = self.plan()
        self.assertTrue(plan["sampled_at_random"])
        self.assertEqual(len(plan["samples"]), 3)
        self.assertIn("custom", plan["refused"][0])
        out = self.besom("plan", "sweep.yaml")
        self.assertIn("drawn at random (custom depends on results)", out)

    def test_methods_that_learn_show_their_first_proposals(self):
        for method in ("bayes", "tpe", "cmaes"):
            self.write(SPEC.replace("method: random", "method: %s\nmetric: {name: loss}" % method))
            plan = self.plan()
            self.assertFalse(plan["sampled_at_random"])
            asked = subprocess.run([self.binary, "ask", "sweep.yaml"], input='{"op":"ask","n":3}\n', env=self.env,
                                   cwd=self.folder, stdout=subprocess.PIPE, check=True, universal_newlines=True)
            self.assertEqual([s["params"] for s in plan["samples"]],
                             [json.loads(line)["params"] for line in asked.stdout.splitlines()])
            self.assertIn("as %s proposes them before any result" % method, self.besom("plan", "sweep.yaml"))

    def test_conditions(self):
        self.write("method: grid\nprogram: train.py\nparameters:\n  opt: {values: [sgd, adam]}\n"
                   "  momentum: {values: [0.5, 0.9], when: {opt: sgd}}\n"
                   "forbid: [\"momentum == 0.9\"]\n")
        plan = self.plan("--samples", "9")
        self.assertEqual((plan["points"], len(plan["samples"])), (2, 2))
        self.assertEqual(plan["forbid"], ["momentum == 0.9"])
        self.assertIn("never if momentum == 0.9", self.besom("plan", "sweep.yaml"))
        self.assertEqual(plan["parameters"][0]["when"], [{"parameter": "opt", "values": ["sgd"]}])
        self.assertIn(["/usr/bin/env", "python", "train.py", "--opt=adam"],
                      [s["argv"][:1] + ["python"] + s["argv"][2:] for s in plan["samples"]])
        self.assertIn("opt is sgd", self.besom("plan", "sweep.yaml"))

    def test_params_as_given(self):
        argv = self.argv({"opt.name": "x", "opt.eps": 1e-05, "zz.top": None, "lr": True, "tags": {"a": 1}})
        self.assertEqual(argv[3:-3], ["--lr=True", "--opt={'eps': 1e-05, 'name': 'x'}",
                                      "--tags={'a': 1}", "--zz.top=None"])
        self.assertEqual(argv[-3:], ["it's", "a  b", "$HOME;*"])
        self.assertEqual(argv[0], "/usr/bin/env")

    def test_params_from_a_file_or_stdin(self):
        (self.folder / "p.json").write_text('{"lr": 0.5}')
        want = self.argv({"lr": 0.5})
        self.assertEqual(self.plan("--params", "@p.json")["argv"], want)
        process = self.start("plan", "--json", "--params", "-", "sweep.yaml", stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
        self.assertEqual(json.loads(process.communicate('{"lr": 0.5}')[0])["argv"], want)

    def test_params_of_a_spec_with_errors(self):
        self.write(SPEC.replace("method: random", "method: gird"))
        process = self.start("plan", "--json", "--params", '{"lr": 1}', "sweep.yaml",
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, json.loads(out)["argv"][3]), (0, "--lr=1"))
        self.assertIn("error: method:", err)

    def test_mistakes(self):
        self.besom("plan", "sweep.yaml", "--params", "[1]", code=2)
        self.besom("plan", "sweep.yaml", "--params", '{"opt":1,"opt.eps":2}', code=2)
        self.besom("plan", "sweep.yaml", "--params", "@none.json", code=3)
        self.besom("plan", "none.yaml", code=3)
        self.write("method: [")
        self.besom("plan", "sweep.yaml", "--params", "{}", code=2)
        self.besom("plan", "sweep.yaml", code=2)


if __name__ == "__main__":
    driver.main()
