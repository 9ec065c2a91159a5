#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent is cut off for longer than `--lost-after`: its trials run elsewhere, then the link heals. Takes half a minute,
for that option takes no less than 20 s."""
import time

import fleet

TWO = """
method: grid
metric: {name: loss}
parameters: {x: {values: [1, 2]}}
"""
# Ends when the test says so.
TRAIN = """
echo '{"loss": '"$BESOM_ATTEMPT"'}' >> "$BESOM_METRICS"
while ! [ -e "end.${1#x=}.$BESOM_ATTEMPT" ]; do sleep 0.1; done
"""
# Their trials have no retry: what is lost ends so.
LOST = """
method: grid
metric: {name: loss}
retry: {host: 0}
parameters: {x: {values: [%s]}}
"""
ENDS = TRAIN + """echo '{"loss": 0}' >> "$BESOM_METRICS"; echo said at the end
"""


class Partition(fleet.Case):
    def attempt(self, x, number):
        time.sleep(0.1)
        """None: there is none."""
        for trial in self.look("trials", "last"):
            if trial["params"]["x"] == x:
                found = self.look("show", trial["id"])["attempts_list"]
                return next((a for a in found if a["attempt"] == number), None)
        return None

    def until(self, number, state, *xs):
        def all_are():
            found = [self.attempt(x, number) for x in xs]
            return all(a and a["state"] == state for a in found)
        fleet.wait_until(all_are, "attempts %d of %s to be %s" % (number, xs, state))

    def lost(self):
        """The agents that need attention, and when they were last heard from."""
        return [(a["name"], a["seen"]) for a in self.look("agents") if a["lost"]]

    def until_trials(self, sweep, *states):
        fleet.wait_until(lambda: [t["state"] for t in self.look("trials", sweep)] == list(states),
                         "the trials of %s to be %s" % (sweep, states))

    def test_a_trial_that_ended_as_lost_takes_what_its_agent_brings(self):
        """While the agent is away, one trial ends, one runs on; the controller starts anew, twice. A sweep was stopped."""
        self.serve("--lost-after", "20s")
        link = self.link()
        self.agent("a", "--slots", 4, link=link)
        both = self.create(LOST % "1, 2", ENDS)
        stopped = self.create("max_parallel: 1" + LOST % "3, 5", ENDS)
        removed = self.create(LOST % "4", ENDS)
        fleet.wait_until(lambda: [t["objective"] for s in (both, stopped, removed) for t in self.look("trials", s)]
                         == [1] * 4, "metrics")
        self.besom("stop", stopped)
        link.mode = "cut"
        self.kill_besom(self.controller)
        self.serve("--lost-after", "20s")
        self.assertRegex(self.besom("agents"), r"a +away +4 +4 +>\d")  # nobody knows when it was last heard from
        agent, = self.look("agents")
        self.assertEqual(agent["seen"], None)
        self.assertLess(abs(agent["seen_before"] - time.time()), 60)
        (self.folder / "end.1.1").touch()
        self.until_trials(both, "lost", "lost")
        self.until_trials(stopped, "lost")
        self.assertEqual([self.look("show", s)["state"] for s in (both, stopped)], ["finished"] * 2)
        self.assertIn("it continues if its agent returns with it", self.besom("explain", stopped + "-0"))
        self.kill_besom(self.controller)
        self.besom("rm", removed, "--yes", "--store", self.store)
        self.serve("--lost-after", "20s")
        link.mode = "pass"
        self.until_trials(both, "finished", "running")
        self.until_trials(stopped, "running")
        states = [self.look("show", s) for s in (both, stopped)]
        self.assertEqual([(s["state"], s["reason"]) for s in states], [("running", None), ("stopping", "user")])
        for x in 2, 3:
            (self.folder / ("end.%d.1" % x)).touch()
        self.until_trials(both, "finished", "finished")
        self.until_trials(stopped, "finished")
        self.assertEqual([(self.until_ended(s), self.look("show", s)["reason"])[1] for s in (both, stopped)],
                         ["ok", "user"])
        for sweep in both, stopped:
            for trial in self.look("trials", sweep):
                if trial["state"] == "finished":
                    self.assertEqual([(p["attempt"], p["metrics"]["loss"]) for p in self.points(trial)], [(1, 1), (1, 0)])
                    self.assertEqual((trial["attempts"], trial["objective"]), (1, 0))
                    self.assertIn("said at the end", self.besom("logs", trial["id"]))
        fleet.wait_until(lambda: not self.alive(), "the end of every training")
        self.end_all()
        self.assertIn("agent a deletes what it had not sent: its sweep was removed", self.said(self.controller))
        self.assertIn("trial %s-0: the controller has given up its attempt 1" % removed, self.said(self.agents["a"]))
        self.besom("check", "--store", self.store)
        for sweep in both, stopped:
            self.besom("replay", sweep, "--store", self.store)

    def test_the_first_durable_end_counts_and_the_first_attempt_returns(self):
        self.serve("--lost-after", "20s")
        link = self.link()
        self.agent("a", "--slots", 2, link=link)
        self.create(TWO, TRAIN)
        self.until(1, "running", 1, 2)
        fleet.wait_until(lambda: all(t["objective"] == 1 for t in self.look("trials", "last")), "metrics")
        self.agent("b", "--slots", 2)
        link.mode = "cut"
        self.until(2, "running", 1, 2)
        self.assertEqual(self.attempt(1, 1)["reason"], "host")
        (self.folder / "end.2.2").touch()
        self.until(2, "ended", 2)
        lost = self.lost()
        self.assertEqual([name for name, _ in lost], ["a"])
        self.kill_besom(self.controller)
        self.serve("--lost-after", "20s")
        self.assertEqual(self.lost(), lost)
        self.assertIn("agent a is gone; if it does not return: besom forget a", [a["text"] for a in self.asker()("agents")["alerts"]])
        link.mode = "pass"
        self.until(2, "ended", 1)
        self.until(1, "running", 1)
        self.assertEqual(self.lost(), [])
        (self.folder / "end.1.1").touch()
        self.until_ended()
        fleet.wait_until(lambda: not self.alive(), "the end of every training")
        for x, number, reason, superseded in ((1, 1, "ok", False), (1, 2, "superseded", True),
                                              (2, 1, "host", True), (2, 2, "ok", False)):
            attempt = self.attempt(x, number)
            self.assertEqual((attempt["reason"], bool(attempt.get("superseded"))), (reason, superseded), (x, number))
        trials = self.look("trials", "last")
        self.assertEqual([(t["state"], t["objective"]) for t in trials], [("finished", 1), ("finished", 2)])
        for trial in trials:  # of both attempts, each told apart
            self.assertEqual([(p["attempt"], p["metrics"]["loss"]) for p in self.points(trial)], [(1, 1), (2, 2)])
        self.end_all()
        self.besom("check", "--store", self.store)


if __name__ == "__main__":
    fleet.main()
