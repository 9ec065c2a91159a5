#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""early_terminate: poor trials are stopped, and the rule knows what it knew after besom was killed."""
import json
import sqlite3

import scene

SPEC = """
method: grid
metric: {name: loss}
early_terminate: {type: asha, max_iter: 9}
parameters: {x: {values: [2, 3, 1, 4]}}
"""
# Reports its loss once. The two worse ones would never end by themselves; the third waits for the test.
TRAIN = """
x=${1#x=}
: > "started.$x"
if [ "$x" = 1 ]; then while [ ! -e go ]; do sleep 0.02; done; fi
echo "{\\"loss\\": $x}" >> "$BESOM_METRICS"
if [ "$x" -gt 2 ]; then exec sleep 200; fi
"""
LASTING = """
method: grid
metric: {name: loss}
early_terminate: {type: hyperband, min_iter: 1}
parameters: {x: {values: [1, 2]}}
"""
LASTING_TRAIN = """
x=${1#x=}
trap 'touch saved; echo "{\\"saved\\": 1}" >> "$BESOM_METRICS"; exit 0' TERM
echo "{\\"loss\\": $x}" >> "$BESOM_METRICS"
if [ "$x" = 1 ]; then exit 0; fi
while :; do sleep 0.02; done
"""
# W&B's rule never stops it.
NAN = """
method: grid
metric: {name: loss}
early_terminate: {type: hyperband, min_iter: 1}
parameters: {x: {values: [1]}}
"""
NAN_TRAIN = """
echo '{"step": 0, "loss": 1}' >> "$BESOM_METRICS"
i=1
while :; do
    echo "{\\"step\\": $i, \\"loss\\": NaN}" >> "$BESOM_METRICS"
    if [ "$i" = 9 ]; then touch nine; fi
    i=$((i + 1)); sleep 0.05
done
"""
ENDS = [("finished", "ok"), ("stopped", "stopper"), ("finished", "ok"), ("stopped", "stopper")]


class Stopper(scene.Case):
    def test_poor_trials_are_stopped_across_a_kill(self):
        run = self.begin("run", self.sweep(SPEC, TRAIN), "--slots", 1)
        self.wait_for("started.1", run)
        self.kill_besom(run)
        self.touch("go")
        self.says("run", "sweep.yaml", "--slots", 1)
        self.assertEqual(self.ends(), ENDS)
        self.assertEqual(self.look("best", "last")["number"], 2)
        stopped = self.look("show", "last-3")["stopped"]
        self.assertEqual(stopped, {"stopper": "asha", "rung": 1, "value": 4.0, "threshold": 2.0,
                                   "rank": 4, "of": 4})
        kept = self.look("show", "last-0")
        self.assertIsNone(kept["stopped"])
        self.assertEqual(kept["rungs"][0]["value"], 2.0)
        stood = self.look("show", "last-2")["rungs"]
        self.assertEqual(stood, [{"rung": 1, "value": 1.0, "compared": 1.0, "threshold": 1.0,
                                  "rank": 1, "of": 3}])
        self.assertIn("1 at iteration 1 was rank 1 of 3 trials; the worst that continues was 1",
                      self.besom("show", "last-2"))
        self.assertIn("by asha: 4 at iteration 1 is rank 4 of 4 trials", self.besom("show", "last-3"))
        self.assertEqual(json.loads(self.besom("check", "--json"))["problems"], [])
        db = sqlite3.connect(str(self.store / "besom.db"))
        db.execute("UPDATE rung SET value = 0.5 WHERE value = 3")
        db.commit()
        db.close()
        said = self.besom("check", code=1)
        self.assertIn("-1 iterations 1: value is 0.5, the facts say 3.0", said)

    def test_a_stopped_trial_gets_its_grace_and_ends(self):
        """Each would report for ever. The second is stopped by its first report, in the same step; what
        it reports while it saves counts."""
        run = self.begin("run", self.sweep(LASTING, LASTING_TRAIN), "--slots", 1)
        self.end(run, 0)
        self.assertEqual(self.ends(), [("finished", "ok"), ("stopped", "stopper")])
        trial = self.look("show", "last-1")
        self.assertEqual(trial["metrics"]["saved"], 1.0)
        self.assertTrue((self.folder / "saved").exists())
        db = sqlite3.connect(str(self.store / "besom.db"))
        reports = [seq for seq, in db.execute("SELECT seq FROM chunk WHERE trial & 1 ORDER BY seq")]
        facts = dict(db.execute("SELECT kind, seq FROM fact WHERE trial = 1"))
        db.close()
        self.assertEqual(facts["stopping"], reports[0] + 1)
        self.assertLess(facts["stopping"], reports[-1])
        self.assertLess(reports[-1], facts["ended"])

    def test_a_trial_that_stays_nan_is_stopped_where_the_spec_says_so(self):
        run = self.begin("run", self.sweep(NAN, NAN_TRAIN), "--slots", 1)
        self.wait_for("nine", run)
        self.assertEqual(self.look("show", "last-0")["state"], "running")
        self.write("sweep.yaml", (self.folder / "sweep.yaml").read_text().replace("min_iter: 1", "min_iter: 1, nan: stop"))
        self.besom("edit", "last")
        self.end(run, 0)
        self.assertEqual(self.look("show", "last-0")["stopped"],
                         {"stopper": "hyperband", "rung": None, "value": "NaN", "threshold": None, "rank": None,
                          "of": None, "last_step": 0})
        self.assertIn("by hyperband: its metric is NaN, and was last finite at step 0", self.besom("explain", "last-0"))
        self.assertIn("1 stop", self.besom("replay", "last"))
        self.assertEqual(json.loads(self.besom("check", "--json"))["problems"], [])


if __name__ == "__main__":
    scene.main()
