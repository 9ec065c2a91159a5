#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts with something wrong: what a trial needs is missing there, the disk is full, the controller is away for long."""

import fleet

GRID = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {x: {values: [0, 1, 2, 3, 4, 5, 6, 7]}}
"""
TRAIN = """
echo '{"loss": 1}' >> "$BESOM_METRICS"
"""


class Unstarted(fleet.Case):
    """An agent that cannot start a trial costs the trial nothing."""

    def empty(self):
        """Another working directory for an agent."""
        place = self.root / "empty"
        place.mkdir()
        return ["--workdir", place]

    def held(self, name):
        """Why the agent of that name starts nothing."""
        return next(a["text"] for a in self.look("agents") if a["name"] == name)

    def all_on(self, agent):
        """Every trial has finished there; those that began elsewhere had no cost."""
        trials = self.look("trials", "last")
        self.assertEqual([(t["state"], t["agent"]) for t in trials], [("finished", agent)] * 8)
        ends = [a["reason"] for t in trials for a in self.look("show", t["id"])["attempts_list"]]
        self.assertEqual(sorted(set(ends)), ["ok", "unstarted"])

    def test_the_program_is_missing_on_one_host(self):
        self.serve()
        self.agent("bad", "--slots", 4, *self.empty())
        self.agent("good")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        self.create(GRID, TRAIN)
        self.until_ended()
        self.all_on("good")
        self.end_all()

    def test_the_folder_is_missing_on_one_host(self):
        self.serve()
        self.agent("bad", *self.empty())
        self.agent("good")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        (self.folder / "here").mkdir()
        (self.folder / "here" / "train.sh").write_text(TRAIN)
        self.create(GRID + "workdir: here\n", TRAIN)
        self.until_ended()
        self.all_on("good")
        self.end_all()

    def test_the_host_is_shown_and_tries_again(self):
        self.serve()
        self.agent("bad", *self.empty())
        self.agent("good")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        sweep = self.create(GRID + "retry: {failed: 0, host: 0}\n", "test -e go || sleep 600\n" + TRAIN)
        fleet.wait_until(lambda: self.held("bad"), "the agent that cannot start it")
        self.assertRegex(self.held("bad"), "^cannot start trials of %s: .*train.sh" % sweep)
        self.assertIn("cannot start trials of " + sweep, self.besom("agents"))
        waits = fleet.wait_until(lambda: [t for t in self.look("trials", sweep) if t["state"] == "pending"], "a trial")
        said = self.besom("explain", waits[0]["id"])
        self.assertIn("agent bad cannot start it", said)
        for name in ("train.sh", "go"):
            (self.root / "empty" / name).write_text("#!/bin/sh\n" + TRAIN)
            (self.root / "empty" / name).chmod(0o755)
        self.assertIn("agent bad tries again to start trials", self.besom("uncordon", "bad"))
        fleet.wait_until(lambda: [t for t in self.look("trials", sweep) if t["state"] == "finished"], "a trial on it")
        self.assertFalse(self.held("bad"))
        self.besom("cancel", sweep)
        self.end_all()

    def test_a_typo_fails_on_every_host(self):
        self.serve()
        self.agent("a")
        self.agent("b")
        fleet.wait_until(lambda: len(self.look("agents")) == 2, "both agents")
        self.create("program: ./tarin.sh\ncommand: ['${program}']\n" + GRID)
        self.until_ended(states=("paused",))
        trials = [t for t in self.look("trials", "last") if t["state"] == "failed"]
        self.assertGreaterEqual(len(trials), 5)
        self.assertEqual({t["reason"] for t in trials}, {"launch"})
        said = self.besom("explain", trials[0]["id"])
        self.assertRegex(said, r"./tarin.sh: No such file or directory \(agent [ab] could not start it either\)")
        self.assertEqual({a["state"] for a in self.look("agents")}, {"up"})
        self.end_all()

    def test_what_env_and_python_would_only_exit_for(self):
        self.serve()
        self.agent("a")
        for command, says in (("[/usr/bin/env, no-such-python, '${program}']", "no-such-python cannot be found on this machine"),
                              ("['${interpreter}', '${program}']", "missing.py is not in ")):
            self.create("program: missing.py\ncommand: %s\nrun_cap: 1\n%s" % (command, GRID))
            self.until_ended()
            trial, = self.look("trials", "last")
            self.assertEqual((trial["state"], trial["reason"]), ("failed", "launch"))
            self.assertIn(says, self.besom("explain", trial["id"]))
        self.end_all()


class Edited(fleet.Case):
    def test_resources_of_a_fleet(self):
        """What a sweep needs of agents can be edited, at the controller and in its store."""
        self.serve()
        sweep = self.create(GRID + "resources: {labels: [none], memory: 1MiB, cpus: 1}\n", TRAIN)
        self.agent("a", "--labels", "big")
        fleet.wait_until(lambda: self.look("agents"), "the agent")
        self.assertIn("no agent has the label none", self.besom("show", sweep))
        spec = (self.folder / "sweep.yaml").read_text()
        self.write("sweep.yaml", spec.replace("1MiB", "2MiB"))
        self.assertIn("resources", self.says("edit", sweep, "sweep.yaml"))
        del self.env["BESOM_SERVER"], self.env["BESOM_TOKEN"]
        self.write("sweep.yaml", spec.replace("none", "big"))
        self.assertIn("resources", self.says("edit", sweep, "sweep.yaml", "--store", self.store))
        again = self.besom("sweep", "sweep.yaml", "--store", self.store, "--quiet").strip()
        self.env["BESOM_SERVER"], self.env["BESOM_TOKEN"] = self.url, self.first["admin"]
        self.until_ended(sweep)
        self.until_ended(again)
        self.assertEqual({t["agent"] for t in self.look("trials", sweep)}, {"a"})
        self.assertIn("agent a is up already", self.besom("uncordon", "a"))
        self.end_all()
        self.serve()
        self.assertIn("agent a is gone, and takes new trials when it is started again", self.gone())
        self.controller.terminate()
        self.controller.wait()

    def gone(self):
        """What uncordon says of an agent that is not there, and was cordoned."""
        agent = self.agent("a")
        fleet.wait_until(lambda: [a for a in self.look("agents") if a["state"] == "up"], "the agent")
        self.besom("cordon", "a")
        agent.terminate()
        agent.wait()
        fleet.wait_until(lambda: self.look("agents")[0]["state"] == "gone", "the end of the agent")
        return self.besom("uncordon", "a")


if __name__ == "__main__":
    fleet.main()
