#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""besom replay: each proposal and stop follows from what the store holds; one that was changed is named."""
import json
import sqlite3

import scene

SPECS = {
    "grid": "method: grid\norder: random\nparameters: {a: {values: [1, 2, 3]}, b: {values: [x, y]}}\n",
    "random": "method: random\nseed: 4\nparameters: {a: {min: 1, max: 9}, b: {values: [x, y]}}\n"
              "forbid: [a == 3]\nrun_cap: 9\n",
    "sobol": "method: sobol\nparameters: {a: {min: 0.0, max: 1.0}, g: {parameters: {b: {value: .nan}}}}\n"
             "run_cap: 9\n",
    "bayes": "method: bayes\nmetric: {name: loss}\nstrategy: {initial: 3}\nrun_cap: 9\n"
             "parameters: {a: {min: 0.0, max: 1.0}, b: {values: [x, y]}}\n",
    "tpe": "method: tpe\nmetric: {name: loss}\nstrategy: {initial: 3}\nrun_cap: 9\n"
           "parameters: {a: {min: 0.0, max: 1.0}}\n",
    "asha": "method: random\nmetric: {name: loss, goal: maximize}\nrun_cap: 9\n"
            "early_terminate: {type: asha, max_iter: 9}\nparameters: {a: {min: 0.0, max: 1.0}}\n",
}
TRAIN = 'for i in 1 2 3; do echo "{\\"loss\\": ${1#a=}}" >> "$BESOM_METRICS"; sleep 0.05; done\n'


class Replay(scene.Case):
    def ran(self, method):
        self.says("run", self.sweep(SPECS[method], TRAIN), "--new", "--slots", 2)
        return self.look("show", "last")

    def change(self, statement, *values):
        db = sqlite3.connect(str(self.store / "besom.db"))
        self.assertEqual(db.execute(statement, values).rowcount, 1)
        db.commit()
        db.close()

    def differs(self, sweep, trial, text):
        found = self.look("replay", sweep["id"], code=1)
        self.assertEqual((found["ok"], found["difference"]["trial"]), (False, "%s-%d" % (sweep["id"], trial)))
        self.assertIn(text, found["difference"]["text"])
        self.assertIn("trial %s-%d: " % (sweep["id"], trial), self.besom("replay", sweep["id"], code=1))

    def test_what_ran_is_derived_again(self):
        sweeps = {method: self.ran(method) for method in SPECS}
        for method, sweep in sweeps.items():
            with self.subTest(method):
                found = self.look("replay", sweep["id"])
                self.assertEqual((found["ok"], found["difference"]), (True, None))
                self.assertEqual(found["proposals"], sum(sweep["counts"].values()))
                self.assertEqual(found["stops"] > 0, method == "asha")
        self.change("UPDATE trial SET params = '{\"a\":0.5}' WHERE id = (SELECT n << 40 | 4 FROM sweep WHERE id = ?)",
                    sweeps["sobol"]["id"])
        self.differs(sweeps["sobol"], 4, '{"a":0.5}')
        body = json.loads(self.fact("proposed", sweeps["random"]["id"], 2))
        body["params"]["a"] = 3
        self.change("UPDATE fact SET body = ? WHERE kind = 'proposed' AND sweep = ? AND trial = 2",
                    json.dumps(body), sweeps["random"]["id"])
        self.differs(sweeps["random"], 2, "configuration recorded")
        self.assertEqual(self.look("replay", sweeps["grid"]["id"])["ok"], True)

    def fact(self, kind, sweep, trial):
        db = sqlite3.connect(str(self.store / "besom.db"))
        found = db.execute("SELECT body FROM fact WHERE kind = ? AND sweep = ? AND trial = ?", (kind, sweep, trial))
        body = found.fetchone()[0]
        db.close()
        return body

    def test_a_stop_that_the_rule_would_not_make_is_named(self):
        sweep = self.ran("asha")
        db = sqlite3.connect(str(self.store / "besom.db"))
        trial, body = db.execute("SELECT trial, body FROM fact WHERE kind = 'stopping'").fetchone()
        db.close()
        body = json.loads(body)
        body["why"]["rank"] += 1
        self.change("UPDATE fact SET body = ? WHERE kind = 'stopping' AND trial = ?", json.dumps(body), trial)
        self.differs(sweep, trial, "stop recorded")


if __name__ == "__main__":
    scene.main()
