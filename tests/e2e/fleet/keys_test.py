#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents whose keys renew themselves, over months: the controller's wall clock is set ahead by a library."""
import os

import fleet

DAY = 24 * 3600
SPEC = "method: grid\nparameters: {x: {values: [1]}}\nmetric: {name: m, goal: minimize}\n"
TRAIN = "echo '{\"m\": 1}' >> $BESOM_METRICS\ntouch running\nwhile [ ! -e go ]; do sleep 0.05; done\n"


class Keys(fleet.Case):
    def setUp(self):
        super().setUp()
        self.clock = self.root / "clock"
        self.set_ahead(0)

    def days_pass(self, days):
        """A controller looks at the clock when it starts, and then every few seconds."""
        self.set_ahead(days)
        self.controller.kill()
        self.controller.wait()
        self.serve()

    def set_ahead(self, days):
        """A moment of one clock: a reader must not find an empty file."""
        new = self.root / "clock.new"
        new.write_text(str(int(days * DAY)))
        new.rename(self.clock)

    def begin(self, *args, **options):
        """The clock of all is the same, but trainings have their own."""
        if args[0] in ("serve", "token"):
            env = dict(self.env, LD_PRELOAD=os.environ["FAKE_CLOCK_LIBRARY"], FAKE_CLOCK=str(self.clock),
                       ASAN_OPTIONS="verify_asan_link_order=0")
            saved, self.env = self.env, env
            try:
                return super().begin(*args, **options)
            finally:
                self.env = saved
        return super().begin(*args, **options)

    def keys(self):
        """(id, revoked) of the agent's credentials, the oldest first."""
        return [(t["id"], t["revoked"] is not None) for t in self.look("token", "list") if t["scope"] == "agent"]

    def agent_key(self):
        return (self.root / "agent.a" / ("agent.pem" if self.tls else "agent.token")).read_bytes()

    def until_renewed(self, times):
        def renewed():
            keys = self.keys()
            return len(keys) == times + 1 and [revoked for _, revoked in keys] == [True] * times + [False]
        fleet.wait_until(renewed, "renewal %d" % times)

    def works_for_months(self, tls):
        self.tls = tls
        if tls:
            self.listen = "0.0.0.0:0"
        self.serve()
        agent = self.agent()
        self.create(SPEC, TRAIN)
        self.wait_for("running")
        first = self.agent_key()
        for times in (1, 2):
            self.days_pass(68 * times)
            self.until_renewed(times)
        self.assertNotEqual(self.agent_key(), first)
        self.touch("go")
        self.assertEqual(self.until_ended(), True)
        self.assertEqual([(t["state"], t["attempts"]) for t in self.look("trials", "last")], [("finished", 1)])
        said = self.said(agent)
        self.assertEqual(said.count("agent a has a new key, and connects again with it"), 2, said)
        self.days_pass(68 * 2 + 91)
        self.assertIn("this credential has expired", self.end(agent, 5))
        self.end_all()

    def test_over_tls(self):
        self.works_for_months(True)

    def test_on_this_machine(self):
        self.works_for_months(False)


if __name__ == "__main__":
    fleet.main()
