#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`besom serve --alert`: each alert and the end of each sweep are told once, also after a restart."""
import json

import fleet

GRID = "method: grid\nmetric: {name: x}\nparameters: {a: {values: %s}}\n"


class Alert(fleet.Case):
    def setUp(self):
        super().setUp()
        self.heard = self.folder / "heard"
        self.hook = self.folder / "hook"
        self.write_hook("cat >> %s\necho >> %s\n" % (self.heard, self.heard))

    def write_hook(self, text):
        self.hook.write_text("#!/bin/sh\n" + text)
        self.hook.chmod(0o755)

    def messages(self):
        return [json.loads(line) for line in self.heard.read_text().splitlines()] if self.heard.exists() else []

    def until_told(self, *kinds):
        def told():
            heard = self.messages()
            return heard if len(heard) >= len(kinds) else None
        heard = fleet.wait_until(told, "messages")
        self.assertEqual([m["kind"] for m in heard], list(kinds))
        return heard

    def test_a_restart_repeats_nothing(self):
        train = "case $1 in a=1??) exit 3;; esac\nbesom report x=1\n"
        controller = self.serve("--alert", self.hook)
        self.agent("a", "--slots", 1)
        first = self.create(GRID % "[1, 2]", train)
        ended = self.until_told("ended")[0]
        self.assertEqual((ended["sweep"], ended["state"], ended["name"]), (first, "finished", "sweep.yaml"))
        self.assertEqual(ended["link"], "%s/s/%s" % (self.url.partition("#")[0], first))
        bad = self.create(GRID % list(range(100, 120)), train)
        self.assertEqual(self.until_told("ended", "paused")[1]["sweep"], bad)
        self.kill_besom(controller)
        self.serve("--alert", self.hook)
        last = self.create(GRID % "[1]", train)
        self.assertEqual(self.until_told("ended", "paused", "ended")[2]["sweep"], last)
        self.besom("resume", bad)  # it pauses again: another alert
        self.until_told("ended", "paused", "ended", "paused")
        self.besom("cancel", bad)
        ended = self.until_told("ended", "paused", "ended", "paused", "ended")[4]
        self.assertEqual((ended["level"], ended["state"], ended["reason"]), ("WARN", "cancelled", "user"))
        self.end_all()
        self.besom("check", self.store)

    def test_failures_and_an_agent_that_cannot_start_trials(self):
        """Alerts of the page, with whom they are about."""
        self.serve("--alert", self.hook)
        (self.root / "empty").mkdir()
        self.agent("a", "--slots", 1)
        self.agent("b", "--slots", 1, "--workdir", self.root / "empty")
        sweep = self.create("retry: {failed: 0}\n" + GRID % list(range(16)),
                            'case $1 in a=1[2-5]) while [ ! -e go ]; do sleep 0.02; done;; a=*[13579]) exit 3;; esac\n'
                            "besom report x=1\n")
        heard = fleet.wait_until(lambda: len(self.messages()) >= 2 and self.messages(), "two messages")
        told = {m["kind"]: m for m in heard}
        self.assertEqual(sorted(told), ["failures", "up"], heard)
        self.assertEqual((told["failures"]["sweep"], told["failures"]["trial"]), (sweep, sweep + "-11"))
        self.assertIn("of the last", told["failures"]["title"])
        self.assertEqual((told["up"]["agents"], told["up"]["sweep"]), (["b"], None))
        self.assertTrue(told["up"]["link"].endswith("/agents"))
        self.touch("go")
        self.until_ended()
        self.end_all()

    def test_a_program_that_hangs_delays_nothing(self):
        begun = self.root / "begun"
        self.write_hook("echo >> %s\nwhile [ -e %s ]; do sleep 0.2; done\n" % (begun, self.hook))
        self.serve("--alert", self.hook)
        self.agent("a", "--slots", 1)
        self.create(GRID % "[1]", "besom report x=1\n")
        fleet.wait_until(begun.exists, "the program")
        later = [self.create(GRID % "[1, 2]", "besom report x=$1\n") for _ in range(3)]
        for sweep in later:
            self.until_ended(sweep)
        self.assertEqual(begun.read_text(), "\n", "one program at a time")
        self.kill_besom(self.controller)
        self.write_hook("cat >> %s\necho >> %s\n" % (self.heard, self.heard))
        self.serve("--alert", self.hook)  # tells those that waited, and not again the one that was being told
        self.assertEqual({m["sweep"] for m in self.until_told("ended", "ended", "ended")}, set(later))
        self.end_all()


if __name__ == "__main__":
    fleet.main()
