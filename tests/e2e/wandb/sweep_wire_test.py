#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps of wandb's client by its requests alone: agents that ask for work, answers that get lost, and a controller
that is killed. No package is needed."""
import base64
import concurrent.futures
import json
import socket

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
            self.assertEqual(self.ask("/files/e/p/%s/file_stream" % run, {"files": {"output.log": {"offset": 0, "content": [
                "2026-11-21T08:03:59.826126 printed", "ERROR 2026-11-21T08:03:59.826127 an error"]}}}), (200, {}))
            self.assertEqual(self.besom("logs", run), "printed\nan error\n")
            seen.append((params["lr"], params["opt"]["depth"], params["opt"]["name"]))
            self.log(run, [{"_step": k, "loss": i + 1 / (k + 1), "deep": {"a": k}} for k in range(3)])
            agent.end(run, [{"_step": 3, "loss": float("nan")}], summary={"loss": 5, "only": 7}, offset=3)
        self.assertEqual(seen, [(lr, depth, "adam") for lr in (0.1, 0.2) for depth in (1, 2)])
        self.assertEqual(agent.beat(), [{"type": "exit"}])
        self.assertEqual(self.besom("logs", sweep + "-1"), "printed\nan error\n")
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

    def test_what_people_and_agents_are_told(self):
        self.serve()
        wrong = {"controller": "controller: {type: local}\n" + GRID, "scheduler": "scheduler: {engine: wandb}\n" + GRID,
                 "write: method: grid": GRID.replace("grid", "grd"), "parameters": "method: grid\nparameters: {a: 3}\n"}
        for words, config in wrong.items():
            self.assertIn(words, self.graphql("UpsertSweep", config=config))
        self.assertIn("controller", self.graphql("UpsertSweep", config=GRID, controller='{"type":"local"}'))
        viewer = self.look("token", "create", "--scope", "viewer")["token"]
        self.assertEqual(self.ask("/graphql", {"query": "mutation UpsertSweep { x }", "variables": {"config": GRID}},
                                  viewer)[1]["data"], None)
        self.create(GRID + "colour: blue\n")
        self.assertIn("colour", " ".join(self.warnings))
        sweep = self.create(displayName="mine", description="words")
        got = self.graphql("SweepWithRuns", sweep=sweep)["project"]["sweep"]
        self.assertEqual((got["displayName"], got["description"]), ("mine", "words"))
        self.assertIn("no sweep", self.graphql("CreateAgent", host="vm", sweep="nothere"))
        own = self.create_own()
        self.assertIn("besom agent", self.graphql("CreateAgent", host="vm", sweep=own))
        self.assertIn("wandb:" + sweep, json.dumps(self.look("show", sweep)))
        agent = Agent(self, sweep)
        self.assertEqual(self.ask("/graphql", {"query": "mutation Heartbeat { x }", "variables": {"id": "wandb-no"}})[0], 404)
        run, _ = agent.begin()
        self.assertEqual(self.log(run, [{"_step": 0, "loss": 1}]), {})
        self.assertEqual(self.graphql("StopRun", id=run), {"stopRun": {"success": True}})
        self.assertEqual(agent.beat(), [{"type": "stop", "run_id": run}])
        self.assertEqual(self.log(run), {"stopped": True})
        agent.end(run, code=255)
        self.assertEqual([(t["state"], t["reason"]) for t in self.trials(sweep)], [("stopped", "user")])
        name = agent.id
        self.assertIn(name, [a["name"] for a in self.look("agents")])
        run, _ = agent.begin()
        self.besom("drain", name)
        self.assertEqual(agent.beat(), [])
        agent.end(run)
        self.assertEqual(agent.beat(), [{"type": "exit"}])
        self.graphql("UpsertSweep", id=sweep, state="CANCELED")
        self.kill_besom(self.controller)
        self.besom("rm", sweep, "--yes", "--store", self.store)
        self.serve()
        self.assertEqual(self.ask("/graphql", {"query": "mutation Heartbeat { x }", "variables": {"id": agent.id}})[0], 404)
        self.assertIn("no sweep", self.graphql("SweepWithRuns", sweep=sweep))

    def test_runs_that_end_without_a_word(self):
        self.serve()
        sweep = self.create()
        agent = Agent(self, sweep)
        run, _ = agent.begin()
        self.log(run, [{"_step": 0, "loss": 3}])
        self.assertEqual(agent.beat(), [])
        agent.running.clear()
        silent = [agent.beat(lose=True)[0]["run_id"] for _ in range(4)]  # the first is answered when the run is given up
        self.assertEqual(silent, [sweep + "-1"] * 3 + [sweep + "-2"])
        self.assertEqual([(t["state"], t["reason"], t["objective"]) for t in self.trials(sweep)][:2],
                         [("failed", "exit", 3), ("failed", "exit", None)])
        self.assertIn("without calling wandb.finish()", self.besom("explain", run))
        self.assertIn("wandb.init()", self.besom("explain", sweep + "-1"))
        states = {r["name"]: r["state"] for r in self.runs()}
        self.assertEqual((states[run], states[sweep + "-1"]), ("crashed", "crashed"))

    def test_a_script_in_its_last_lines_is_left_alone(self):
        self.serve()
        sweep = self.create()
        agent = Agent(self, sweep)
        run, _ = agent.begin()
        agent.end(run, [{"_step": 0, "loss": 1}])
        agent.running[run] = True  # it saves its model
        self.assertEqual(agent.beat(), [])
        self.kill_besom(self.controller)
        self.serve()
        self.assertEqual([agent.beat(), agent.beat()], [[], []])
        agent.running.clear()
        self.assertEqual(agent.begin()[0], sweep + "-1")

    def test_a_run_of_another_project_with_the_name_of_a_trial(self):
        """It is no run of the sweep, and ends no trial."""
        self.serve()
        sweep = self.create()
        agent = Agent(self, sweep)
        run, _ = agent.begin()
        self.graphql("UpsertBucket", name=run, project="q", entity="e", sweep=sweep)
        self.assertEqual(self.ask("/files/e/q/%s/file_stream" % run, {"files": {}, "complete": True, "exitcode": 0})[0], 200)
        agent.beat()
        self.assertEqual([t["state"] for t in self.trials(sweep)], ["running"])
        agent.end(run, [{"loss": 5, "_step": 0}])
        desk.wait_until(lambda: self.trials(sweep)[0]["state"] == "finished", "the end")

    def test_target_and_cap_end_the_sweep(self):
        self.serve()
        sweep = self.create("method: random\nmetric: {name: loss, target: 1}\nparameters: {x: {min: 0.0, max: 1.0}}\n")
        a, b = Agent(self, sweep), Agent(self, sweep, "other")
        first, second = a.begin()[0], b.begin()[0]
        self.log(first, [{"_step": 0, "loss": 0.5}])
        a.end(first)
        self.assertEqual(a.beat(), [{"type": "exit"}])
        self.assertEqual(b.beat(), [])  # what runs may finish
        b.end(second, [{"_step": 0, "loss": 2}])
        self.assertEqual(b.beat(), [{"type": "exit"}])
        self.assertEqual((self.look("show", sweep)["reason"], self.state(sweep)), ("target", "FINISHED"))
        capped = self.create("method: random\nparameters: {x: {min: 0.0, max: 1.0}}\nrun_cap: 1\n")
        c = Agent(self, capped)
        c.end(c.begin()[0])
        self.assertEqual(c.beat(), [{"type": "exit"}])

    def test_prior_runs(self):
        self.serve()
        for i, name in enumerate("abc"):
            self.graphql("UpsertBucket", name=name, project="p", entity="e", config=json.dumps({"x": {"value": (i + 1) / 8}}))
            self.log(name, [{"_step": 0, "loss": 5}, {"_step": 1, "loss": abs(i - 1)}], complete=True, exitcode=0)
        self.graphql("UpsertBucket", name="d", project="p", entity="e", config='{"y":{"value":1}}')
        self.log("d", [{"_step": 0, "loss": 5}], complete=True, exitcode=0)
        bayes = "method: bayes\nmetric: {name: loss}\nparameters: {x: {min: 0.0, max: 1.0}}\nrun_cap: 3\n"
        filters = json.dumps({"$or": [{"name": n} for n in "abcd"]})
        sweep = self.create(bayes, priorRunsFilters=filters)
        self.assertEqual(self.warnings, ["3 of 4 trials of wandb's runs fit; 1 left out: x is missing (1)"])
        run, params = Agent(self, sweep).begin()
        self.assertEqual(params, {"x": 0.25})
        self.assertIn("wandb's runs", self.besom("explain", run))
        self.assertIn("there is no run z", self.graphql("UpsertSweep", config=bayes, projectName="p", entityName="e",
                                                        priorRunsFilters='{"$or":[{"name":"z"}]}'))
        self.assertIn("by their ids", self.graphql("UpsertSweep", config=bayes, priorRunsFilters='{"state":"finished"}'))

    def create_own(self):
        """A sweep of besom's."""
        return super().create("method: grid\nprogram: train.py\nparameters: {x: {values: [1, 2]}}\n")

    def test_a_heartbeat_whose_sender_is_gone_gets_no_run(self):
        self.serve()
        sweep = self.create()
        self.graphql("UpsertSweep", id=sweep, state="PAUSED")
        gone, other = Agent(self, sweep), Agent(self, sweep, "other")
        with socket.create_connection(self.base.partition("//")[2].split(":")) as s:
            body = json.dumps({"query": "mutation Heartbeat { x }", "variables": {"id": gone.id, "runState": "{}"}})
            key = base64.b64encode(("api:" + self.first["admin"]).encode()).decode()
            s.sendall(("POST /graphql HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\nContent-Length: %d\r\n\r\n%s"
                       % (self.base.partition("//")[2], key, len(body), body)).encode())
            self.until_offered(gone.id, True)
        self.until_offered(gone.id, False)
        self.graphql("UpsertSweep", id=sweep, state="RUNNING")
        self.assertEqual(other.begin()[0], sweep + "-0")

    def until_offered(self, name, offered):
        def found():
            slots = [a["slots"] for a in self.look("agents") if a["name"] == name]
            return slots and (slots[0][0]["why_idle"] is None) == offered
        desk.fleet.wait_until(found, "the agent's slot")

    def test_failed_and_preempted_runs(self):
        self.serve()
        sweep = self.create("method: grid\nmetric: {name: loss}\nparameters: {x: {values: [1, 2]}}\nretry: {failed: 1}\n")
        agent = Agent(self, sweep)
        run, _ = agent.begin()
        agent.end(run, [{"_step": i, "loss": 9} for i in range(3)], code=1)
        command, = agent.beat()
        self.assertEqual((command["type"], command["run_id"]), ("resume", run))
        self.assertEqual(self.upsert(run, sweep)["historyLineCount"], 3)
        self.log(run, [{"_step": 3, "loss": 4}], offset=3, preempting=True)
        self.upsert(run, sweep)
        agent.end(run, code=143)
        self.assertEqual(agent.begin()[0], run)
        agent.end(run, [{"_step": 4, "loss": 3}], offset=4)
        trial = self.look("show", run)
        self.assertEqual([(a["reason"]) for a in trial["attempts_list"]], ["exit", "preempted", "ok"])
        self.assertEqual((trial["state"], trial["objective"], trial["step"]), ("finished", 3, 4))
        points = [json.loads(line) for line in self.besom("metrics", run, "--json").splitlines()]
        self.assertEqual([(p["attempt"], p["step"], p["metrics"]["loss"]) for p in points],
                         [(1, 0, 9), (1, 1, 9), (1, 2, 9), (2, 3, 4), (3, 4, 3)])


if __name__ == "__main__":
    desk.fleet.main()
