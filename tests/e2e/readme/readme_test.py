# SPDX-License-Identifier: GPL-3.0-or-later
"""The sweep of the README runs, and the commands that it names exist."""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver

README = (driver.ROOT / "README.md").read_text(encoding="utf-8")
TRAIN = """
import os, sys
given = dict(word[2:].split("=", 1) for word in sys.argv[1:])
assert set(given) == {"lr", "width", "activation"}, given
with open(os.environ["BESOM_METRICS"], "a") as f:
    f.write('{"loss": %r}\\n' % abs(float(given["lr"]) - 0.1))
"""


class Readme(driver.Case):
    def test_sweep(self):
        spec = re.search(r"```yaml\n(.*?)```", README, re.DOTALL).group(1)
        (self.folder / "sweep.yaml").write_text(spec, encoding="utf-8")
        (self.folder / "train.py").write_text(TRAIN, encoding="utf-8")
        self.besom("run", "sweep.yaml")
        trials = self.trials()
        self.assertEqual({t["state"] for t in trials}, {"finished"})
        self.assertEqual(len(trials), 30)
        best = json.loads(self.besom("best", "--json"))
        self.assertEqual(best["objective"], min(t["objective"] for t in trials))

    def test_commands(self):
        known = self.besom("help")
        for name in re.findall(r"besom ([a-z]+)", " ".join(re.findall(r"`[^`\n]+`|^    .*$", README, re.M))):
            self.assertRegex(known, r"(?m)^\s+%s\b" % name)


if __name__ == "__main__":
    driver.main()
