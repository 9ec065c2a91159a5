#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second `besom run` beside one that holds the store: its sweep is run there, and shown here."""
import fcntl
import os
import signal
import struct

import scene

# Runs until its own file says go, and says whose environment it has.
GATED = """
echo "who $WHO"
: > "started.$BESOM_TRIAL"
while [ ! -e "go.$1.${BESOM_TRIAL##*-}" ]; do sleep 0.02; done
besom report "x=${BESOM_TRIAL##*-}"
"""
HEAD = "command: [sh, train.sh, %s]\nworkdir: .\nmetric: {name: x}\n"
GRID = "method: grid\nparameters: {a: {values: [0, 1, 2]}}\n"


class Beside(scene.Case):
    def setUp(self):
        super().setUp()
        self.write("train.sh", GATED)
        self.write("one.yaml", HEAD % "one" + GRID)
        self.write("two.yaml", HEAD % "two" + GRID)

    def begin_one(self, *args):
        run = self.begin("run", "one.yaml", *(args or ("--slots", 2)))
        scene.wait_until(lambda: list(self.folder.glob("started.*")), "its first trials")
        self.one = self.look("ls")[0]["id"]
        return run

    def begin_two(self, *args):
        run = self.begin("run", "two.yaml", *args)
        scene.wait_until(lambda: "is using this store" in self.said(run), "its sweep in the other process")
        self.two = next(s["id"] for s in self.look("ls") if s["id"] != self.one)
        return run

    def has_started(self, sweep, number):
        return (self.folder / ("started.%s-%d" % (sweep, number))).exists()

    def let_go(self, which, *numbers):
        for number in numbers or range(4):
            self.touch("go.%s.%d" % (which, number))

    def counts(self, sweep):
        return {k: v for k, v in self.look("show", sweep)["counts"].items() if v}

    def sound(self):
        self.besom("check")
        for sweep in self.look("ls"):
            self.besom("replay", sweep["id"])

    def test_both_end(self):
        one = self.begin_one()
        two = self.begin_two()
        self.let_go("two")
        self.let_go("one", 0)
        said = self.end(two, 0)
        for text in ("Sweep %s of two.yaml begins: grid, 3 trials." % self.two,
                     "Another besom run (process %d) is using this store. It will run this sweep too" % one.pid,
                     "trial=2 state=finished x=2 ", "sweep %s is finished: 3 finished" % self.two, "best: trial"):
            self.assertIn(text, said)
        self.assertNotIn("at a time", said)
        self.assertNotIn("differs from yours", said)
        self.assertNotIn("trial=3", said)
        self.assertIsNone(one.poll())
        self.let_go("one")
        self.assertNotIn(self.two, self.end(one, 0))
        for sweep in self.one, self.two:
            self.assertEqual(self.counts(sweep), {"finished": 3})
        self.assertEqual([t["attempts"] for t in self.look("trials", self.two)], [1] * 3)
        self.sound()

    def test_the_status_is_that_of_the_sweep(self):
        self.write("two.yaml", (HEAD % "two").replace("sh, train.sh", "sh, -c, exit 3") + GRID)
        one = self.begin_one()
        two = self.begin("run", "two.yaml", "--quiet")
        scene.wait_until(lambda: len(self.look("ls")) == 2, "the other sweep")
        self.let_go("one", 0)
        said = self.end(two, 1)
        self.assertNotIn("begins", said)
        self.assertIn("3 failed", said)
        self.let_go("one")
        self.end(one, 0)

    def test_json(self):
        one = self.begin_one()
        two = self.begin("run", "two.yaml", "--json")
        self.let_go("one"), self.let_go("two")
        self.assertIn('"state":"finished"', self.end(two, 0))
        self.end(one, 0)

    def test_the_sweep_that_is_run_already(self):
        one = self.begin_one()
        again = self.begin("run", "one.yaml", "--slots", 7)
        scene.wait_until(lambda: "--slots is ignored until process %d exits" % one.pid in self.said(again), "it")
        self.let_go("one")
        self.assertIn("is finished: 3 finished", self.end(again, 0))
        self.end(one, 0)
        self.assertEqual(len(self.look("ls")), 1)
        self.assertIn("is finished", self.says("run", "one.yaml"))

    def test_a_sweep_that_has_ended_is_shown(self):
        self.let_go("two")
        self.says("run", "two.yaml")
        one = self.begin("run", "one.yaml", "--slots", 1)
        scene.wait_until(lambda: len(self.look("ls")) == 2, "the other sweep")
        said = self.says("run", "two.yaml")
        self.assertIn("is finished; `besom run --new two.yaml` starts another", said)
        self.assertIn("best: trial", said)
        self.let_go("one")
        self.end(one, 0)

    def test_a_spec_that_has_changed(self):
        self.let_go("two")
        self.says("run", "two.yaml")
        self.two = self.look("ls")[0]["id"]
        one = self.begin("run", "one.yaml", "--slots", 4)
        scene.wait_until(lambda: len(self.look("ls")) == 2, "the other sweep")
        self.write("two.yaml", (self.folder / "two.yaml").read_text().replace("[0, 1, 2]", "[0, 1, 2, 3]"))
        said = self.says("run", "two.yaml")
        self.assertIn("parameters.a.values: [0, 1, 2] -> [0, 1, 2, 3]", said)
        self.assertEqual(self.counts(self.two), {"finished": 4})
        self.write("two.yaml", (self.folder / "two.yaml").read_text().replace("grid", "random"))
        self.assertIn("method", self.says("run", "two.yaml", code=2))
        self.let_go("one")
        self.end(one, 0)
        self.sound()

    def test_interrupted_it_runs_on(self):
        one = self.begin_one()
        two = self.begin_two()
        two.send_signal(signal.SIGINT)
        said = self.end(two, 130)
        self.assertIn("continues in process %d" % one.pid, said)
        self.assertIn("besom stop %s" % self.two, said)
        self.assertIn("besom run two.yaml", said)
        self.assertEqual(self.look("show", self.two)["state"], "running")
        self.let_go("one")
        scene.wait_until(lambda: "continues another sweep" in self.said(one), "its word")
        self.assertEqual(self.counts(self.one), {"finished": 3})
        again = self.begin("run", "two.yaml")
        scene.wait_until(lambda: "is using this store" in self.said(again), "it")
        again.send_signal(signal.SIGINT)
        self.end(again, 130)
        self.let_go("two")
        self.end(one, 0)
        self.assertEqual(self.counts(self.two), {"finished": 3})
        self.sound()

    def test_interrupted_while_the_other_is_stopped(self):
        one = self.begin_one("--slots", 1)
        two = self.begin_two()
        one.send_signal(signal.SIGSTOP)
        two.send_signal(signal.SIGTERM)
        said = self.end(two, 143)
        one.send_signal(signal.SIGCONT)
        self.assertIn("whether process %d runs sweep %s on is not known" % (one.pid, self.two), said)
        self.assertIn("kill -CONT %d" % one.pid, said)
        self.assertIn("besom run two.yaml", said)
        self.assertNotIn("no longer runs", said)
        self.let_go("one"), self.let_go("two")
        self.end(one, 0)
        self.assertEqual(self.counts(self.two), {"finished": 3})

    def test_interrupted_both(self):
        one = self.begin_one()
        two = self.begin_two()
        self.let_go("one", 0)
        scene.wait_until(lambda: self.has_started(self.two, 0), "a trial of the second sweep")
        for run in two, one:
            run.send_signal(signal.SIGINT)
            self.end(run, 130)
        self.assertEqual(self.alive(), {})
        self.let_go("one"), self.let_go("two")
        self.says("run", "one.yaml"), self.says("run", "two.yaml")
        self.assertEqual([self.counts(s) for s in (self.one, self.two)], [{"finished": 3}] * 2)
        self.sound()

    def test_stopped_from_elsewhere(self):
        one = self.begin_one()
        two = self.begin_two()
        self.besom("cancel", self.two)
        self.assertIn("is cancelled", self.end(two, 1))
        self.let_go("one")
        self.end(one, 0)

    def test_the_other_sweep_ends_first(self):
        one = self.begin_one("--slots", 3)
        two = self.begin_two()
        self.let_go("one", 0)
        scene.wait_until(lambda: self.has_started(self.two, 0), "a trial of the second sweep")
        self.let_go("one")
        self.end(one, 0)
        scene.wait_until(lambda: "this process continues the sweep" in self.said(two), "the second run")
        self.let_go("two")
        self.assertIn("is finished: 3 finished", self.end(two, 0))
        self.assertEqual(self.look("trials", self.two)[0]["attempts"], 1, "it was adopted")
        self.sound()

    def test_the_other_process_is_killed(self):
        one = self.begin_one()
        two = self.begin_two()
        self.kill_besom(one)
        scene.wait_until(lambda: "this process continues the sweep" in self.said(two), "the second run")
        self.let_go("one"), self.let_go("two")
        self.end(two, 0)
        self.says("run", "one.yaml")
        self.assertEqual([self.counts(s) for s in (self.one, self.two)], [{"finished": 3}] * 2)
        self.sound()

    def test_a_pause_outlives_the_process_that_was_killed(self):
        one = self.begin_one()
        two = self.begin_two()
        self.besom("pause", self.two)
        self.kill_besom(one)
        self.let_go("one"), self.let_go("two")
        scene.wait_until(lambda: "this process continues the sweep" in self.said(two), "the second run")
        scene.wait_until(lambda: "besom resume" in self.said(two) or two.poll() is not None, "its word")
        self.assertIn("Sweep %s of two.yaml is paused; besom resume %s" % (self.two, self.two), self.said(two))
        self.assertNotIn("Continuing sweep", self.said(two))
        self.assertEqual(self.look("show", self.two)["state"], "paused")
        self.besom("resume", self.two)
        self.assertIn("is finished: 3 finished", self.end(two, 0))
        self.sound()

    def test_three(self):
        self.write("three.yaml", HEAD % "three" + GRID)
        one = self.begin_one()
        two = self.begin_two()
        three = self.begin("run", "three.yaml")
        scene.wait_until(lambda: "is using this store" in self.said(three), "the third")
        self.kill_besom(one)
        for which in "one", "two", "three":
            self.let_go(which)
        self.end(two, 0), self.end(three, 0)
        self.says("run", "one.yaml")
        self.assertEqual([self.counts(s["id"]) for s in self.look("ls")], [{"finished": 3}] * 3)
        self.sound()

    def test_what_cannot_be_done_there(self):
        one = self.begin_one()
        said = self.says("run", "two.yaml", "--count", 1, code=6)
        self.assertIn("--count cannot be used beside another process", said)
        self.assertIn("in use by process %d on " % one.pid, said)
        self.assertEqual(len(self.look("ls")), 1)
        one.send_signal(signal.SIGSTOP)
        self.assertIn("kill -CONT %d" % one.pid, self.says("run", "two.yaml", code=4))
        one.send_signal(signal.SIGCONT)  # it has been asked, and begins the other sweep
        scene.wait_until(lambda: len(self.look("ls")) == 2, "the other sweep")
        self.let_go("one"), self.let_go("two")
        self.end(one, 0)
        self.says("run", "two.yaml")

    def test_a_holder_that_does_not_answer_yet(self):
        self.let_go("one")
        self.says("run", "one.yaml")
        with open(self.store / "lock", "r+") as lock:
            fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
            lock.truncate()
            lock.write("%d here 2020-01-01T00:00:00Z\n" % os.getpid())
            lock.flush()
            again = self.begin("run", "--new", "one.yaml")
            scene.wait_until(lambda: "process %d, which holds the store" % os.getpid() in self.said(again), "its word")
        self.assertIn("is finished: 3 finished", self.end(again, 0))

    def test_it_waits_for_a_slot(self):
        one = self.begin_one("--slots", 1)
        two = self.begin_two()
        scene.wait_until(lambda: "Waiting for a free slot" in self.said(two), "its word")
        waits = "for a free slot: its sweep has 0 of 1 slots, other sweeps have the rest"
        self.assertIn("waits     %s\n" % waits, self.besom("show", self.two))
        self.besom("enqueue", self.two, "a=1")
        self.besom("enqueue", self.two, "a=2")
        self.assertIn("waits     %s\n" % waits, self.besom("explain", self.two + "-0"))
        self.assertEqual(self.look("explain", self.two + "-1")["waits"],
                         waits + "; 1 trial of its sweep comes before it")
        self.let_go("one"), self.let_go("two")
        self.end(one, 0), self.end(two, 0)

    def test_another_environment_is_told_of(self):
        self.env["CONDA_PREFIX"] = "/opt/one"
        one = self.begin_one("--slots", 4)
        self.env["CONDA_PREFIX"] = "/opt/two"
        two = self.begin_two()
        self.let_go("one"), self.let_go("two")
        self.assertIn("the CONDA_PREFIX of process %d differs from yours." % one.pid, self.end(two, 0))
        self.end(one, 0)

    def test_detached(self):
        one = self.begin_one()
        said = self.says("run", "two.yaml", "--detach")
        self.assertIn("is followed in the background", said)
        self.two = next(s["id"] for s in self.look("ls") if s["id"] != self.one)
        self.let_go("one")
        self.end(one, 0)
        self.let_go("two")
        log = self.store / ("run-%s.log" % self.two)
        scene.wait_until(lambda: "best: trial" in log.read_text(), "its result in the log")
        self.assertEqual(self.counts(self.two), {"finished": 3})


if __name__ == "__main__":
    scene.main()
