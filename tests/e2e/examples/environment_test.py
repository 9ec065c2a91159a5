#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial finds: the variables of docs/guide/metrics.md, the spec's `env`, its folder."""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

SPEC = """
command: [/bin/sh, -c, 'env -0 > "$BESOM_DIR/env"; pwd > "$BESOM_DIR/pwd";
    cp "$BESOM_PARAMS" "$BESOM_DIR/params"; besom report ok=true']
workdir: sub
method: grid
metric: {name: ok, goal: maximize}
env: {PATH: /opt/mine:/usr/bin:/bin, COLOUR: blue}
parameters: {model: {parameters: {depth: {value: 2}}}, lr: {value: 1.0e-5}}
"""


class Environment(driver.Case):
    def test_what_a_trial_finds(self):
        (self.folder / "sub").mkdir()
        (self.folder / "sweep.yaml").write_text(SPEC)
        self.env.update(COLOUR="red", SHAPE="round")
        self.besom("run", self.folder / "sweep.yaml")
        trial, = self.trials()
        self.assertEqual(trial["metrics"], {"ok": 1})
        folder = next(self.store.glob("trials/*/0"))
        items = (folder / "env").read_text().split("\0")[:-1]
        env = dict(item.split("=", 1) for item in items)
        self.assertEqual((env["COLOUR"], env["SHAPE"]), ("blue", "round"))
        self.assertEqual(env["PATH"], "/opt/mine:/usr/bin:/bin:" + os.path.dirname(self.binary))
        self.assertEqual(env["BESOM_TRIAL"], trial["id"])
        self.assertEqual(env["BESOM_SWEEP"], trial["sweep"])
        self.assertEqual(env["BESOM_ATTEMPT"], "1")
        self.assertTrue(os.path.isabs(env["BESOM_METRICS"]))
        self.assertTrue(os.path.samefile(env["BESOM_DIR"], folder))
        self.assertEqual((folder / "pwd").read_text().strip(), str(self.folder / "sub"))
        params = json.loads((folder / "params").read_text())
        self.assertEqual(params, {"model": {"depth": 2}, "lr": 1e-05})
        self.assertEqual(trial["params"], params)


if __name__ == "__main__":
    driver.main()
