#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees who follows a sweep, while the controller and its agents come and go."""
import pathlib
import re
import signal
import sys

import fleet
import proxy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "terminal"))
import capture  # noqa: E402

ONE = """
method: grid
metric: {name: loss, goal: minimize}
parameters: {x: {values: [1]}}
"""
TRAIN = """
echo first
while [ ! -e go ]; do sleep 0.05; done
echo "{\\"loss\\": 1}" >> "$BESOM_METRICS"
echo last
"""
# Attempt 1 reports more than its successor.
TWICE = """
echo "attempt $BESOM_ATTEMPT"
for i in 1 2 3; do
    echo "{\\"loss\\": $BESOM_ATTEMPT}" >> "$BESOM_METRICS"
    [ "$BESOM_ATTEMPT" = 1 ] || break
done
while [ ! -e go ]; do sleep 0.05; done
echo "{\\"loss\\": $BESOM_ATTEMPT}" >> "$BESOM_METRICS"
echo last
"""


class Follow(fleet.Case):
    def begins(self):
        self.serve()
        self.create(ONE, TRAIN)  # before an agent is there
        self.agent("a", "--slots", 1)
        fleet.wait_until(lambda: self.look("show", "last")["counts"].get("running"), "a trial")

    def test_across_a_restart(self):
        self.begins()
        following = {"logs": self.begin("logs", "-f", "last-0"), "watch": self.begin("watch", "last")}
        for process, words in ((following["logs"], "first\n"), (following["watch"], "running=1")):
            fleet.wait_until(lambda: words in self.said(process), words)
        self.controller.kill()
        self.controller.wait()
        for process in following.values():
            fleet.wait_until(lambda: "; waiting for it, Ctrl-C ends this\n" in self.said(process), "the waiting")
        self.touch("go")
        self.serve()
        log, watch = self.end(following["logs"], 0), self.end(following["watch"], 0)
        for said in (log, watch):
            self.assertEqual(said.count("cannot be reached"), 1, said)
            self.assertEqual(said.count("besom: connected again\n"), 1, said)
        self.assertEqual([line for line in log.splitlines() if not line.startswith("besom: ")], ["first", "last"])
        self.assertIn("done=1/1", watch)
        self.end_all()

    def test_across_a_restart_of_the_agent(self):
        self.begins()
        log = self.begin("logs", "-f", "last-0")
        fleet.wait_until(lambda: "first\n" in self.said(log), "the first line")
        self.agents["a"].kill()
        self.agents["a"].wait()
        fleet.wait_until(lambda: "waiting for it" in self.said(log), "the waiting")
        self.assertIn("agent a has the log, but is not connected", self.said(log))
        self.touch("go")
        self.agent()
        self.assertEqual([line for line in self.end(log, 0).splitlines() if not line.startswith("besom: ")], ["first", "last"])
        self.end_all()

    def test_what_a_sweep_waits_for(self):
        self.serve()
        sweep = self.create(ONE + "resources: {labels: [a100]}\n", TRAIN)
        watch = self.begin("watch", "last")
        self.touch("go")
        for start, words in ((None, "no agent is connected"), (["a"], "no agent has the label a100")):
            if start:
                self.agent(*start)
            fleet.wait_until(lambda: 'waits="%s"\n' % words in self.said(watch), words)
            self.assertRegex(self.besom("show", sweep), r"(?m)^waits +%s$" % words)
        self.agent("b", "--labels", "a100")
        self.assertRegex(self.end(watch, 0), r"(?m)^\d\d:\d\d:\d\d done=1/1 ")
        self.end_all()

    def test_an_agent_that_is_away(self):
        self.begins()
        self.agents["a"].kill()
        self.agents["a"].wait()
        waits = "agent a is away: its trials run again if it does not come back"
        fleet.wait_until(lambda: waits in self.besom("show", "last"), waits)
        self.assertIn("waits     agent a is away: this trial runs again if it does not come back\n", self.besom("explain", "0"))
        self.assertIn("agent a is up already, but away for ", self.besom("uncordon", "a"))
        self.touch("go")
        self.agent()
        self.until_ended()
        self.end_all()

    def test_an_agent_that_is_forgotten(self):
        self.begins()
        self.assertIn("agent a is connected", self.says("forget", "a", code=2))
        self.assertIn("the name of the agent is empty", self.says("forget", "", code=2))
        self.agents["a"].kill()
        self.agents["a"].wait()
        fleet.wait_until(lambda: self.look("agents")[0]["until"], "the end of its lease")
        self.assertEqual(self.besom("forget", "a"), "agent a leaves the list: 1 trial runs again elsewhere at once; training that may continue on its host is not ended\n")
        self.assertEqual(self.look("agents"), [])
        self.assertRegex(self.said(self.controller), r"agent=a state=forgotten by=\S+")
        self.touch("go")
        self.agent("b", "--slots", 1)
        self.until_ended()
        trial = self.look("show", "last-0")
        self.assertEqual((trial["agent"], trial["attempts"]), ("b", 2))
        told = self.asker()("sweeps/%s/explain" % self.look("show", "last")["id"])["entries"]
        self.assertRegex("\n".join(entry["text"] for entry in told), r"its agent was forgotten by \S+")
        self.assertIn("forget", self.besom("audit"))
        self.end_all()

    def test_the_attempt_of_a_forgotten_agent_returns(self):
        """It gives the result: it is meant wherever no attempt is named, though a later one was started."""
        self.serve()
        self.create(ONE, TWICE)
        self.agent("a", "--slots", 1)
        fleet.wait_until(lambda: self.look("show", "last")["counts"].get("running")
                         and len(self.points(self.look("show", "last-0"))) == 3, "the points of attempt 1")
        self.agents["a"].kill()
        self.agents["a"].wait()
        fleet.wait_until(lambda: self.look("agents")[0]["until"], "the end of its lease")
        self.besom("forget", "a")
        self.agent("b", "--slots", 1)
        fleet.wait_until(lambda: len(self.points(self.look("show", "last-0"))) == 4, "the point of attempt 2")
        self.assertEqual([self.look("show", "last-0")[key] for key in ("attempt", "agent")], [2, "b"])
        self.agent("a", "--slots", 1)
        fleet.wait_until(lambda: self.look("show", "last-0")["attempt"] == 1, "attempt 1 to return")
        self.touch("go")
        self.until_ended()
        trial = self.look("show", "last-0")
        self.assertEqual([(a["agent"], a["reason"]) for a in trial["attempts_list"]], [("a", "ok"), ("b", "superseded")])
        self.assertEqual([trial[key] for key in ("attempt", "attempts", "agent")], [1, 2, "a"])
        self.assertTrue(pathlib.Path(trial["dir"]).is_relative_to(self.root / "agent.a"), trial["dir"])
        self.assertIn(str(self.root / "agent.a"), re.search(r"(?m)^folder +(.*)$", self.besom("show", "last-0"))[1])
        self.assertEqual([self.besom("logs", *more, "last-0") for more in ((), ("--attempt", 2), ("-f",))],
                         ["attempt 1\nlast\n", "attempt 2\n", "attempt 1\nlast\n"])
        curves = self.asker()("sweeps/%s/curves?metric=loss&trials=0" % trial["sweep"])["curves"]
        self.assertEqual([curve["y"] for curve in curves], [[1, 1, 1, 1]])
        self.end_all()

    def test_the_news_of_the_controller(self):
        self.begins()
        self.touch("go")
        self.until_ended()
        self.besom("uncordon", "a")  # changes nothing
        self.besom("cordon", "a")
        self.besom("uncordon", "a")
        self.agents["a"].kill()
        self.agents["a"].wait()
        fleet.wait_until(lambda: "state=away" in self.said(self.controller), "the end of the agent")
        other = self.agent("b", "--slots", 1)
        fleet.wait_until(lambda: "agent=b state=up" in self.said(self.controller), "the other agent")
        other.send_signal(signal.SIGTERM)
        fleet.wait_until(lambda: "agent=b state=gone" in self.said(self.controller), "the other agent")
        sweep = self.look("show", "last")["id"]
        news = re.findall(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (.*)$", self.said(self.controller))
        by = [re.sub(r" by=\S+", " by=ME", line) for line in news]
        self.assertEqual(by, ["sweep=%s state=created trials=1" % sweep, "agent=a state=up slots=1",
                              "sweep=%s state=finished done=1/1 best=1 best_trial=0" % sweep,
                              "agent=a state=cordoned by=ME", "agent=a state=uncordoned by=ME",
                              "agent=a state=away trials=0",
                              "agent=b state=up slots=1", "agent=b state=gone"])
        self.end_all()

    def test_where_trials_run(self):
        """On a terminal, with two agents."""
        self.serve()
        self.create(ONE.replace("[1]", "[1, 2]"), TRAIN)
        for name in ("gpu1", "gpu2"):
            self.agent(name, "--slots", 1)
        fleet.wait_until(lambda: self.look("show", "last")["counts"].get("running") == 2, "two trials")
        watch = capture.Terminal([self.binary, "watch", "last"], self.folder, 80, dict(self.env, TERM="xterm", NO_COLOR="1", LC_ALL="C.UTF-8"))
        lines = watch.read(lambda seen: re.search("(?m)^ +1 ▶ gpu", seen))
        where = [re.match(r" +(\d) ▶ (gpu\d) +\S+s ", line) for line in lines]
        self.assertEqual({m.group(2) for m in where if m}, {"gpu1", "gpu2"}, lines)
        self.touch("go")
        self.assertIn("2/2  ✓2", "\n".join(watch.read(None)))
        self.end_all()

    def test_one_connection(self):
        self.begins()
        link = proxy.Proxy(("127.0.0.1", int(self.url.rpartition(":")[2])))
        self.env["BESOM_SERVER"] = "http://127.0.0.1:%d" % link.port
        log = self.begin("logs", "-f", "last-0")
        fleet.wait_until(lambda: "first\n" in self.said(log), "the first line")
        self.touch("go")
        self.end(log, 0)
        self.assertEqual(link.accepted, 1)
        link.close()
        self.end_all()


if __name__ == "__main__":
    fleet.main()
