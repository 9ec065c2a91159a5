#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees who follows a sweep, while the controller and its agents come and go."""
import fleet
import proxy

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


class Follow(fleet.Case):
    def begins(self):
        self.serve()
        self.agent()
        self.create(ONE, TRAIN)
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
