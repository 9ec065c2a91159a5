#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent is cut off for longer than `--lost-after`, its trial runs elsewhere, and the link heals."""
import fleet
import proxy

ONE = """
method: grid
metric: {name: loss}
parameters: {x: {values: [1]}}
"""
# Ends when the test says so.
TRAIN = """
echo '{"loss": '"$BESOM_ATTEMPT"'}' >> "$BESOM_METRICS"
while ! [ -e "end.$BESOM_ATTEMPT" ]; do sleep 0.05; done
"""


class Partition(fleet.Case):
    def attempts(self):
        return {a["number"]: a for a in self.look("show", self.look("trials", "last")[0]["id"])["attempts_list"]}

    def until(self, number, state, what):
        fleet.wait_until(lambda: self.attempts().get(number, {}).get("state") == state, what)

    def cut_off(self):
        """Attempt 1 is lost on a, behind a link of its own; attempt 2 runs on b."""
        self.serve("--lost-after", "1s")
        self.link = proxy.Proxy(("127.0.0.1", int(self.listen.rpartition(":")[2])))
        self.addCleanup(self.link.close)
        url, self.url = self.url, "http://127.0.0.1:%d" % self.link.port
        join = self.join_string().replace(url.partition("#")[0], self.url)
        self.agents["a"] = self.begin("agent", "--join", join, "--name", "a", "--dir", self.root / "agent.a",
                                      "--workdir", self.folder, "--slots", 1)
        self.create(ONE, TRAIN)
        self.until(1, "running", "attempt 1")
        fleet.wait_until(lambda: self.look("metrics", self.look("trials", "last")[0]["id"]), "its metric")
        self.agent("b", "--slots", 1)
        self.link.mode = "cut"
        self.until(2, "running", "attempt 2")
        self.assertEqual(self.attempts()[1]["reason"], "host")

    def test_the_first_attempt_returns_after_a_restart_of_the_controller(self):
        self.cut_off()
        self.kill_besom(self.controller)
        self.serve("--lost-after", "1s")
        self.link.mode = "pass"
        self.until(2, "ended", "the end of attempt 2")
        self.assertEqual(self.attempts()[2]["reason"], "superseded")
        self.until(1, "running", "attempt 1, again")
        (self.folder / "end.1").touch()
        self.until_ended()
        trial = self.look("trials", "last")[0]
        self.assertEqual((trial["state"], trial["objective"]), ("finished", 1))
        self.assertEqual([p["loss"] for p in self.points(trial)], [1])
        fleet.wait_until(lambda: not self.alive(), "the end of every training")
        self.end_all()
        self.besom("check", "--store", self.store)

    def test_the_first_durable_end_wins(self):
        self.cut_off()
        (self.folder / "end.2").touch()
        self.until_ended()
        self.link.mode = "pass"
        fleet.wait_until(lambda: not self.alive(), "the end of every training")
        attempts = self.attempts()
        self.assertEqual((attempts[1]["reason"], attempts[2]["reason"]), ("host", "ok"))
        self.assertTrue(attempts[1]["superseded"], attempts)
        self.end_all()
        self.besom("check", "--store", self.store)


if __name__ == "__main__":
    fleet.main()
