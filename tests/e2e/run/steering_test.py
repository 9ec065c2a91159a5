#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steering a sweep that runs, and the breaker that pauses one by itself."""
import os
import re
import signal
import socket
import subprocess
import time

import scene

# Runs until its own file says go, and leaves a trace of having been started.
GATED = """
: > "started.$BESOM_TRIAL"
while [ ! -e "go.${BESOM_TRIAL##*-}" ]; do sleep 0.02; done
"""
THREE = "method: grid\nparameters: {x: {values: [0, 1, 2]}}\n"


class Steering(scene.Case):
    def number_started(self):
        return sorted(int(f.name.rpartition("-")[2]) for f in self.folder.glob("started.*"))

    def until_started(self, numbers):
        scene.wait_until(lambda: self.number_started() == numbers, "trials %s" % numbers)

    def state(self):
        return self.look("show", "last")["state"]

    def raw(self, *args):
        """The bytes of stdout."""
        return subprocess.run([self.binary, *map(str, args)], cwd=self.folder, env=self.env, check=True,
                              stdout=subprocess.PIPE, timeout=scene.PATIENCE).stdout

    def follow(self, trial):
        process = subprocess.Popen([self.binary, "logs", "-f", trial], cwd=self.folder, env=self.env,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.started.append(process)
        return process

    def begin_gated(self):
        run = self.begin("run", self.sweep(THREE, GATED), "--slots", 1)
        self.until_started([0])
        return run

    def test_pause_and_resume(self):
        run = self.begin_gated()
        self.besom("pause", "last")
        self.assertEqual(self.state(), "paused")
        self.touch("go.0")
        scene.wait_until(lambda: self.by_number()[0]["state"] == "finished", "trial 0")
        self.assertEqual(self.alive(), {})
        self.assertIsNone(run.poll(), "a run that its user paused waits")
        self.besom("resume", "last")
        self.until_started([0, 1])
        self.touch("go.1"), self.touch("go.2")
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)

    def test_stop_lets_the_running_finish(self):
        run = self.begin_gated()
        self.besom("stop", "last")
        self.assertEqual(self.state(), "stopping")
        self.assertEqual(len(self.shims()), 1)
        self.touch("go.0")
        self.end(run, 0)
        self.assertEqual(self.state(), "finished")
        self.assertEqual(self.by_number()[0]["reason"], "ok")
        self.assertEqual(self.number_started(), [0])

    def agent(self):
        agents = self.look("agents")
        self.assertEqual([a["name"] for a in agents], ["local"])
        return agents[0]

    def test_stop_of_one_trial(self):
        run = self.begin_gated()
        self.assertIn("trial %s-0 is being stopped" % self.look("show", "last")["id"], self.besom("stop", "last-0"))
        self.until_started([0, 1])
        self.assertEqual(self.by_number()[0]["state"], "stopped")
        self.assertIn("has ended", self.says("stop", "last-0", code=2))
        self.says("stop", "last-9", code=3)
        self.touch("go.1"), self.touch("go.2")
        self.end(run, 0)
        self.assertEqual(self.ends(), [("stopped", "user"), ("finished", "ok"), ("finished", "ok")])
        self.assertEqual(self.look("show", "last-0")["reason"], "user")

    def test_stop_of_one_trial_where_nobody_runs(self):
        run = self.begin_gated()
        self.kill_besom(run)
        self.besom("stop", "last-0")
        self.assertEqual(self.alive(), {})
        self.assertEqual(self.ends()[0], ("stopped", "user"))

    def test_cordon_and_drain_of_the_agent(self):
        run = self.begin_gated()
        agent = self.agent()
        self.assertEqual((agent["state"], agent["host"]), ("up", "local"))
        self.assertEqual([(s["slot"], s["trial"]) for s in agent["slots"]], [(0, self.by_number()[0]["id"])])
        self.assertLess(abs(agent["seen"] - time.time()), 60)
        self.assertIn("takes no new trials; 1 running trial continues", self.besom("cordon", "loc"))
        self.assertIn("is cordoned already", self.besom("cordon", "local"))
        self.assertEqual(self.agent()["state"], "cordoned")
        self.touch("go.0")
        scene.wait_until(lambda: self.by_number()[0]["state"] == "finished", "trial 0")
        self.assertEqual(self.alive(), {})
        self.assertIn("there is no agent gpu: the agents are local", self.says("drain", "gpu", code=3))
        self.besom("uncordon", "local")
        self.until_started([0, 1])
        drain = self.begin("drain", "local", "--wait")
        scene.wait_until(lambda: self.agent()["state"] == "draining", "the drain")
        self.assertIsNone(drain.poll())
        self.touch("go.1")
        run.wait(timeout=scene.PATIENCE)
        drain.wait(timeout=scene.PATIENCE)
        self.assertEqual(self.number_started(), [0, 1])
        self.assertIn("no agent is connected", self.says("agents", code=4))
        self.touch("go.2")
        self.says("run", "sweep.yaml", "--slots", 1)  # another process: the drain is over
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)
        self.besom("check")

    def test_interrupt_while_paused_continues_later(self):
        run = self.begin_gated()
        self.besom("pause", "last")
        run.terminate()
        self.end(run, 128 + 15)
        for number in 0, 1, 2:
            self.touch("go.%d" % number)
        self.says("run", "sweep.yaml")
        self.assertEqual(self.ends(), [("finished", "ok")] * 3)

    def test_cancel_of_what_ignores_it_can_be_hurried(self):
        spec = self.sweep("method: grid\nparameters: {x: {value: 0}}", """
trap '' TERM
: > "started.$BESOM_TRIAL"
while :; do sleep 0.1; done
""")
        run = self.begin("run", spec)
        self.until_started([0])
        self.besom("cancel", "last")
        self.assertIsNone(run.poll())
        run.send_signal(signal.SIGINT)
        scene.wait_until(lambda: "Interrupted" in self.said(run), "its answer to Ctrl-C")
        run.send_signal(signal.SIGINT)
        self.end(run, 1)  # no trial is left to continue
        self.assertEqual(self.ends(), [("cancelled", "user")])
        self.assertEqual(self.alive(), {})

    def test_logs_come_through_the_run_that_holds_the_store(self):
        spec = self.sweep("method: grid\nparameters: {x: {values: [0, 1]}}\n", """
printf 'bytes \\377\\000\\033[0m\\nlast'
: > "started.$BESOM_TRIAL"
while [ ! -e go ]; do sleep 0.02; done
printf ' words\\n'
""")
        events = self.folder / "events"
        run = self.begin("run", spec, "--slots", 1, "--log-level", "debug", "--log-file", events)
        self.until_started([0])
        begun = b"bytes \xff\x00\x1b[0m\nlast"
        scene.wait_until(lambda: self.raw("logs", "last-0") == begun, "its log")
        self.assertEqual(self.raw("logs", "last-0", "--tail", 1), b"last")
        self.assertRegex(events.read_text(), "debug control.log sweep=")
        follow = self.follow("last-0")
        self.assertEqual(follow.stdout.read(len(begun)), begun)
        run.send_signal(signal.SIGSTOP)  # it cannot answer, and the file is here
        self.assertEqual(self.raw("logs", "last-0", "--tail", 1), b"last")
        run.send_signal(signal.SIGCONT)
        self.touch("go")
        self.assertEqual(follow.communicate(timeout=scene.PATIENCE), (b" words\n", b""))
        self.assertEqual(follow.returncode, 0)
        self.end(run, 0)
        self.assertEqual(self.raw("logs", "last-0"), begun + b" words\n")

    def test_a_second_run_on_what_a_killed_one_left(self):
        run = self.begin_gated()
        self.kill_besom(run)
        again = self.begin("run", "sweep.yaml", "--slots", 1)
        scene.wait_until(lambda: "Continuing" in self.said(again), "the second run")
        for number in 0, 1, 2:
            self.touch("go.%d" % number)
        self.end(again, 0)
        self.assertEqual([t["attempts"] for t in self.trials()], [1] * 3)

    def test_a_stopped_besom_is_named(self):
        run = self.begin_gated()
        run.send_signal(signal.SIGSTOP)
        for op in "pause", "resume", "stop", "cancel":
            said = self.says(op, "last", code=4)
            self.assertIn("process %d " % run.pid, said)
            self.assertIn("is stopped", said)
            self.assertIn("kill -CONT %d" % run.pid, said)
        self.besom("trials")
        run.send_signal(signal.SIGCONT)
        self.end(run, 1)  # it obeys the last of them, too
        self.assertEqual(self.state(), "cancelled")

    def test_commands_in_flight_are_all_answered(self):
        run = self.begin_gated()
        commands = [self.begin(op, "last") for op in ("pause", "resume") * 6]
        for command in commands:
            self.assertRegex(self.end(command, 0), "^sweep ")
        self.besom("cancel", "last")
        self.end(run, 1)

    def test_commands_at_once_where_nobody_runs(self):
        run = self.begin_gated()
        self.besom("pause", "last")
        run.terminate()
        self.end(run, 128 + 15)
        commands = [self.begin(op, "last") for op in ("pause", "resume") * 3]
        for command in commands:
            self.end(command, 0)
        self.assertEqual(self.alive(), {})

    def test_steering_in_the_first_instants_of_a_run(self):
        self.sweep(THREE, "sleep 0.1\n")
        self.says("run", "sweep.yaml", "--slots", 1)
        run = self.begin("run", "sweep.yaml", "--slots", 1, "--new")
        for _ in range(20):
            self.says("stop", self.look("ls")[0]["id"], code=2)
        self.end(run, 0)

    def test_a_sweep_that_has_ended_beside_one_that_runs(self):
        self.write("other.yaml", "command: ['true']\n" + THREE)
        self.says("run", "other.yaml")
        ended = self.look("show", "last")["id"]
        run = self.begin_gated()
        self.assertIn("sweep %s is finished" % ended, self.says("pause", ended, code=2))
        self.besom("cancel", "last")
        self.end(run, 1)
        self.assertIn("sweep %s is finished" % ended, self.says("pause", ended, code=2))

    def test_a_socket_that_leads_to_nobody(self):
        run = self.begin_gated()
        (self.store / "control.sock").unlink()
        self.write("../store/control.sock", "no socket")
        said = self.says("pause", "last", code=4)
        self.assertIn("no process listens on %s/control.sock" % self.store, said)
        self.assertIn("process %d " % run.pid, said)
        for number in 0, 1, 2:
            self.touch("go.%d" % number)
        self.end(run, 0)

    def test_a_folder_in_the_place_of_the_socket(self):
        (self.store / "control.sock").mkdir(parents=True)
        said = self.says("run", self.sweep(THREE, "exit 0\n"), code=6)
        self.assertIn("control.sock, where the socket for commands must be", said)

    def test_connections_that_stay_keep_no_command_out(self):
        run = self.begin_gated()
        sweep = self.look("ls")[0]["id"]
        asked = b'{"op":"log","sweep":"%s","trial":0,"attempt":1,"from":0,"max":262144}\n' % sweep.encode()
        for question in b"", asked:
            for _ in range(64):
                s = socket.socket(socket.AF_UNIX)
                self.addCleanup(s.close)
                s.connect(str(self.store / "control.sock"))
                s.sendall(question)
        self.besom("pause", "last")
        self.besom("cancel", "last")
        self.end(run, 1)

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        self.addCleanup(s.close)
        s.settimeout(scene.PATIENCE)
        s.connect(str(self.store / "control.sock"))
        return s

    def answer(self, s):
        text = b""
        while not text.endswith(b"\n"):
            text += s.recv(4096)
        return text

    def test_malformed_requests(self):
        run = self.begin_gated()
        for request, code in ((b"{\n", b"ERR_USAGE"), (b"\0\xff\n", b"ERR_USAGE"), (b"[" * 100 + b"\n", b"ERR_LIMIT"),
                              (b"[" + b"1," * 200000 + b"1]\n", b"ERR_LIMIT"), (b" " * (4 << 20), b"ERR_LIMIT")):
            with self.subTest(request[:20]):
                s = self.connect()
                s.sendall(request)
                self.assertIn(code, self.answer(s))
        s = self.connect()
        s.sendall(b'{"op":"pause",')
        s.close()
        self.besom("pause", "last")
        self.besom("cancel", "last")
        self.end(run, 1)

    def memory(self, process):
        with open("/proc/%d/status" % process.pid) as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) << 10

    def test_halves_of_large_requests_hold_little_memory_and_keep_no_command_out(self):
        self.env["ASAN_OPTIONS"] = "quarantine_size_mb=1"  # what is freed is given back
        run = self.begin_gated()
        before = self.memory(run)
        for _ in range(64):
            s = self.connect()
            try:
                s.sendall(b" " * (3 << 20))
            except (BrokenPipeError, ConnectionResetError):
                continue  # it has made room for a newer one
        self.assertLess(self.memory(run) - before, 64 << 20)
        self.besom("pause", "last")
        self.change_name("of another name")
        self.besom("cancel", "last")
        self.end(run, 1)

    def change_name(self, name):
        self.assertIn(name, self.says("rename", "last", name))

    def test_a_pipe_in_the_place_of_the_lock(self):
        self.store.mkdir()
        os.mkfifo(self.store / "lock")
        said = self.says("run", self.sweep(THREE, "exit 0\n"), code=6)
        self.assertIn("store/lock is not a regular file", said)

    def test_daemons_end_with_their_trial(self):
        spec = self.sweep("method: grid\nparameters: {x: {value: 1}}", """
for i in 1 2 3; do
    (setsid sh -c "setsid sh -c ': > daemon.$i; exec sleep 600' &" &)
done
while [ ! -e daemon.1 ] || [ ! -e daemon.2 ] || [ ! -e daemon.3 ]; do sleep 0.02; done
""")
        self.says("run", spec)
        self.assertEqual(self.alive(), {})
        self.assertEqual(self.ends(), [("finished", "ok")])


