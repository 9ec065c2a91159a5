#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not what it seems to be: a copied store, a copied folder of an agent, two containers with one folder, and one host
with two namespaces. Each is told apart and refused with a word, and nobody's processes are touched but one's own."""
import shutil
import subprocess

import fleet

SPEC = "method: grid\nparameters: {x: {values: [1]}}\nmetric: {name: m, goal: minimize}\n"
TRAIN = "echo '{\"m\": 1}' >> $BESOM_METRICS\ntouch running\nwhile [ ! -e go ]; do sleep 0.05; done\n"
ALONE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]


class Twins(fleet.Case):
    def runs_one(self):
        self.serve()
        agent = self.agent()
        self.create(SPEC, TRAIN)
        self.wait_for("running")
        return agent

    def ends_well(self):
        """The trial that was running has run through, once."""
        self.touch("go")
        self.until_ended()
        self.assertEqual([(t["state"], t["attempts"]) for t in self.look("trials", "last")], [("finished", 1)])
        self.end_all()

    def begin_alone(self, *args):
        """The same in a container: it sees only its own processes."""
        if shutil.which("unshare") is None or subprocess.run([*ALONE, "true"], capture_output=True).returncode != 0:
            self.skipTest("no namespaces can be made here")
        binary, self.binary = self.binary, str(self.folder / "alone")
        self.write("alone", '#!/bin/sh\nexec %s %s "$@"\n' % (" ".join(ALONE), binary))
        (self.folder / "alone").chmod(0o755)
        try:
            return self.begin(*args)
        finally:
            self.binary = binary

    def test_a_copied_store(self):
        self.runs_one()
        copy = self.root / "copy"
        shutil.copytree(self.store, copy, ignore=shutil.ignore_patterns("*.sock"))
        said = self.says("serve", "--listen", "127.0.0.1:0", "--store", copy, code=2)
        self.assertIn("%s is a copy of %s on " % (copy.resolve(), self.store.resolve()), said)
        self.assertIn("start this one with --restored", said)
        self.ends_well()
        # The original is gone: the copy takes its place, and its agent works on.
        self.store.rename(self.root / "gone")
        self.store = copy
        self.serve("--restored")
        self.agent()
        fleet.wait_until(lambda: [a["state"] for a in self.look("agents")] == ["up"], "the agent")
        self.end_all()
        self.serve()  # it is known as an original now
        self.end_all()

    def test_a_backup(self):
        """It has an id of its own: an agent that runs works for the store that is lost, until it is started again."""
        self.serve()
        agent = self.agent()
        fleet.wait_until(lambda: "agent a works for " in self.said(agent), "the agent")
        copy = self.root / "copy"
        self.besom("backup", copy, "--store", self.store)
        self.end_all_but(agent)
        self.store.rename(self.root / "gone")
        self.store = copy
        self.serve("--restored")
        said = "it works for another store: to work for this one, start it again"
        fleet.wait_until(lambda: said in self.said(agent), "a word")
        agent.terminate()
        agent.wait()
        self.agent()
        fleet.wait_until(lambda: [a["state"] for a in self.look("agents")] == ["up"], "the agent")
        self.end_all()

    def end_all_but(self, agent):
        self.controller.terminate()
        self.controller.wait()
        self.assertIsNone(agent.poll())

    def test_a_store_that_was_moved_is_no_copy(self):
        self.serve()
        self.end_all()
        self.store.rename(self.root / "moved")
        self.store = self.root / "moved"
        self.serve()
        self.end_all()

    def test_a_copied_agent(self):
        self.runs_one()
        shims = self.shims()
        place = self.root / "agent.a"
        shutil.copytree(place, self.root / "agent.b")
        said = self.says("agent", "--name", "a", "--dir", self.root / "agent.b", code=2)
        self.assertIn("agent.b is a copy of %s on " % place.resolve(), said)
        self.assertIn("join with another --name", said)
        # It may join, but not under the name of the other; then it is another agent.
        options = ["--dir", self.root / "agent.b", "--workdir", self.folder]
        said = self.says("agent", "--join", self.join_string(), "--name", "a", *options, code=2)
        self.assertIn("there is an agent a already", said)
        self.agents["b"] = self.begin("agent", "--join", self.join_string(), "--name", "b", *options)
        fleet.wait_until(lambda: [a["state"] for a in self.look("agents")] == ["up", "up"], "both agents")
        self.assertEqual(self.shims(), shims)
        self.ends_well()

    def test_the_key_of_an_agent_on_two_hosts(self):
        """As on the clone of a virtual machine, where not even the numbers of files differ."""
        self.runs_one()
        shims = self.shims()
        place = self.root / "agent.b"
        place.mkdir(mode=0o700)
        for name in ("controller", "agent.token"):
            shutil.copy2(self.root / "agent.a" / name, place)
        clone = self.begin("agent", "--name", "a", "--dir", place)
        self.agents["b"] = clone
        said = "another agent named a is connected: give this one a name of its own"
        fleet.wait_until(lambda: said in self.said(clone), "a word")
        self.assertEqual(self.shims(), shims)
        self.ends_well()

    def test_another_name_than_it_joined_with(self):
        self.serve()
        agent = self.agent("a")
        fleet.wait_until(lambda: "agent a works for " in self.said(agent), "the agent")
        agent.kill()
        agent.wait()
        other = self.begin("agent", "--name", "b", "--dir", self.root / "agent.a")
        self.agents["b"] = other
        said = "the controller refuses this agent: it joined under the name a: start it with --name a, or join as b"
        fleet.wait_until(lambda: said in self.said(other), "the reason")
        self.end_all()
        self.assertEqual(self.said(other).count(said), 1)

    def test_no_name_but_the_one_it_joined_with(self):
        self.serve()
        agent = self.agent("a")
        fleet.wait_until(lambda: "agent a works for " in self.said(agent), "the agent")
        agent.kill()
        agent.wait()
        self.agents["a"] = again = self.begin("agent", "--dir", self.root / "agent.a")
        fleet.wait_until(lambda: "agent a works for " in self.said(again), "the agent, under its name")
        self.end_all()

    def test_two_containers_with_one_folder(self):
        self.runs_one()
        other = self.begin_alone("agent", "--name", "a", "--dir", self.root / "agent.a")
        self.assertIn("another agent runs in ", self.end(other, 6))
        self.ends_well()

    def test_another_namespace(self):
        """The agent was killed, and the next one is in a container: it sees no process of the training, which runs on. It
        neither starts it again nor reports that it is lost, and its successor outside adopts it."""
        agent = self.runs_one()
        shims = self.shims()
        agent.kill()
        agent.wait()
        inside = self.begin_alone("agent", "--name", "a", "--dir", self.root / "agent.a", "--workdir", self.folder)
        fleet.wait_until(lambda: "agent a works for " in self.said(inside), "the agent inside")
        fleet.wait_until(lambda: "PID namespace" in self.said(inside), "a word")
        self.assertEqual(self.shims(), shims)
        inside.kill()
        inside.wait()
        self.agent()
        self.ends_well()


if __name__ == "__main__":
    fleet.main()
