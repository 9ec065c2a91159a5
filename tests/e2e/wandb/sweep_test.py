#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps by wandb's own client: wandb sweep, wandb agent, wandb.sweep() and wandb.agent() at besom's controller."""
import json
import os
import re
import subprocess
import sys
import time

import desk

wait_until = desk.fleet.wait_until
LINES = re.compile(
    r"wandb: Creating sweep from: sweep.yaml\n"
    r"wandb: Creating sweep with ID: (\w+)\n"
    r"wandb: View sweep at: http://127.0.0.1:\d+/e/p/sweeps/\1\n"
    r"wandb: Run sweep agent with: wandb agent e/p/\1\n")
# Agents that wait less than users' do, which sleep for 5 s at several places.
AGENT = """
import os, queue, sys, time, types, wandb
from wandb.agents import pyagent

class Queue(queue.Queue):
    def get(self, timeout=None):
        return super().get(timeout=0.2)

pyagent.Agent.HEARTBEAT_SLEEP_SECONDS = 0.3
pyagent.queue = types.SimpleNamespace(Queue=Queue, Empty=queue.Empty)
pyagent.time = types.SimpleNamespace(time=time.time, sleep=lambda s: time.sleep(min(s, 0.3)))

def train():
%s

wandb.agent(%r, function=train, project="p", entity="e", count=%r)
"""
COMMAND = "import wandb.wandb_agent as a; a.Agent.POLL_INTERVAL = 0.5; from wandb.cli.cli import cli; cli()"
LOG = """
with wandb.init() as run:
    for i in range(3):
        run.log({"loss": run.config.x + 1 / (i + 1)})
"""


def indent(text):
    return "\n".join("    " + line for line in text.strip("\n").split("\n"))


