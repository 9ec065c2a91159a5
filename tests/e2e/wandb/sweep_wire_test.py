#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps of wandb's client by its requests alone: agents that ask for work, answers that get lost, and a controller
that is killed. No package is needed."""
import concurrent.futures
import json

import desk

GRID = """
method: grid
program: train.py
metric: {name: loss, goal: minimize}
parameters:
  lr: {values: [0.1, 0.2]}
  opt: {parameters: {name: {value: adam}, depth: {values: [1, 2]}}}
"""


class Agent:
    """As wandb's own, one request at a time."""

    def __init__(self, case, sweep, host="vm"):
        self.case, self.sweep, self.running = case, sweep, {}
        self.id = case.graphql("CreateAgent", host=host, sweep=sweep, projectName="p", entityName="e")["createAgent"]["agent"]["id"]

    def beat(self, lose=False):
        answer = self.case.graphql("Heartbeat", id=self.id, metrics="{}", runState=json.dumps(self.running))
        if isinstance(answer, str):
            return answer
        commands = json.loads(answer["agentHeartbeat"]["commands"])
        if commands and not lose and commands[0]["type"] in ("run", "resume"):
            self.running[commands[0]["run_id"]] = True
        return commands

    def begin(self):
        """The run that it is given, from its script's first words on."""
        command, = self.beat()
        self.case.assertIn(command["type"], ("run", "resume"))
        self.case.upsert(command["run_id"], self.sweep)
        return command["run_id"], {k: v["value"] for k, v in command["args"].items()}

    def end(self, run, rows=(), code=0, summary=None, offset=0):
        self.case.log(run, rows, summary, offset, complete=True, exitcode=code)
        self.running.pop(run, None)


class Sweeps(desk.Case):
    def create(self, config=GRID, **more):
        answer = self.graphql("UpsertSweep", config=config, projectName="p", entityName="e", **more)
        self.assertNotIsInstance(answer, str, answer)
        self.warnings = answer["upsertSweep"]["configValidationWarnings"]
        return answer["upsertSweep"]["sweep"]["name"]

    def upsert(self, run, sweep):
        answer = self.graphql("UpsertBucket", name=run, project="p", entity="e", sweep=sweep)
        return answer["upsertBucket"]["bucket"]

    def log(self, run, rows=(), summary=None, offset=0, **more):
        files = {"wandb-history.jsonl": {"offset": offset, "content": [json.dumps(row) for row in rows]}} if rows else {}
        if summary is not None:
            files["wandb-summary.json"] = {"offset": 0, "content": [json.dumps(summary)]}
        status, answer = self.ask("/files/e/p/%s/file_stream" % run, dict(more, files=files))
        self.assertEqual(status, 200, answer)
        return answer

    def state(self, sweep):
        return self.graphql("GetSweepState", sweep=sweep, project="p", entity="e")["project"]["sweep"]["state"]

    def trials(self, sweep):
        return self.look("trials", sweep)

    def test_a_sweep_from_its_creation_to_its_end(self):
        self.serve()
        sweep = self.create()
        self.assertEqual(self.warnings, [])
        self.assertEqual(self.state(sweep), "PENDING")
        got = self.graphql("SweepWithRuns", sweep=sweep, project="p", entity="e", specs="{}")["project"]["sweep"]
        self.assertEqual((got["config"], got["method"], got["runs"], got["id"]), (GRID, "grid", {"edges": []}, sweep))
        agent, seen = Agent(self, sweep), []
        for i in range(4):
            run, params = agent.begin()
            self.assertEqual(run, "%s-%d" % (sweep, i))
            seen.append((params["lr"], params["opt"]["depth"], params["opt"]["name"]))
            self.log(run, [{"_step": k, "loss": i + 1 / (k + 1), "deep": {"a": k}} for k in range(3)])
            agent.end(run, [{"_step": 3, "loss": float("nan")}], summary={"loss": 5, "only": 7}, offset=3)
        self.assertEqual(seen, [(lr, depth, "adam") for lr in (0.1, 0.2) for depth in (1, 2)])
        self.assertEqual(agent.beat(), [{"type": "exit"}])
        self.assertEqual(self.state(sweep), "FINISHED")
        trials = self.trials(sweep)
        self.assertEqual([(t["state"], t["objective"], t["attempts"]) for t in trials],
                         [("finished", i + 1 / 3, 1) for i in range(4)])
        self.assertEqual((trials[0]["metrics"]["only"], trials[0]["metrics"]["deep.a"]), (7, 2))
        points = [json.loads(line) for line in self.besom("metrics", sweep + "-1", "--json").splitlines()]
        self.assertEqual([p["metrics"].get("loss") for p in points], [2, 1.5, 1 + 1 / 3, "NaN"])
        self.assertEqual(self.look("best", sweep)["id"], sweep + "-0")
        run = [r for r in self.runs() if r["name"] == sweep + "-2"][0]
        self.assertEqual((run["state"], run["sweep"], run["config"]["lr"]), ("finished", sweep, {"value": 0.2}))

    def test_an_assignment_whose_answer_was_lost_is_given_again(self):
        self.serve()
        sweep = self.create()
        a, b = Agent(self, sweep), Agent(self, sweep, "other")
        lost, = a.beat(lose=True)
        other, = b.beat()
        self.assertNotEqual(lost["run_id"], other["run_id"])
        again, = a.beat()
        self.assertEqual(again, lost)
        self.assertEqual(a.beat(), [])
        self.kill_besom(self.controller)
        self.serve()
        self.assertEqual(a.beat(), [])
        self.upsert(lost["run_id"], sweep)
        a.end(lost["run_id"], [{"_step": 0, "loss": 1}])
        self.assertEqual([t["attempts"] for t in self.trials(sweep)], [1, 1])
        third, = a.beat(lose=True)
        self.kill_besom(self.controller)
        self.serve()
        again, = a.beat()
        self.assertEqual(again, third)

    def test_each_cell_once_for_twenty_agents_at_once(self):
        self.serve()
        sweep = self.create("method: grid\nmetric: {name: loss}\nparameters: {x: {values: %s}}" % list(range(60)))

        def work(i):
            agent, mine = Agent(self, sweep, "host%d" % i), []
            while True:
                commands = agent.beat()
                if commands and commands[0]["type"] == "exit":
                    return mine
                for command in commands:
                    run = command["run_id"]
                    self.upsert(run, sweep)
                    mine.append(command["args"]["x"]["value"])
                    agent.end(run, [{"_step": 0, "loss": mine[-1]}])
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            done = [x for mine in pool.map(work, range(20)) for x in mine]
        self.assertEqual(sorted(done), list(range(60)))
        self.assertEqual([(t["state"], t["attempts"]) for t in self.trials(sweep)], [("finished", 1)] * 60)


if __name__ == "__main__":
    desk.fleet.main()
