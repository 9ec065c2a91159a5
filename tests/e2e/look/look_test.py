# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a store: the shapes of --json, what people see, and what goes wrong."""
import csv
import fcntl
import json
import math
import os
import pathlib
import pty
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "python"))
import besom
import facts
from facts import A, B, NEWEST, T0

TRIAL_KEYS = {"id", "sweep", "number", "state", "reason", "params", "attempts", "attempt", "agent", "slot",
              "created", "started", "ended", "objective", "metrics", "step"}
SWEEP_KEYS = {"id", "name", "state", "reason", "method", "metric", "counts", "total", "best"}


class Json(facts.Case):
    def test_ls_is_an_array_of_sweeps(self):
        sweeps = self.json("ls")
        self.assertEqual(sorted(s["id"] for s in sweeps), [A, B, NEWEST])
        for sweep in sweeps:
            self.assertLessEqual(SWEEP_KEYS, set(sweep))
        one = [s for s in sweeps if s["id"] == A][0]
        self.assertEqual({k: v for k, v in one["counts"].items() if v},
                         {"finished": 3, "failed": 1, "running": 1, "pending": 1})
        self.assertEqual((one["name"], one["method"], one["state"], one["total"]),
                         ("digits", "random", "running", 6))
        self.assertEqual(one["metric"]["name"], "loss")
        self.assertEqual(one["best"]["number"], 1)
        self.assertIsNone([s for s in sweeps if s["id"] == B][0]["total"])
        self.assertIsNone([s for s in sweeps if s["id"] == NEWEST][0]["best"])

    def test_show_is_one_sweep(self):
        self.assertEqual(self.json("show", A)["id"], A)
        self.assertEqual(self.json("show")["id"], NEWEST)
        self.assertEqual(self.json("show", "last")["id"], NEWEST)
        self.assertEqual(self.json("show", "aaaa")["name"], "digits")

    def test_trials_is_an_array(self):
        trials = self.json("trials", A)
        self.assertEqual([t["number"] for t in trials], list(range(6)))
        for trial in trials:
            self.assertEqual(TRIAL_KEYS - set(trial), set())
        one = trials[1]
        self.assertEqual(one["params"], {"act": "tanh", "epochs": 3, "lr": 0.0123456789,
                                         "model": {"width": 16}})
        self.assertEqual((one["id"], one["sweep"], one["state"], one["reason"], one["attempts"]),
                         (A + "-1", A, "finished", "ok", 1))
        self.assertEqual((one["objective"], one["step"]), (0.25, 2))
        self.assertEqual(one["metrics"], {"loss": 0.3, "acc": 0.7})
        self.assertAlmostEqual(one["ended"] - one["started"], 2)
        self.assertGreater(one["created"], T0 / 1000)
        self.assertEqual((trials[2]["attempts"], trials[2]["reason"]), (2, "exit"))
        self.assertIsNone(trials[5]["objective"])
        self.assertIsNone(trials[5]["started"])
        self.assertEqual(self.json("trials", NEWEST), [])

    def numbers(self, *args):
        return [t["number"] for t in self.json("trials", A, *args)]

    def test_trials_sorted_and_filtered(self):
        self.assertEqual(self.numbers("--state", "finished"), [0, 1, 3])
        self.assertEqual(self.numbers("--sort", "objective", "--state=finished"), [1, 3, 0])
        self.assertEqual(self.numbers("--sort", "objective", "--state=finished", "--desc"),
                         [0, 3, 1])
        self.assertEqual(self.numbers("--sort", "lr", "--limit", "2"), [1, 3])
        self.assertEqual(self.numbers("--sort", "model.width", "-d", "-n1"), [2])
        self.assertEqual(self.numbers("--sort", "acc", "--desc", "--limit=1", "--state=finished"),
                         [1])
        self.assertIn("whole number", self.run_besom("trials", A, "-n", "0").stderr.decode())
        self.assertEqual(self.numbers("--filter", "state:finished (number:3 OR number<1)"), [0, 3])
        self.assertEqual(self.numbers("-f", "state:finished", "--sort=objective", "-n", "2"), [1, 3])
        self.assertIn("no trial has 'nothing'", self.run_besom("trials", A, "-f", "nothing<1").stderr.decode())
        self.assertIn("passes the filter", self.besom("trials", A, "--filter", "number>1000"))

    def test_a_sweep_that_runs_again(self):
        f, sweep = facts.Facts(), "dddd8888"
        f.now = T0 - 300_000
        f.created(sweep, "/w/again.yaml", "/w", name="again", total=1)
        f.whole(sweep, 0, 0.5, "relu", 8, [0.5])
        f.add("sweep_state", sweep, state="finished", reason="ok")
        f.add("sweep_state", sweep, state="running", reason="ok")
        self.make(f)
        why = "it had ended: it runs only trials that were retried or enqueued since\n"
        self.assertRegex(self.besom("show", sweep), "state +interrupted\nwhy +" + why)
        with self.held():
            self.assertRegex(self.besom("show", sweep), "state +running again\nwhy +" + why)
            self.assertRegex(self.besom("ls"), sweep + " +again +running again")
            self.assertRegex(self.besom("show", A), r"state +running\nspec")
            self.assertEqual([self.json("show", one)["again"] for one in (sweep, A)], [True, False])

    def test_the_folder_of_a_trial(self):
        folder = os.path.join(os.path.realpath(self.store), "trials", A, "1")
        for args in (["show", A + "-1"], ["best", A]):
            self.assertEqual(self.json(*args)["dir"], folder)
            self.assertNotIn(folder, self.besom(*args), "it does not exist")
        os.makedirs(folder)
        try:
            for args in (["show", A + "-1"], ["best", A]):
                self.assertIn(folder, self.besom(*args))
        finally:
            os.removedirs(folder)
        self.assertEqual(self.json("trials", A)[1]["dir"], folder)

    def test_metrics_a_point_a_line(self):
        lines = self.besom("metrics", A + "-1", "--json").splitlines()
        points = [json.loads(line) for line in lines]
        self.assertEqual([p["step"] for p in points], [0, 1, 2])
        self.assertEqual([p["metrics"]["loss"] for p in points], [0.8, 0.25, 0.3])
        self.assertEqual({p["attempt"] for p in points}, {1})
        self.assertLessEqual({"step", "time", "attempt", "metrics"}, set(points[0]))
        nan = json.loads(self.besom("metrics", A + "-2", "--attempt", "1", "--json"))
        self.assertEqual(nan["metrics"], {"loss": "NaN"})
        self.assertEqual(self.besom("metrics", A + "-2", "--attempt=2", "--json"), "")

    def test_logs(self):
        path = self.log(A, 2, 1, b"first\n")
        shown = self.json("show", A + "-2")
        self.assertEqual(shown["attempts_list"][0]["log"], os.path.realpath(path))
        self.assertEqual(shown["log"], shown["attempts_list"][-1]["log"])
        self.log(A, 2, 2, b"one\ntwo\rTWO\nlast")
        lines = self.besom("logs", A + "-2", "--json").splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [{"attempt": 2, "line": "one"}, {"attempt": 2, "line": "two\rTWO"},
                          {"attempt": 2, "line": "last"}])
        self.assertEqual(self.besom("logs", A + "-2", "--attempt", "1"), "first\n")
        self.assertEqual(self.besom("logs", A + "-2", "-n1"), "last")


