# SPDX-License-Identifier: GPL-3.0-or-later
"""What besom says of specs that mean harm: a clear word for each, on no more than a few lines, and nothing that a
terminal would obey. How fast, and in how little memory: ./dev bench hostile."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import driver
import inputs

SAID_BYTES_MAX = 64 << 10


class Inputs(unittest.TestCase):
    def besom(self, command, path, says, code):
        done = subprocess.run([os.environ["BESOM_BINARY"], command, path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        said = done.stdout.decode("utf-8")
        shown = "%s: exit %d, %r" % (command, done.returncode, said[:500])
        self.assertIn(says, said, shown)
        self.assertIn(done.returncode, [code] if code is not None else range(1, 4), shown)
        self.assertFalse([c for c in said if c != "\n" and (c < " " or c == "\x7f")], shown)
        return said

    def judge(self, given, path):
        given.make(path)
        self.assertLess(len(self.besom("lint", path, given.says, given.code)), SAID_BYTES_MAX)
        if given.plan is not None:
            self.besom("plan", path, given.plan, given.plan_code)

    def group(self, name):
        for given in inputs.GROUPS[name]:
            with self.subTest(given.name), tempfile.TemporaryDirectory() as folder:
                self.judge(given, os.path.join(folder, "s.yaml"))

    def test_aliases(self):
        self.group("aliases")

    def test_nesting(self):
        self.group("nesting")

    def test_size(self):
        self.group("size")

    def test_bytes(self):
        self.group("bytes")

    def test_meaning(self):
        self.group("meaning")

    def test_conditions(self):
        self.group("conditions")

    def test_draws(self):
        self.group("draws")

    def test_slips(self):
        self.group("slips")

    def test_paths(self):
        self.group("paths")

    def test_names_of_files(self):
        """Of the spec, the store and what is written."""
        with tempfile.TemporaryDirectory() as folder:
            spec, store, out = (os.path.join(folder, "\033[2J" + name) for name in ("s.yaml", "store", "out"))
            pathlib.Path(spec).write_text("command: [sh, -c, besom report x=1]\nmethod: grid\nmetric: {name: x}\n"
                                          "parameters: {a: {values: [1, 2]}}\n")
            env = {**os.environ, **driver.NO_GPUS, "BESOM_STORE": store}
            for command, says in ((["run", spec], "begins"), (["run", spec], "is finished"),
                                  (["edit", "last", spec], "not changed"), (["check"], "0 problems"),
                                  (["plot", "-o", out + ".svg"], "2 trials"), (["backup", out], "is copied"),
                                  (["run", "--new", "--detach", spec], "in the background")):
                done = subprocess.run([os.environ["BESOM_BINARY"], *command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
                self.assertIn(says, done.stdout.decode(), command)
                self.assertNotIn(b"\033", done.stdout, command)
            pid = re.search(rb"as process (\d+)", done.stdout)[1].decode()
            for _ in range(6000):  # it writes into the folder until it ends
                if not os.path.exists("/proc/" + pid):
                    break
                time.sleep(0.01)


if __name__ == "__main__":
    driver.main()
