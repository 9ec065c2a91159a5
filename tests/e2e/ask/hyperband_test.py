#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`early_terminate: hyperband` stops what W&B's engine stops: recorded histories through besom ask.
tests/data/hyperband/make.py records them; ./dev differential compares with the engine itself."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

sys.path.insert(0, str(driver.ROOT / "tests" / "differential"))
import stops  # noqa: E402

RECORDED = driver.ROOT / "tests" / "data" / "hyperband" / "histories.jsonl"


class Hyperband(driver.Case):
    def test_recorded_histories(self):
        spec, stopped = self.folder / "spec.yaml", 0
        for line in RECORDED.read_text().splitlines():
            made = json.loads(line)
            spec.write_text(json.dumps(made["spec"]))
            done = subprocess.run([self.binary, "ask", str(spec)], input="\n".join(stops.lines(made)) + "\n",
                                  env=self.env, stdout=subprocess.PIPE, universal_newlines=True, check=True)
            self.assertEqual(stops.answers(made, done.stdout), made["stops"], "seed %d" % made["seed"])
            stopped += sum(stop is not None for stop in made["stops"])
        self.assertGreater(stopped, 400)


if __name__ == "__main__":
    driver.main()
