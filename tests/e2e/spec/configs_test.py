#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of configs/, with the script beside them: lint reports nothing, and each runs or is refused by name."""
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver  # noqa: E402

CONFIGS = driver.ROOT / "configs"
# What `besom run` refuses of configs/, by the keys that it names.
REFUSED = {
    "resources.yaml": ["resources.labels"],
    "scheduler.yaml": ["method", "scheduler"],
}
# A test needs one trial of each.
CAPS = {
    r"(?m)^run_cap: \d+$": "run_cap: 1",
    r"(?m)^  trials: \d+$": "  trials: 1",
    r"(?m)^method: grid$": "method: grid\nbudget: {trials: 1}",
}


class AsTheyLie(driver.Case):
    """With the script that lies beside them, called from elsewhere."""

    def setUp(self):
        super().setUp()
        self.configs = sorted(path.name for path in CONFIGS.glob("*.yaml"))
        shutil.copytree(CONFIGS, self.folder / "configs")

    def test_lint_has_nothing_to_say(self):
        out = self.besom("lint", "--json", *("configs/" + name for name in self.configs))
        found = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(f["verdict"], f["diagnostics"]) for f in found], [("ok", [])] * len(self.configs))

    def run_capped(self, name):
        path = self.folder / "configs" / name
        text = path.read_text()
        for pattern, capped in CAPS.items():
            text = re.sub(pattern, capped, text)
        path.write_text(text)
        process = subprocess.run([self.binary, "run", "--quiet", "--json", "--store", self.folder / name[:-5],
                                  "configs/" + name], env=self.env, cwd=self.folder, timeout=250,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return process.returncode, process.stdout.decode(), process.stderr.decode()

    def test_each_runs_or_is_refused_by_name(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = dict(zip(self.configs, pool.map(self.run_capped, self.configs)))
        self.assertLessEqual(set(REFUSED), set(results))
        for name, (code, out, err) in results.items():
            with self.subTest(name):
                if name in REFUSED:
                    self.assertEqual((code, out), (2, ""), err)
                    self.assertEqual(re.findall(r"error: ([\w.]+): .* not supported yet", err), REFUSED[name])
                else:
                    self.assertEqual(code, 0, err)
                    self.check_trials(name)

    def check_trials(self, name):
        """One trial, finished, with the metric by which it is judged where there is one."""
        out = self.besom("trials", "last", "--json", "--store", self.folder / name[:-5])
        trials = json.loads(out)
        self.assertEqual([t["state"] for t in trials], ["finished"])
        judged = re.search(r"(?m)^metrics?:", (CONFIGS / name).read_text()) is not None
        self.assertEqual([t["objective"] is not None for t in trials], [judged])
        self.assertEqual([t["step"] for t in trials], [3])


if __name__ == "__main__":
    driver.main()