class Sweeps(desk.Case):
    def serve(self, *options):
        controller = super().serve(*options)
        self.env["WANDB_SILENT"] = "false"
        return controller

    def wandb(self, *args, code=0):
        done = subprocess.run([sys.executable, "-c", COMMAND, *map(str, args)], env=self.env, cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
                              timeout=desk.SCRIPT_SECONDS)
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def create(self, spec, *options):
        self.write("sweep.yaml", spec)
        said = self.wandb("sweep", "--project", "p", "--entity", "e", *options, "sweep.yaml")
        self.said_of_sweep = said
        return re.search(r"with ID: (\w+)", said).group(1)

    def grid(self, n, more=""):
        return self.create("method: grid\nmetric: {name: loss, goal: minimize}\n%sparameters: {x: {values: %s}}\n"
                           % (more, list(range(n))))

    def agent(self, sweep, body=LOG, count=None, **env):
        return self.begin_script(AGENT % (indent(body), sweep, count), **env)

    def end(self, *agents, code=0):
        out = []
        for agent in agents:
            said, _ = agent.communicate(timeout=desk.SCRIPT_SECONDS)
            self.assertEqual(agent.returncode, code, said)
            out.append(said)
        return out

    def trials_of(self, sweep):
        return sorted(self.look("trials", sweep), key=lambda t: t["number"])

    def states(self, sweep):
        return [(t["state"], t["reason"]) for t in self.trials_of(sweep)]

    def test_the_command_line_from_sweep_to_end(self):
        self.serve()
        self.write("train.py", """
import sys, wandb
run = wandb.init()
assert dict(run.config) == {"lr": run.config["lr"], "opt": {"name": "adam", "flag": True}}, dict(run.config)
assert sys.argv[1:] == ["--lr=%r" % run.config["lr"], "--opt={'flag': True, 'name': 'adam'}"], sys.argv
for i in range(5):
    run.log({"loss": run.config["lr"] * (i + 1), "deep": {"a": i}})
run.summary["only"] = 7
print("printed", run.id)
""")
        sweep = self.create("program: train.py\\nname: first\\nmethod: grid\\nmetric: {name: loss}\\nparameters:\\n"
                            "  lr: {values: [0.5, 0.25]}\\n"
                            "  opt: {parameters: {name: {value: adam}, flag: {value: true}}}\\n".replace("\\n", "\n"))
        self.assertRegex(self.said_of_sweep, LINES)
        said = self.wandb("agent", "e/p/" + sweep)
        self.assertIn("Starting wandb agent", said)
        trials = self.trials_of(sweep)
        self.assertEqual([(t["params"]["lr"], t["state"], t["objective"], t["attempts"]) for t in trials],
                         [(0.5, "finished", 0.5, 1), (0.25, "finished", 0.25, 1)])
        self.assertEqual((trials[0]["metrics"]["deep.a"], trials[0]["metrics"]["only"]), (4, 7))
        show = self.look("show", sweep)
        self.assertEqual((show["name"], show["state"]), ("first", "finished"))
        runs = {r["name"]: r for r in self.runs()}
        self.assertEqual((runs[sweep + "-1"]["state"], runs[sweep + "-1"]["project_name"]), ("finished", "p"))
        self.assertRegex(runs[sweep + "-1"]["display"], "^[a-z]+-sweep-2$")

    def test_pause_resume_stop_cancel_update(self):
        self.serve()
        sweep = self.grid(6)
        self.assertIn("Cannot pause pending sweep", self.wandb("sweep", "--pause", "e/p/" + sweep, code=1))
        self.end(self.agent(sweep, count=1))
        self.wandb("sweep", "--pause", "e/p/" + sweep)
        self.assertEqual(self.look("show", sweep)["state"], "paused")
        idle = self.agent(sweep, count=1)
        time.sleep(3)
        self.assertEqual(len(self.trials_of(sweep)), 1)
        self.wandb("sweep", "--resume", "e/p/" + sweep)
        self.end(idle)
        self.assertEqual(len([t for t in self.trials_of(sweep) if t["state"] == "finished"]), 2)
        self.write("sweep.yaml", "method: grid\nmetric: {name: loss, goal: minimize}\n"
                                 "parameters: {x: {values: [0, 1, 2, 3, 4, 5, 6]}}\n")
        self.wandb("sweep", "--project", "p", "--entity", "e", "--update", "e/p/" + sweep, "sweep.yaml")
        self.assertEqual(self.look("show", sweep)["total"], 7)
        self.wandb("sweep", "--stop", "e/p/" + sweep)
        self.assertEqual(self.look("show", sweep)["state"], "finished")
        self.assertIn("Sweep already finished", self.wandb("sweep", "--cancel", "e/p/" + sweep, code=1))

    def test_cancel_ends_what_runs(self):
        self.serve()
        sweep = self.grid(6)
        agent = self.agent(sweep, """
with wandb.init() as run:
    for i in range(1000):
        run.log({"loss": i})
        time.sleep(0.1)
""")
        wait_until(lambda: [t for t in self.trials_of(sweep) if t["step"]], "the first rows")
        self.wandb("sweep", "--cancel", "e/p/" + sweep)
        agent.communicate(timeout=60)
        self.assertEqual(self.look("show", sweep)["state"], "cancelled")
        self.assertEqual(self.states(sweep)[0], ("cancelled", "user"))

    def test_an_agent_that_is_killed(self):
        self.serve("--lost-after", "20s")
        sweep = self.grid(2)
        killed = self.agent(sweep, "run = wandb.init(); run.log({'loss': 1}); time.sleep(100)")
        wait_until(lambda: [t for t in self.trials_of(sweep) if t["state"] == "running" and t["metrics"]], "the first row")
        killed.kill()
        killed.communicate()
        self.end(self.agent(sweep, count=2))
        self.assertEqual([(t["state"], t["attempts"], t["objective"]) for t in self.trials_of(sweep)],
                         [("finished", 2, 1 / 3), ("finished", 1, 1 + 1 / 3)])
        self.assertEqual([a["name"] for a in self.look("agents") if a["lost"]], [])  # it cannot return: nobody is told to wait for it

    def test_a_controller_that_is_killed(self):
        self.serve()
        sweep = self.grid(3)
        agent = self.agent(sweep, """
with wandb.init() as run:
    for i in range(30):
        run.log({"loss": run.config.x + i})
        time.sleep(0.1)
""", count=3)
        for n in 1, 2:
            wait_until(lambda: len([t for t in self.trials_of(sweep) if t["state"] != "pending"]) >= n, "trial %d" % n)
            time.sleep(1)
            self.kill_besom(self.controller)
            time.sleep(1)
            self.serve()
        self.end(agent)
        self.assertEqual([(t["state"], t["attempts"]) for t in self.trials_of(sweep)], [("finished", 1)] * 3)
        for x in range(3):
            points = [json.loads(line) for line in self.besom("metrics", "%s-%d" % (sweep, x), "--json").splitlines()]
            self.assertEqual([p["metrics"]["loss"] for p in points], [x + i for i in range(30)])

    def test_a_run_that_is_preempted_is_continued(self):
        self.serve()
        sweep = self.grid(1)
        agent = self.agent(sweep, """
run = wandb.init(resume="allow")
for i in range(run.starting_step, 6):
    run.log({"loss": i})
    if i == 2 and not run.resumed:
        run.mark_preempting()
        time.sleep(1.5)
        run.finish(exit_code=143)
        return
run.finish()
""", count=2)
        self.end(agent)
        trial, = self.trials_of(sweep)
        self.assertEqual((trial["state"], trial["attempts"], self.attempts(trial["id"])), ("finished", 2, ["preempted", "ok"]))
        run, = self.runs()
        self.assertEqual([row["_step"] for row in self.rows(run)], list(range(6)))
        self.assertNotIn("_wandb", trial["params"])

    def test_early_termination(self):
        self.serve()
        sweep = self.create("program: train.py\nmethod: grid\nmetric: {name: loss, goal: minimize}\n"
                            "parameters: {x: {values: [0, 100]}}\nearly_terminate: {type: hyperband, min_iter: 3}\n")
        self.write("train.py", """
import time, wandb
run = wandb.init()
for i in range(30 if run.config["x"] == 0 else 3000):
    run.log({"loss": run.config["x"] + 1})
    if run.config["x"]:
        time.sleep(0.1)
""")
        self.wandb("agent", "e/p/" + sweep)
        self.assertEqual(self.states(sweep), [("finished", "ok"), ("stopped", "stopper")])
        self.assertLess(self.trials_of(sweep)[1]["step"], 300)

    def test_scripts_that_log_nothing_or_fail(self):
        self.serve()
        sweep = self.grid(3)
        self.end(self.agent(sweep, """
if os.environ["WANDB_RUN_ID"].endswith("-0"):
    wandb.init().finish()
elif os.environ["WANDB_RUN_ID"].endswith("-1"):
    with wandb.init() as run:
        run.log({"loss": 1})
        raise ValueError("on purpose")
else:
    return
""", count=3, WANDB_AGENT_MAX_INITIAL_FAILURES="50"))
        self.assertEqual([(t["state"], t["reason"]) for t in self.trials_of(sweep)][:2],
                         [("finished", "ok"), ("failed", "exit")])

    def test_many_agents(self):
        """BESOM_AGENTS=20 takes minutes of CPU time, nearly all of it wandb's; sweep_wire_test.py has 20 without it."""
        self.serve()
        agents = int(os.environ.get("BESOM_AGENTS", "3"))
        sweep = self.grid(3 * agents)
        self.end(*[self.agent(sweep) for _ in range(agents)])
        self.assertEqual([(t["state"], t["attempts"], t["objective"]) for t in self.trials_of(sweep)],
                         [("finished", 1, x + 1 / 3) for x in range(3 * agents)])


if __name__ == "__main__":
    desk.main()
