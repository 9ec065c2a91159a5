#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How attempts end: each reason of sweep/trial.h that has a route through `besom run`, and what
becomes of the trial."""
import os
import re
import signal
import time

import scene

WAIT = """
: > "started.$BESOM_ATTEMPT"
while [ ! -e go ]; do sleep 0.02; done
besom report ok=1
"""
ONE = """
method: grid
metric: {name: ok}
parameters: {x: {value: 1}}
"""


class Ends(scene.Case):
    def test_end_while_besom_is_down(self):
        """When it ended and how long it ran is what its shim saw, not what besom found later."""
        spec = self.sweep(ONE, WAIT)
        began = time.time()
        run = self.begin("run", spec)
        self.wait_for("started.1", run)
        self.kill_besom(run)
        self.touch("go")
        scene.wait_until(lambda: not self.alive(), "the end of training")
        ended = time.time()
        time.sleep(1)
        self.says("run", spec)
        trial, = self.trials()
        self.assertEqual(trial["reason"], "ok")
        for one in trial, self.look("show", "last-0")["attempts_list"][0]:
            self.assertLessEqual(one["ended"], ended)
            self.assertLessEqual(one["duration"], ended - began)

    def test_by_itself(self):
        self.env["BESOM_MEMORY_EVENTS"] = str(self.folder / "oom")
        spec = self.sweep("""
method: grid
metric: {name: loss}
resources: {time: 1s}
parameters: {how: {values: [ok, exit, signal, oom, time]}}
""", r"""
case $1 in
how=ok) besom report loss=1 ;;
how=exit) exit 3 ;;
how=signal) kill -SEGV $$ ;;
how=oom) echo "oom_kill 1" > "$BESOM_MEMORY_EVENTS"; kill -KILL $$ ;;
how=time) exec sleep 600 ;;
esac
""")
        said = self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok"), ("failed", "exit"), ("failed", "signal"),
                                       ("failed", "oom"), ("failed", "timeout")])
        for words in "reason=exit code=3 ", "reason=signal signal=11 ", "reason=oom ", "reason=timeout ":
            self.assertIn(words, said)

    def test_launch(self):
        self.write("plain", "no program\n")
        os.chmod(self.folder / "plain", 0o644)
        self.write("badly", "#!/nowhere/sh\n")
        os.chmod(self.folder / "badly", 0o755)
        for program, word in ("./badly", "No such file"), ("./plain", "ermission denied"):
            with self.subTest(program):
                spec = self.sweep("command: [%s]\nworkdir: .\n" % program + ONE)
                self.says("run", spec, "--new", code=1)
                self.assertEqual(self.ends(), [("failed", "launch")])
                shown = self.besom("show", "last-0")
                self.assertIn(word, shown)
                self.assertIn(program, shown)

    def test_launch_where_the_folder_went(self):
        (self.folder / "sub").mkdir()
        spec = self.sweep("""
command: [rmdir, "../sub"]
workdir: sub
method: grid
parameters: {x: {values: [1, 2]}}
""")
        self.says("run", spec, "--slots", 1)
        self.assertEqual(self.ends(), [("finished", "ok"), ("failed", "launch")])
        self.assertIn("working directory", self.besom("show", "last-1"))
        self.assertIn("there is no folder sub", self.says("run", spec, "--new", code=2))

    def test_cancel(self):
        spec = self.sweep("method: grid\nparameters: {x: {values: [1, 2, 3]}}", WAIT)
        run = self.begin("run", spec, "--slots", 1)
        self.wait_for("started.1", run)
        self.besom("cancel", "last")
        self.assertIn("cancelled", self.end(run, 1))
        self.assertEqual(set(self.ends()), {("cancelled", "user")})
        self.assertEqual(self.alive(), {})
        self.assertIn("was cancelled", self.says("run", spec, code=1))

    def test_cancel_what_a_killed_besom_left(self):
        spec = self.sweep(ONE, WAIT)
        run = self.begin("run", spec)
        self.wait_for("started.1", run)
        self.kill_besom(run)
        self.assertEqual(len(self.shims()), 1)
        self.besom("cancel", "last")
        self.assertEqual(self.alive(), {})
        self.assertEqual(self.ends(), [("cancelled", "user")])

    def test_interrupted_costs_nothing(self):
        spec = self.sweep("retry: {failed: 0, host: 0}\n" + ONE.lstrip(), WAIT)
        for attempt, number in (1, signal.SIGINT), (2, signal.SIGTERM), (3, signal.SIGINT):
            run = self.begin("run", spec)
            self.wait_for("started.%d" % attempt, run)
            run.send_signal(number)
            said = self.end(run, 128 + number)
            self.assertIn("besom run sweep.yaml", said)
            self.assertEqual(self.ends(), [("pending", None)])
            self.assertEqual(self.alive(), {})
        self.touch("go")
        self.says("run", spec)
        self.assertEqual(self.ends(), [("finished", "ok")])
        self.assertEqual(self.attempts(), ["interrupted"] * 3 + ["ok"])

    def test_interrupted_twice_ends_what_ignores_it(self):
        spec = self.sweep("method: grid\nparameters: {x: {values: [1, 2]}}", """
