#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials that run side by side get their share of the processors, unless the user said otherwise."""
import json
import os
import pathlib
import re

import scene

TRAIN = """
python3 -c 'import json, os; print(json.dumps([sorted(os.sched_getaffinity(0)),
  os.environ.get("OMP_NUM_THREADS"), os.environ.get("OPENBLAS_NUM_THREADS")]))' > "seen.$BESOM_SLOT"
touch "here.$BESOM_SLOT"
while [ ! -e go ]; do sleep 0.02; done
"""
TWO = "method: grid\nparameters: {x: {values: [1, 2]}}\n"


class Cores(scene.Case):
    def setUp(self):
        super().setUp()
        self.env.pop("OMP_NUM_THREADS", None)
        self.all = sorted(os.sched_getaffinity(0))

    def seen(self, spec, slots, *wait):
        run = self.begin("run", self.sweep(spec, TRAIN), "--slots", slots)
        for slot in wait:
            self.wait_for("here.%d" % slot, run)
        self.touch("go")
        self.end(run, 0)
        return [json.loads((self.folder / ("seen.%d" % slot)).read_text()) for slot in wait]

    def test_each_slot_has_its_share(self):
        half = len(self.all) // 2
        first, second = self.seen(TWO, 2, 0, 1)
        if half == 0:
            self.assertEqual([first, second], [[self.all, "1", "1"]] * 2)
            return
        self.assertEqual(first, [self.all[:half], str(half), str(half)])
        rest = self.all[half:]
        self.assertEqual(second, [rest, str(len(rest)), str(len(rest))])

    def test_one_at_a_time_has_all(self):
        self.assertEqual(self.seen(TWO + "max_parallel: 1\n", 2, 0), [[self.all, None, None]])

    def test_the_spec_overrides_the_share(self):
        spec = TWO + "env: {OMP_NUM_THREADS: 3}\n"
        self.assertEqual(self.seen(spec, 2, 0, 1), [[self.all, "3", None]] * 2)

    def test_the_environment_overrides_the_share(self):
        self.env["OMP_NUM_THREADS"] = "5"
        self.assertEqual(self.seen(TWO, 2, 0, 1), [[self.all, "5", None]] * 2)

    def test_as_many_run_as_there_is_memory_for(self):
        mib = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) >> 10
        plan = self.look("plan", self.sweep(TWO + "resources: {memory: %dMiB}\n" % (mib * 2 // 3), TRAIN))
        self.assertEqual(plan["at_once"], 1)
        said = self.says("run", self.sweep(TWO + "resources: {memory: %dMiB}\n" % (mib * 2), TRAIN), code=2)
        self.assertIn("resources.memory: a trial needs", said)
        self.assertFalse((self.folder / ".besom" / "besom.db").exists())


if __name__ == "__main__":
    scene.main()