class People(facts.Case):
    def test_ls(self):
        text = self.besom("ls")
        self.assertIn("digits", text)
        self.assertIn("4/6", text)
        self.assertIn("it's work/sweep.yaml", self.besom("ls", env={"COLUMNS": "200"}))
        self.assertIn("it's work/sweep.yaml", text)  # a pipe gets all of it
        self.assertIn("sweep.yaml", self.besom("ls", "--store", self.store, cwd="/"))
        self.assertIn("0.25", text)
        self.assertNotIn("\x1b", text)
        self.assertEqual(len(text.splitlines()), 4)

    def test_show(self):
        text = self.besom("show", A)
        self.assertIn("minimize loss", text)
        self.assertIn("3 finished", text)
        self.assertIn("lr: 0.0123456789", text)
        self.assertIn("besom trials " + A, text)

    def test_show_a_trial(self):
        text = self.besom("show", A + "-2")
        self.assertIn("failed (exit 3)", text)
        self.assertIn("exit 3", text)
        self.assertIn("it said no", text)
        self.assertIn("width: 32", text)

    def test_explain(self):
        why = {"strategy": "bayes", "phase": "model", "results": 2, "pending": 1,
               "resource": {"full": 12, "partial": 1, "running": 0}, "predicted": 0.24, "low": 0.2,
               "high": 0.3, "acquisition": "ei", "value": -1.5, "noisy": False, "nearest": [1, 3, 4],
               "lengths": {"lr": 0.2, "act": 3, "model.width": 0.7}}
        stop = {"stopper": "asha", "rung": 4, "value": 0.75, "threshold": 0.25, "rank": 3, "of": 3}
        f = facts.Facts()
        f.now = T0 + 60_000
        f.proposed(A, 6, 0.5, "relu", 32, why=why)
        f.launched(A, 6)
        f.metrics(A, 6, [{"step": 0, "loss": 0.75}])
        f.add("stopping", A, trial=6, attempt=1, reason="stopper", why=stop)
        f.ended(A, 6, "stopper", "stopped")
        f.proposed(A, 7, 0.5, "relu", 32, why={**why, "nearest": [2], "noisy": True})
        f.launched(A, 7)
        f.ended(A, 7, "exit", "failed", code=1)
        f.proposed(A, 8, 0.5, "relu", 32, why={**why, "nearest": [8]})
        f.launched(A, 8)
        f.metrics(A, 8, [{"step": 0, "loss": 0.95}])
        f.ended(A, 8, "exit", "failed", code=1)
        f.proposed(A, 9, 0.5, "relu", 32)
        f.launched(A, 9)
        f.metrics(A, 9, [{"step": 0, "loss": 0.75}])
        f.add("stopping", A, trial=9, attempt=1, reason="stopper", why=stop)
        f.ended(A, 9, "ok", "finished")                 # at its last report, before it was stopped
        f.proposed(A, 10, 0.5, "relu", 32)
        f.launched(A, 10)
        f.metrics(A, 10, [{"step": 0, "loss": 0.75}])
        f.add("stopping", A, trial=10, attempt=1, reason="stopper", why=stop)
        f.ended(A, 10, "exit", "failed", code=1)
        self.make(f)
        for trial, end in (("-9", "finished"), ("-10", "failed")):
            self.assertIn("continues is 0.25; it had %s before the signal\n" % end, self.besom("explain", A + trial))
        text = self.besom("explain", A + "-7")
        self.assertIn("expected  0.24, between 0.2 and 0.3, from noisy results; it has no value\n", text)
        self.assertIn("(failed)\n", text)
        text = self.besom("explain", A + "-6")
        self.assertIn("proposed  by the model of bayes, from 2 results and 1 running trial\n", text)
        self.assertIn("partial   1 result of fewer than 12 iterations, 0 of running trials\n", text)
        self.assertIn("expected  0.24, between 0.2 and 0.3; it has 0.75\n", text)
        self.assertIn("nearest   trials 1 (0.25), 3 (0.4), 4 (0.1, running)\n", text)
        self.assertIn("depends   mostly on lr, model.width, by the model", text)
        self.assertIn("is rank 3 of 3 trials; the worst that continues is 0.25\n", text)
        self.assertIn("state     stopped (rung 4)\n", text)
        self.assertIn("  stopped (rung 4)  ", self.besom("trials", A))
        self.assertEqual([t["rung"] for t in self.json("trials", A)][5:7], [None, 4])
        text = self.besom("explain", A + "-8")
        self.assertIn("expected  0.24, between 0.2 and 0.3; it failed, and last reported 0.95\n", text)
        self.assertIn("(0.95, failed)\n", text)
        told = self.json("explain", A + "-6")
        self.assertEqual((told["trial"], told["proposed"], told["stopped"]), (A + "-6", why, stop))
        self.assertEqual((told["waits"], told["failed"]), (None, None))
        self.assertIn("failed    exit 3\n", self.besom("explain", A + "-2"))
        self.assertIn("waits     no besom process runs its sweep", self.besom("explain", A + "-5"))
        self.besom("explain", A, code=2, err="is a sweep: name a trial, such as %s-0" % A)

    def test_who_stopped_a_trial(self):
        f = facts.Facts()
        f.now = T0 + 60_000

        def action(by, what, subject, result="ok", apart=False):
            f.now -= 0 if apart else 1000               # at the moment of what it brought about
            f.add("action", "", by=by, what=what, subject=subject, result=result,
                  **{"from": "127.0.0.1"})

        action("early", "stop", A + "-6", apart=True)   # before its attempt was launched
        for trial in (6, 7, 8):
            f.proposed(A, trial, 0.5, "relu", 32)
        f.launched(A, 6)
        f.launched(A, 7)
        action("late", "stop", A + "-6", "ERR_STATE", apart=True)
        action("other", "stop", A + "-66", apart=True)
        action("other", "stop", A, apart=True)             # what runs is not ended by it
        f.add("stopping", A, trial=6, attempt=1, reason="user")
        action("ann", "stop", A + "-6")
        f.now += 60_000
        f.ended(A, 6, "user", "stopped")
        f.add("trial_state", A, trial=8, state="cancelled", reason="user")
        action("bob", "stop", A + "-8")
        f.add("stopping", A, trial=7, attempt=1, reason="user")
        action("carol", "cancel", A)
        self.make(f)
        told = self.besom("explain", A + "-6")
        self.assertIn("stopped   by ann, 2023-11-14 22:14:30 +0000: besom stop %s-6\n" % A, told)
        self.assertIn("besom stop %s-6\n" % A, self.besom("show", A + "-6"))
        self.assertEqual({**self.json("explain", A + "-6")["stopped_by"], "time": 0},
                         {"by": "ann", "what": "stop", "subject": A + "-6", "time": 0})
        self.assertRegex(self.besom("explain", A + "-7"), "stopped +by carol, .*: besom cancel %s\n" % A)
        self.assertRegex(self.besom("explain", A + "-8"), "cancelled +by bob, .*: besom stop %s-8\n" % A)
        self.assertIsNone(self.json("explain", A + "-1")["stopped_by"])

    def test_what_of_its_spec_stopped_a_trial(self):
        f, work = facts.Facts(), str(self.here)
        f.now = T0 + 60_000
        for sweep, reason, more in (("dddd0001", "budget", {"budget": {"wall": "2h", "trials": 9}}),
                                    ("dddd0002", "target", {"metric": {"name": "loss", "goal": "minimize", "target": 0.1}}),
                                    ("dddd0003", "user", {})):
            f.created(sweep, work + "/d.yaml", work, **more)
            f.proposed(sweep, 0, 0.5, "relu", 8)
            f.launched(sweep, 0)
            f.ended(sweep, 0, reason, "stopped")
        self.make(f)
        self.assertIn("stopped   by the budget of its sweep: wall 2h, trials 9\n", self.besom("explain", "dddd0001-0"))
        self.assertIn("stopped   by the target of its sweep: loss 0.1 reached\n", self.besom("explain", "dddd0002-0"))
        self.assertIn("stopped   by somebody who is not recorded\n", self.besom("explain", "dddd0003-0"))

    def test_explain_densities(self):
        why = {"strategy": "tpe", "phase": "model", "results": 5, "pending": 0, "good": 2, "bad": 3, "log_ratio": 0.6931,
               "nearest": [1, 3]}
        f = facts.Facts()
        f.now = T0 + 60_000
        f.proposed(A, 6, 0.5, "relu", 32, why=why)
        self.make(f)
        text = self.besom("explain", A + "-6")
        self.assertIn("proposed  by the model of tpe, from 5 results and 0 running trials\n", text)
        self.assertIn("chosen    because good results (2 of 5) are 2 times as dense there as others\n", text)
        self.assertIn("nearest   good trials 1 (0.25), 3 (0.4)\n", text)

    def test_explain_generations(self):
        why = {"strategy": "cmaes", "phase": "model", "results": 5, "pending": 1, "generation": 2, "population": 4,
               "sigma": 0.125, "restart": 1}
        f = facts.Facts()
        f.now = T0 + 60_000
        f.proposed(A, 6, 0.5, "relu", 32, why=why)
        self.make(f)
        text = self.besom("explain", A + "-6")
        self.assertIn("proposed  by the model of cmaes, from 5 results and 1 running trial\n", text)
        self.assertIn("drawn     in generation 2 (of 4 trials) with the step size 0.125, after 1 restart\n", text)

    def test_a_failure_shows_why(self):
        self.assertNotIn("last lines", self.besom("show", A + "-2"))
        self.log(A, 2, 2, b"step 1\nTraceback (most recent call last):\n  File 't.py'\n"
                 b"\x1b[31mOutOfMemoryError\x1b[0m: 512 MiB\n")
        shown = self.besom("show", A + "-2")
        self.assertIn("the last lines of its log:\n  step 1\n  Traceback", shown)
        self.assertIn("\n  OutOfMemoryError: 512 MiB\n", shown)
        f = facts.Facts()
        f.now = T0 + 60_000
        for number in (6, 7):
            f.proposed(A, number, 0.5, "relu", 32)
            f.launched(A, number)
            f.ended(A, number, "exit", "failed", code=3, text="OutOfMemoryError: %d MiB" % (number * 64))
            self.log(A, number, 1, b"OutOfMemoryError: %d MiB\n" % (number * 64))
        f.proposed(A, 8, 0.5, "relu", 8)
        f.launched(A, 8)
        f.ended(A, 8, "signal", "failed", code=-1, signal=11)
        self.make(f)
        shown = self.besom("show", A)
        self.assertIn("\n2 failed alike: out of GPU memory, 'OutOfMemoryError: 448 MiB'; besom logs %s-7\n" % A,
                      shown)
        self.assertIn("\n1 failed: signal 11; besom logs %s-8\n" % A, shown)
        self.assertIn("the last lines of trial 7:\n  OutOfMemoryError: 448 MiB\n", shown)

    def test_what_failed_trials_have_in_common(self):
        f = facts.Facts()
        f.now = T0 + 60_000
        for number in range(6, 16):
            f.whole(A, number, 0.5, ("relu", "tanh")[number % 2], (8, 16)[number % 3 == 0], [0.5])
        for number in range(16, 22):
            f.proposed(A, number, 0.5, ("relu", "tanh")[number % 2], 32)
            f.launched(A, number)
            f.ended(A, number, "exit", "failed", code=1, text="OutOfMemoryError: CUDA out of memory")
        self.make(f)
        suspect = "model.width=32: 6 of 7 trials with it failed this way, 0 of 13 without"
        self.assertIn("\nsuspect   %s\n" % suspect, self.besom("explain", A + "-21"))
        self.assertEqual(self.json("explain", A + "-16")["suspect"], suspect)
        shown = " ".join(self.besom("show", A).split())
        self.assertIn(" suspect %s; besom explain %s-21" % (suspect, A), shown)
        for other in (2, 6):  # failed in another way; did not fail
            self.assertIsNone(self.json("explain", "%s-%d" % (A, other))["suspect"])

    def test_a_metric_that_becomes_nan_says_since_when(self):
        f = facts.Facts()
        f.now = T0 + 60_000
        for number in range(6, 16):
            f.whole(A, number, 0.5, "relu", (8, 16)[number % 3 == 0], [0.5])
        for number in range(16, 22):
            f.whole(A, number, 0.5, "relu", 64, [0.9, float("nan"), 0.8, float("nan"), float("nan")])
        self.make(f)
        said = self.besom("explain", A + "-21")
        self.assertIn("\ndiverged  loss is NaN since step 3\n", said)
        suspect = "model.width=64: 6 of 6 trials with it ended this way, 0 of 14 without"
        self.assertIn("\nsuspect   %s\n" % suspect, said)
        self.assertNotIn("diverged", self.besom("explain", A + "-6"))

    def test_trials_shows_what_varies(self):
        lines = self.besom("trials", A).splitlines()
        self.assertEqual(lines[0].split(), "trial state loss act lr model.width time attempts"
                         .split())
        self.assertEqual(lines[2].split(), "1 finished 0.25 tanh 0.0123457 16 2.0s 1".split())
        self.assertEqual(len(lines), 7)
        self.assertIn("has no trial yet", self.besom("trials"))
        self.assertIn("no stopped trial", self.besom("trials", A, "--state=stopped"))

    def columns(self, *args, width=100):
        return self.besom("trials", A, *args, env={"COLUMNS": str(width)}).splitlines()[0].split()

    def test_columns_are_those_of_the_whole_sweep(self):
        whole = self.columns()
        self.assertEqual(self.columns("--state", "failed"), whole)
        self.assertEqual(self.columns("-n1"), whole)
        self.assertEqual(self.columns("--sort", "acc")[:4], ["trial", "state", "loss", "acc"])
        self.assertEqual(self.columns("--sort", "epochs", "-n1")[3], "epochs")
        self.assertIn("started", self.columns("--sort", "started"))
        self.assertEqual(self.columns("--columns", "lr,number,metrics.loss,params.act"),
                         ["lr", "trial", "loss", "act"])
        self.assertEqual(self.columns("--metrics", "--sort=time", width=200)[-4:],
                         ["metrics.loss", "acc", "time", "attempts"])

    def test_tables_are_whole_in_a_pipe(self):
        for args in ("trials", A, "--metrics", "--sort=time"), ("metrics", A + "-1"), ("show", A + "-1"):
            whole = self.besom(*args, env={"COLUMNS": "9999"})
            self.assertEqual(self.besom(*args), whole)
            self.assertNotEqual(self.besom(*args, env={"COLUMNS": "20"}), whole)

    def test_narrow_tables_round_and_never_cut_values(self):
        text = self.besom("trials", A, env={"COLUMNS": "60"})
        self.assertIn("0.01235", text)
        self.assertNotIn("…", text.split("\n", 1)[1])
        self.assertIn("model", text.splitlines()[0])

    def test_an_unknown_column_lists_the_known_ones(self):
        self.besom("trials", A, "--sort", "los", code=2, err="did you mean 'loss'?\n"
                   "known: number, objective, started, duration, loss, acc, act, epochs, lr, model.width")
        self.besom("trials", A, "--columns", "lr,sate", code=2, err="did you mean 'state'?")
        self.besom("trials", A, "--columns", ",", code=2, err="at least one column")
        self.besom("trials", A, "--json", "--csv", code=2, err="--json")
        self.assertIn("no trial yet", self.besom("trials", NEWEST, "--sort", "anything"))

    def test_trials_as_csv(self):
        rows = list(csv.DictReader(self.besom("trials", A, "--csv", "--metrics").splitlines()))
        self.assertEqual([r["number"] for r in rows], list("012345"))
        self.assertEqual((rows[1]["lr"], rows[1]["model.width"], rows[1]["objective"],
                          rows[1]["loss"], rows[1]["epochs"]),
                         ("0.0123456789", "16", "0.25", "0.3", "3"))
        self.assertEqual((rows[5]["loss"], rows[5]["started"]), ("", ""))
        self.assertEqual(self.besom("trials", A, "--csv", "-c", "number,act", "-n2", "-d"),
                         "number,act\n5,tanh\n4,tanh\n")

    def hostile(self):
        """A sweep whose metrics are called like other columns, and like commands to a terminal."""
        f = facts.Facts()
        f.now = T0 + 200_000
        f.created("dddd4444", "/tmp/d.yaml", "/tmp")
        f.proposed("dddd4444", 0, 0.1, "relu", 8)
        f.launched("dddd4444", 0)
        f.metrics("dddd4444", 0, [{"loss": 0.5, "time": 2, "number": 3, "metrics.time": 4,
                                   "n\nl": 5, "a,b": 6, "lr": 7, "\x1b[2Jx": 8}])
        self.make(f)

    def test_no_two_columns_have_the_same_name(self):
        self.hostile()
        self.assertEqual(
            next(csv.reader(self.besom("export", "--csv", "--metrics").splitlines(True))),
            ["number", "attempt", "step", "time", "loss", "metrics.time", "metrics.number",
             "metrics.metrics.time", "n\nl", "a,b", "lr", "\x1b[2Jx"])
        for args in (("trials", "--csv", "--metrics"), ("export", "--csv")):
            head = next(csv.reader(self.besom(*args).splitlines(True)))
            self.assertEqual(len(head), len(set(head)), head)
            self.assertIn("metrics.lr", head)
        self.assertEqual(self.besom("trials", "--csv", "--columns", 'number,"a,b",metrics.time'),
                         'number,"a,b",time\n0,6.0,2.0\n')

    def test_known_names_cannot_break_out(self):
        self.hostile()
        for args in (("trials", "--columns", "no"), ("trials", "--sort", "no"),
                     ("best", "--metric", "no", "--goal", "minimize")):
            said = self.run_besom(*args)
            self.assertEqual(said.returncode, 2)
            self.assertIn(b"n^Jl, a,b, lr, x", said.stderr)
            self.assertEqual(said.stderr.count(b"\n"), 2, said.stderr)
            self.assertNotIn(b"\x1b", said.stderr)

    def test_export_trials(self):
        rows = list(csv.DictReader(self.besom("export", A, "--csv").splitlines()))
        self.assertEqual(rows, list(csv.DictReader(
            self.besom("trials", A, "--csv", "--metrics").splitlines())))
        lines = self.besom("export", A, "--jsonl").splitlines()
        self.assertEqual([json.loads(line) for line in lines], self.json("trials", A))
        self.assertEqual(self.besom("export", "--jsonl"), "")
        self.besom("export", A, code=2, err="either --csv or --jsonl")
        self.besom("export", A, "--csv", "--jsonl", code=2, err="either --csv or --jsonl")

    def test_export_histories(self):
        lines = self.besom("export", A, "--csv", "--metrics").splitlines()
        self.assertEqual(lines[0], "number,attempt,step,time,loss,acc")
        rows = list(csv.DictReader(lines))
        self.assertEqual([(r["number"], r["attempt"], r["step"]) for r in rows],
                         [("0", "1", "0"), ("0", "1", "1"), ("1", "1", "0"), ("1", "1", "1"),
                          ("1", "1", "2"), ("2", "1", "0"), ("3", "1", "0"), ("4", "1", "0")])
        self.assertEqual([r["loss"] for r in rows],
                         ["0.9", "0.7", "0.8", "0.25", "0.3", "NaN", "0.4", "0.1"])
        self.assertEqual(rows[-1]["acc"], "")
        points = [json.loads(line)
                  for line in self.besom("export", A, "--jsonl", "-m").splitlines()]
        self.assertEqual([p["trial"] for p in points if p["number"] == 1], [A + "-1"] * 3)
        self.assertEqual([p["metrics"]["loss"] for p in points][5], "NaN")
        self.assertEqual(self.besom("export", "--csv", "--metrics"), "number,attempt,step,time\n")

    def test_python_loads_a_sweep(self):
        def load(*args, **options):
            return besom.load(*args, store=self.store, binary=self.binary, **options)
        with unittest.mock.patch.dict(os.environ, self.env, clear=True):
            trials = load(A, metrics=True)
            self.assertEqual(load(), [])
            with self.assertRaisesRegex(besom.BesomError, "zzzz"):
                load("zzzz")
        self.assertEqual([t["number"] for t in trials], list(range(6)))
        self.assertEqual((trials[1]["objective"], trials[1]["params"]["model"]["width"]), (0.25, 16))
        self.assertEqual([p["metrics"]["loss"] for p in trials[1]["history"]], [0.8, 0.25, 0.3])
        self.assertTrue(math.isnan(trials[2]["history"][0]["metrics"]["loss"]))
        self.assertEqual(trials[5]["history"], [])
        try:
            import pandas
        except ImportError:
            return
        table = pandas.json_normalize(trials)
        self.assertEqual(list(table["params.model.width"]), [8, 16, 32, 16, 8, 8])
        self.assertEqual(str(table["objective"].dtype), "float64")

    def test_metrics(self):
        lines = self.besom("metrics", A + "-1").splitlines()
        self.assertEqual(lines[0].split(), ["step", "time", "loss", "acc"])
        self.assertEqual(lines[2].split()[0::2], ["1", "0.25"])
        self.assertIn("no metrics", self.besom("metrics", A + "-5"))