trap '' TERM INT
(setsid sh -c 'trap "" TERM; : > daemon; while :; do sleep 0.1; done' &)
while [ ! -e daemon ]; do sleep 0.02; done
: > "started.$BESOM_TRIAL"
while :; do sleep 0.1; done
""")
        run = self.begin("run", spec, "--slots", 2)
        scene.wait_until(lambda: len(list(self.folder.glob("started.*"))) == 2, "both trials")
        run.send_signal(signal.SIGINT)
        scene.wait_until(lambda: "again kills them at once" in self.said(run), "its answer to Ctrl-C")
        self.assertEqual(len(self.shims()), 2)
        run.send_signal(signal.SIGINT)
        self.end(run, 130)
        self.assertEqual(self.alive(), {})
        self.assertEqual(self.ends(), [("pending", None)] * 2)

    def test_hangup_leaves_training(self):
        spec = self.sweep(ONE, WAIT)
        run = self.begin("run", spec)
        self.wait_for("started.1", run)
        before = self.alive()
        run.send_signal(signal.SIGHUP)
        self.assertIn("the trials keep running", self.end(run, 129))
        self.assertLessEqual(set(self.shims()), set(before))
        self.assertEqual(len(self.shims()), 1)
        self.assertEqual(self.trials()[0]["state"], "running")
        run = self.begin("run", spec)
        self.touch("go")
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok")])
        self.assertEqual(self.trials()[0]["attempts"], 1)

    def lose(self, run, attempt):
        self.wait_for("started.%d" % attempt, run)
        shim, = self.shims()
        os.kill(shim, signal.SIGKILL)

    def test_a_killed_shim_is_a_loss(self):
        spec = self.sweep("retry: {host: 1}\n" + ONE.lstrip(), WAIT)
        run = self.begin("run", spec)
        self.lose(run, 1)
        self.lose(run, 2)
        said = self.end(run, 1)
        self.assertIn("trial=0 state=pending reason=shim ", said)
        self.assertEqual(self.ends(), [("lost", "poison")])
        self.assertEqual(self.attempts(), ["shim", "poison"])
        self.assertEqual(self.alive(), {})

    def test_budgets_are_apart(self):
        spec = self.sweep("retry: {failed: 1, host: 1}\n" + ONE.lstrip(), """
: > "started.$BESOM_ATTEMPT"
[ $BESOM_ATTEMPT = 2 ] && exit 1
[ $BESOM_ATTEMPT = 3 ] && exec besom report ok=1
while :; do sleep 0.1; done
""")
        run = self.begin("run", spec)
        self.lose(run, 1)
        self.end(run, 0)
        self.assertEqual(self.attempts(), ["shim", "exit", "ok"])

    def test_failures_use_up_their_budget(self):
        spec = self.sweep("retry: {failed: 2}\n" + ONE.lstrip(), "exit 4\n")
        self.says("run", spec, code=1)
        self.assertEqual(self.attempts(), ["exit"] * 3)
        self.assertEqual(self.ends(), [("failed", "exit")])

    def test_reboot(self):
        spec = self.sweep(ONE, WAIT)
        run = self.begin("run", spec)
        self.wait_for("started.1", run)
        self.kill_besom(run)
        self.kill_all()
        owner, = self.store.glob("run/*/owner")
        owner.write_text(re.sub("boot .*", "boot 00000000-0000-0000-0000-000000000000",
                                owner.read_text()))
        self.touch("go")
        self.assertIn("reason=reboot ", self.says("run", spec))
        self.assertEqual(self.attempts(), ["reboot", "ok"])


if __name__ == "__main__":
    scene.main()
