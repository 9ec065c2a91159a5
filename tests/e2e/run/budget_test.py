#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""budget: deadlines end what runs, with its grace, and count on after besom was killed."""
import scene

TRAIN = """
trap 'echo saved > "$BESOM_DIR/saved"; exit 0' TERM
echo '{"loss": 1}' >> "$BESOM_METRICS"
: > started
while :; do sleep 0.05; done
"""
SPEC = """
method: random
metric: {name: loss}
parameters: {x: {min: 0.0, max: 1.0}}
budget: {%s}
"""


class Budget(scene.Case):
    def check_end(self):
        sweep = self.look("show", "last")
        self.assertEqual((sweep["state"], sweep["reason"]), ("finished", "budget"))
        self.assertEqual(self.ends(), [("stopped", "budget")])
        trial = self.trials()[0]
        self.assertTrue((self.store / "trials" / trial["sweep"] / "0" / "saved").exists())
        self.assertEqual(trial["objective"], 1)

    def test_wall_time_counts_across_a_kill(self):
        run = self.begin("run", self.sweep(SPEC % "wall: 2s", TRAIN), "--slots", 1)
        self.wait_for("started", run)
        self.kill_besom(run)
        self.says("run", "sweep.yaml", "--slots", 1)
        self.check_end()
        self.assertIn("is finished", self.says("run", "sweep.yaml"))

    def test_until_is_a_moment(self):
        said = self.says("run", self.sweep(SPEC % "until: '2020-01-31 18:00'", TRAIN), code=2)
        self.assertIn("budget.until: 2020-01-31 18:00 has passed", said)


if __name__ == "__main__":
    scene.main()