class Names(facts.Case):
    def test_a_prefix_must_be_unique(self):
        said = self.run_besom("show", "aaa")
        self.assertEqual(said.returncode, 2, said)
        self.assertIn(A, said.stderr.decode())
        self.assertIn(B, said.stderr.decode())

    def test_what_is_not_there(self):
        self.besom("show", "zzzz", code=3, err="zzzz")
        self.besom("trials", "zzzz", code=3, err="zzzz")
        self.besom("metrics", A + "-99", code=3, err="99")
        self.besom("logs", "zzzz-1", code=3, err="zzzz")
        self.besom("logs", A + "-1", "--attempt", "7", code=3, err="1 attempt")

    def test_a_bare_number_is_of_the_newest(self):
        f = facts.Facts()
        f.now = T0 + 200_000
        f.proposed(NEWEST, 0, 0.1, "relu", 8)
        self.make(f)
        self.assertEqual(self.json("show", NEWEST + "-0")["sweep"], NEWEST)
        self.assertIn("no metrics", self.besom("metrics", "0"))

    def test_a_number_alone_is_a_trial_wherever_one_can_be_named(self):
        self.besom("show", "0", code=3, err="no trial yet")
        self.besom("logs", "0", code=3, err="no trial yet")
        f = facts.Facts()
        f.now = T0 + 200_000
        f.proposed(NEWEST, 0, 0.1, "relu", 8)
        self.make(f)
        self.assertEqual(self.json("show", "0")["id"], NEWEST + "-0")

    def test_a_name_hides_no_trial(self):
        f = facts.Facts()
        f.now = T0 + 200_000
        f.created("dddd4444", "/w/d.yaml", "/w", name=A + "-0")
        f.proposed("dddd4444", 0, 0.1, "relu", 8)
        self.make(f)
        self.assertEqual(self.json("show", A + "-0")["id"], A + "-0")
        self.assertEqual(self.json("show", "dddd4444-0")["id"], "dddd4444-0")

    def test_a_sweep_is_found_by_its_name(self):
        self.assertEqual(self.json("show", "digits")["id"], A)
        self.assertEqual(self.json("show", "digits-2")["id"], A + "-2")
        self.assertEqual(len(self.json("trials", "digits")), 6)
        f = facts.Facts()
        f.now = T0 + 300_000
        f.created("dddd4444", "/w/d.yaml", "/w")
        self.make(f)
        self.besom("show", "digits", code=2, err="2 sweeps are named 'digits', the newest first: "
                   "dddd4444, " + A)
        self.besom("logs", "digits-0", code=2, err="2 sweeps are named")

    def test_an_unknown_attempt(self):
        self.besom("metrics", A + "-1", "--attempt", "3", code=3, err="has had 1 attempt")
        self.besom("metrics", A + "-1", "--attempt", "3", "--json", code=3, err="1 attempt")
        self.besom("metrics", A + "-5", "--attempt", "1", code=3, err="has had 0 attempts")

    def test_hints_name_the_store_where_it_must_be_named(self):
        for args in (["show", A], ["show", A + "-1"], ["best", A]):
            text = self.besom(*args, "--store", self.store, cwd="/")
            hints = [line for line in text.splitlines() if line.startswith("  besom ")]
            self.assertTrue(hints)
            for hint in hints:
                self.assertIn(" --store %s" % self.store, hint)
            self.assertNotIn("--store", self.besom(*args))

    def test_the_store_is_found(self):
        below = self.here / "a" / "b"
        below.mkdir(parents=True)
        self.assertEqual(len(self.json("ls", cwd=below)), 3)
        self.assertEqual(len(self.json("ls", "--store", self.store, cwd="/")), 3)
        self.assertEqual(len(self.json("ls", cwd="/", env={"BESOM_STORE": str(self.store)})), 3)
        self.besom("ls", cwd="/", code=3, err="besom run SPEC")
        self.besom("ls", "--store", below, code=3)
        self.besom("ls", cwd=below, env={"BESOM_STORE": str(below)}, code=3)

    def test_looking_works_beside_a_writer_and_writes_nothing(self):
        writer = subprocess.Popen([os.environ["STORE_OF_FACTS"], str(self.store), "stay"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            writer.stdin.write(b"\n")
            writer.stdin.flush()
            self.assertEqual(writer.stdout.readline(), b"ready\n")
            self.assertEqual(len(self.json("ls")), 3)
        finally:
            writer.communicate()


class Completion(facts.Case):
    def words(self, *args):
        return self.besom("completion", "--list", *args).split()

    def test_words_of_the_store(self):
        self.assertEqual(self.words("sweeps"), ["last", A, "digits", B, NEWEST])
        self.assertEqual(self.words("trials", A + "-"), ["%s-%d" % (A, i) for i in range(6)])
        self.assertEqual(self.words("trials", "digits-1")[0], "digits-0")
        self.assertEqual(self.words("trials"), [])
        self.assertEqual(self.words("metrics", A), ["loss", "acc"])
        self.assertEqual(self.words("sort", A)[:4], ["number", "objective", "started", "duration"])
        self.assertIn("model.width", self.words("columns", A))
        self.besom("completion", "--list", "nothing", code=2, err="expected one of sweeps")
        self.besom("completion", code=2, err="name a shell")

    def complete(self, *words):
        script = self.besom("completion", "bash") + """
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _besom; printf '%s\\n' "${COMPREPLY[@]}"
"""
        path = "%s:%s" % (os.path.dirname(self.binary), self.env["PATH"])
        done = subprocess.run(["bash", "-c", script, "-", *words], cwd=self.here, check=True,
                              env=dict(self.env, PATH=path), stdout=subprocess.PIPE,
                              universal_newlines=True)
        return done.stdout.split()

    def test_bash_completes_what_the_store_has(self):
        self.assertEqual(self.complete("besom", "trials", "aaa"), [A, B])
        self.assertEqual(self.complete("besom", "pause", "dig"), ["digits"])
        self.assertEqual(self.complete("besom", "logs", A + "-"), ["%s-%d" % (A, i) for i in range(6)])
        self.assertEqual(self.complete("besom", "trials", A, "--sort", "lo"), ["loss"])
        self.assertEqual(self.complete("besom", "trials", A, "--columns", "lr,mod"), ["lr,model.width"])
        self.assertEqual(self.complete("besom", "best", A, "--metric", ""), ["loss", "acc"])
        self.assertEqual(self.complete("besom", "trials", "--store", str(self.here), "dig"), [])


class Care(facts.Case):
    def test_check(self):
        found = self.json("check")
        self.assertEqual((found["ok"], found["trials"], found["problems"]), (True, 6, []))
        self.assertIn("0 problems", self.besom("check", self.store, cwd="/"))
        self.besom("check", self.here / "nowhere", code=3)

    def test_check_finds_a_row_that_the_facts_do_not_give(self):
        with sqlite3.connect(next(self.store.glob("*.db"))) as db:
            db.execute("UPDATE trial SET objective = 0.01 WHERE state = 'finished'")
        db.close()
        found = self.json("check", code=1)
        self.assertFalse(found["ok"])
        self.assertTrue(found["problems"])
        self.assertIn(found["problems"][0], self.besom("check", code=1))

    def test_backup_is_a_store_with_the_same_trials(self):
        copy = self.here / "copy"
        self.assertIn("copied", self.besom("backup", copy))
        copied, trials = self.json("trials", A, "--store", copy), self.json("trials", A)
        for trial, original in zip(copied, trials):
            self.assertTrue(trial.pop("dir").startswith(os.path.realpath(copy)))
            del original["dir"]
        self.assertEqual(copied, trials)
        self.assertEqual(self.json("check", copy)["ok"], True)
        self.assertNotEqual(self.run_besom("backup", self.store, copy).returncode, 0)

    def test_a_backup_stays_out_of_its_store(self):
        """There, it would be taken for a trial's folder, and go when the store does."""
        (self.here / "link").symlink_to(self.store)
        for inside in self.store / "trials", self.store / "new/copy/", self.here / "link/copy":
            ended = self.run_besom("backup", self.store, inside)
            self.assertEqual(ended.returncode, 2)
            self.assertIn(b"is inside the store", ended.stderr)
        self.assertFalse((self.store / "new").exists())
        self.assertIn(b"is a store already", self.run_besom("backup", self.store, self.store).stderr)
        self.besom("backup", self.store, str(self.store) + "-copy")


class Terminal(facts.Case):
    def on_terminal(self, *args, columns=80, env=None):
        """What besom writes to a terminal so wide, and its exit code."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([self.binary, *args], cwd=self.here, stdout=slave, stderr=slave,
                                   stdin=subprocess.DEVNULL,
                                   env={**self.env, "TERM": "xterm", **(env or {})})
        os.close(slave)
        text = b""
        while True:
            try:
                chunk = os.read(master, 65536)
            except OSError:
                break
            if not chunk:
                break
            text += chunk
        os.close(master)
        return text.decode().replace("\r\n", "\n"), process.wait()

    def test_tables_fit(self):
        for columns in (40, 60, 200):
            text, code = self.on_terminal("trials", A, columns=columns, env={"NO_COLOR": "1"})
            self.assertEqual(code, 0)
            self.assertLessEqual(max(map(len, text.splitlines())), columns, text)
        text, _ = self.on_terminal("trials", A, columns=34, env={"NO_COLOR": "1"})
        self.assertIn("no room for", text)

    def test_colour_only_where_wanted(self):
        self.assertIn("\x1b[32m", self.on_terminal("trials", A)[0])
        self.assertNotIn("\x1b", self.on_terminal("trials", A, env={"NO_COLOR": "1"})[0])
        self.assertNotIn("\x1b", self.on_terminal("trials", A, env={"TERM": "dumb"})[0])
        self.assertNotIn("\x1b", self.besom("trials", A))

    def test_names_do_nothing_to_the_terminal(self):
        for args in (("ls",), ("show", B), ("show", A + "-2")):
            text, _ = self.on_terminal(*args, env={"NO_COLOR": "1"})
            self.assertNotIn("\x1b", text)
        self.assertIn("evil^Jname", self.on_terminal("ls", columns=200)[0])

    def test_logs_are_cleaned_on_a_terminal_alone(self):
        raw = b"\x1b[31mred\x1b[0m\n10%\r50%\r100%\ntab\there\nbell\x07\nno end"
        self.log(A, 1, 1, raw)
        text, code = self.on_terminal("logs", A + "-1")
        self.assertEqual((text.replace("        ", "\t"), code),
                         ("red\n100%\ntab\there\nbell^G\nno end\n", 0))
        self.assertEqual(self.run_besom("logs", A + "-1").stdout, raw)


class Streams(facts.Case):
    def test_a_closed_pipe_is_no_error(self):
        for args in (("trials", A), ("trials", A, "--json"), ("metrics", A + "-1")):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([self.binary, *args], cwd=self.here, env=self.env, stdout=write,
                                  stderr=subprocess.PIPE)
            os.close(write)
            self.assertIn(done.returncode, (0, -13))
            self.assertEqual(done.stderr, b"")

    def test_logs_follow_to_the_end_of_the_trial_over_its_attempts(self):
        path = self.log(A, 4, 1, b"begin\n")
        process = subprocess.Popen([self.binary, "logs", "-f", A + "-4"], cwd=self.here,
                                   env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        guard = threading.Timer(60, process.kill)
        guard.start()
        try:
            self.assertEqual(process.stdout.readline(), b"begin\n")
            with open(path, "ab") as log:
                log.write(b"more\n")
            self.assertEqual(process.stdout.readline(), b"more\n")
            f = facts.Facts()
            f.now = T0 + 300_000
            f.ended(A, 4, "interrupted", "pending", code=-1, signal=15)
            f.launched(A, 4, 2)
            self.log(A, 4, 2, b"again\n")
            self.make(f)
            self.assertEqual(process.stdout.readline(), b"again\n")
            with open(self.store / "logs" / A / "4-2.log", "ab") as log:
                log.write(b"last words")
            f = facts.Facts()
            f.now = T0 + 400_000
            f.ended(A, 4, "ok", "finished", attempt=2)
            self.make(f)
            out, err = process.communicate()
        finally:
            guard.cancel()
            process.kill()
        self.assertEqual(out, b"last words")
        self.assertIn(b"attempt 2", err)
        self.assertEqual(process.returncode, 0)

    def test_logs_of_what_has_not_started(self):
        self.assertEqual(self.besom("logs", A + "-5", err="has not started"), "")


if __name__ == "__main__":
    if "STORE_OF_FACTS" not in os.environ:
        print("SKIPPED: STORE_OF_FACTS names no program", file=sys.stderr)
        sys.exit(77)
    unittest.main()
