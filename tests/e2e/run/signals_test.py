#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that besom inherits as ignored, what training inherits, and leaving at once."""
import os
import pathlib
import signal

import scene

GATED = """
: > "started.$BESOM_TRIAL"
echo $$ > pid
while [ ! -e go ]; do sleep 0.02; done
"""
BESIDE = """
echo $$ > "$1.pid"
: > "$1.trains"
while [ ! -e "$1.go" ]; do sleep 0.02; done
"""
ONE = "method: grid\nparameters: {x: {value: 0}}\n"


def ignored_by(pid):
    """The numbers of the signals that this process ignores."""
    for line in pathlib.Path("/proc/%d/status" % pid).read_text().splitlines():
        if line.startswith("SigIgn:"):
            bits = int(line.split()[1], 16)
            return {n for n in range(1, 32) if bits >> (n - 1) & 1}


class Signals(scene.Case):
    def begin_ignoring(self, *signals):
        """besom run as nohup, or `cmd &` in a script, starts it."""
        spec = self.sweep(ONE, GATED)
        run = self.begin("run", spec, preexec_fn=lambda: [
            signal.signal(s, signal.SIG_IGN) for s in signals])
        self.wait_for("pid", run)
        scene.wait_until(lambda: (self.folder / "pid").read_text().endswith("\n"), "the pid")
        return run

    def test_a_signal_ignored_at_the_start_stays_ignored(self):
        signals = signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT
        run = self.begin_ignoring(*signals)
        for s in signals:
            run.send_signal(s)
        self.assertTrue(set(signals) <= ignored_by(run.pid))
        self.touch("go")
        said = self.end(run, 0)
        self.assertNotIn("Interrupted", said)
        self.assertEqual(self.ends(), [("finished", "ok")])

    def test_training_ignores_nothing_that_besom_ignores(self):
        run = self.begin_ignoring(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
        self.assertEqual(ignored_by(int((self.folder / "pid").read_text())), set())
        self.besom("cancel", "last")
        self.end(run, 1)
        self.assertEqual(self.ends(), [("cancelled", "user")])

    def test_signals_that_are_not_ignored_end_the_run(self):
        run = self.begin_ignoring(signal.SIGHUP)
        run.send_signal(signal.SIGINT)
        self.end(run, 130)
        self.assertEqual(self.alive(), {})

    def test_a_paused_run_is_ended_by_the_first_signal(self):
        run = self.begin_ignoring()
        self.besom("pause", "last")
        self.touch("go")
        scene.wait_until(lambda: self.ends() == [("finished", "ok")], "the end of the trial")
        run.send_signal(signal.SIGTERM)
        self.end(run, 143)

    def test_a_third_interrupt_always_leaves(self):
        run = self.begin_ignoring()
        shim, = self.shims()
        os.kill(shim, signal.SIGSTOP)

        def left():
            run.send_signal(signal.SIGINT)
            return "Exiting;" in self.said(run) or run.poll() is not None
        scene.wait_until(left, "the third interrupt")
        while run.poll() is None:
            run.send_signal(signal.SIGINT)
        self.assertEqual(run.returncode, 130, self.said(run))
        try:
            os.kill(shim, signal.SIGCONT)
        except ProcessLookupError:
            pass  # besom has killed it
        scene.wait_until(lambda: not self.alive(), "the end of the shim")
        self.touch("go")
        self.says("run", "sweep.yaml")
        self.assertEqual(self.ends(), [("finished", "ok")])


class Leftovers(scene.Case):
    """A run beside trainings of another sweep that an earlier, hung-up run left."""
    def leave_a(self):
        """Returns the pid of the training of a.yaml, which is left running."""
        for name in "a", "b":
            spec = self.sweep("method: grid\nparameters: {x: {value: %s}}\n" % name, BESIDE)
            (self.folder / spec).rename(self.folder / (name + ".yaml"))
        run = self.begin("run", "a.yaml", "--slots", 1)
        self.wait_for("x=a.trains", run)
        run.send_signal(signal.SIGHUP)
        self.end(run, 129)
        self.a = self.look("ls")[0]["id"]
        return int((self.folder / "x=a.pid").read_text())

    def assert_a_is_adopted(self, pid):
        self.assertIn(pid, self.alive())
        self.touch("x=a.go")
        self.says("run", "a.yaml")
        self.assertEqual(self.attempts(self.a + "-0"), ["ok"])

    def test_ctrl_c_leaves_the_trainings_of_other_sweeps(self):
        pid = self.leave_a()
        run = self.begin("run", "b.yaml", "--slots", 1)
        wanted = ("Waiting for a free slot: 1 trial of sweep %s, left by an earlier run, is still running."
                  % self.a)
        scene.wait_until(lambda: wanted in self.said(run), "the reason of the wait")
        run.send_signal(signal.SIGINT)
        said = self.end(run, 130)
        self.assertEqual(said.count("Waiting for a free slot"), 1, said)
        self.assert_a_is_adopted(pid)

    def test_a_run_ends_beside_the_trainings_of_other_sweeps(self):
        pid = self.leave_a()
        self.touch("x=b.go")
        said = self.says("run", "b.yaml", "--slots", 2)
        self.assertNotIn("Waiting for a free slot", said)
        self.assert_a_is_adopted(pid)

    def test_a_second_ctrl_c_ends_its_own_trainings_alone(self):
        pid = self.leave_a()
        run = self.begin("run", "b.yaml", "--slots", 2)
        self.wait_for("x=b.trains", run)
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGINT)
        self.end(run, 130)
        self.assertEqual(len(self.shims()), 1)
        self.assert_a_is_adopted(pid)


if __name__ == "__main__":
    scene.main()
