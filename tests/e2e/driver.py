# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the besom that $BESOM_BINARY names, in a copy of the examples with a store of its own."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


NO_GPUS = {"BESOM_NVML": "", "BESOM_SYS": "/nowhere"}  # whatever this machine has


class Case(unittest.TestCase):
    """Each test has self.folder, a copy of examples/, and self.store."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="besom-e2e-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name) / "examples"
        self.store = pathlib.Path(scratch.name) / "store"
        built = shutil.ignore_patterns("__pycache__", "train")
        shutil.copytree(ROOT / "examples", self.folder, ignore=built)
        self.binary = str(pathlib.Path(os.environ["BESOM_BINARY"]).resolve())
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("BESOM_")}
        self.env.update(
            BESOM_STORE=str(self.store), **NO_GPUS, PYTHONPATH=str(ROOT / "python"), PYTHONDONTWRITEBYTECODE="1")

    def start(self, *args, inside=(), **options):
        """inside: a command that runs besom somewhere else."""
        return subprocess.Popen([*inside, self.binary, *map(str, args)], env=self.env, cwd=self.folder,
                                universal_newlines=True, **options)

    def besom(self, *args, code=0):
        """Run besom to its end, expect its exit status; stdout."""
        process = self.start(*args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
        said = "besom %s: exit %d\n%s%s" % (" ".join(map(str, args)), process.returncode, out, err)
        self.assertEqual(process.returncode, code, said)
        return out

    def trials(self):
        return json.loads(self.besom("trials", "last", "--json"))

    def points(self, trial):
        lines = self.besom("metrics", trial["id"], "--json").splitlines()
        return [json.loads(line) for line in lines]


def main():
    """unittest.main(), but a skip of all tests is exit 77, as CTest is told."""
    if "BESOM_BINARY" not in os.environ:
        print("SKIPPED: BESOM_BINARY names no besom", file=sys.stderr)
        sys.exit(77)
    unittest.main(module="__main__")