class Breaker(scene.Case):
    SPEC = "method: grid\nparameters: {x: {min: 1, max: 12}}\n"

    def test_a_typo_pauses_the_sweep(self):
        spec = self.sweep(self.SPEC, "echo reading the data\nimprot numpy\n")
        said = self.says("run", spec, "--slots", 2, code=1)
        ran = [t for t in self.trials() if t["state"] != "pending"]
        self.assertTrue(5 <= len(ran) <= 6, said)
        self.assertIn("paused: 5 trials in a row failed within seconds of their start", said)
        self.assertIn("reading the data", said)
        self.assertIn("improt: not found", said)
        self.assertEqual(said.count("last lines of trial"), 1, said)
        self.assertIn("begins: grid, 12 trials, 2 at a time.\n", said)
        self.assertIn("besom run sweep.yaml", said)
        self.assertEqual(self.look("show", "last")["state"], "paused")
        # Still broken: the trials run again, and the sweep pauses again after at least five attempts.
        self.says("run", spec, "--slots", 2, code=1)
        self.assertTrue(10 <= sum(t["attempts"] for t in self.trials()) <= 14)

    def test_retries_are_failures_too(self):
        spec = self.sweep("retry: {failed: 1000}\n" + self.SPEC, "exit 1\n")
        self.says("run", spec, "--slots", 1, code=1)
        self.assertEqual(sum(t["attempts"] for t in self.trials()), 5)
        self.write("train.sh", "exit 0\n")
        self.says("run", spec, "--slots", 1)
        self.assertEqual(self.ends(), [("finished", "ok")] * 12)

    def test_a_fixed_script_continues(self):
        spec = self.sweep(self.SPEC, "exit 7\n")
        self.says("run", spec, "--slots", 1, code=1)
        self.write("train.sh", "exit 0\n")
        self.says("run", spec, "--slots", 1)
        self.assertEqual(self.ends(), [("finished", "ok")] * 12)

    def test_a_success_in_between_resets_the_count(self):
        spec = self.sweep(self.SPEC, "case $1 in x=4|x=8|x=12) exit 0 ;; esac\nexit 1\n")
        self.says("run", spec, "--slots", 1)
        self.assertEqual(sum(state == "failed" for state, _ in self.ends()), 9)


if __name__ == "__main__":
    scene.main()
