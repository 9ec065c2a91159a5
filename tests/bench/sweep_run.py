# SPDX-License-Identifier: GPL-3.0-or-later
"""`besom run` on a sweep of its own in a folder of its own, for the benchmarks beside this file."""

import os
import shutil
import sys
import tempfile
import time

BUILD = os.environ["BESOM_BUILD"]
BESOM = os.path.join(BUILD, "cli", "besom")
SHIM = os.path.join(BUILD, "cli", "besom-shim")


def row(what, value, unit, note=""):
    print(f"{what}\t{value}\t{unit}\t{note}", flush=True)


def grid(command, points):
    """A grid over one parameter that the command does not see."""
    quoted = ", ".join(f"'{word}'" for word in command)
    values = f"{{min: 1, max: {points}}}" if points > 1 else "{value: 1}"
    return f"method: grid\ncommand: [{quoted}]\nparameters:\n  i: {values}\n"


class SweepRun:
    """Start it by start() and finish(); `seconds` and `cpu_seconds` (of every process) are then known."""

    def __init__(self, spec, slots):
        self.folder = tempfile.mkdtemp(prefix="besom-bench-")
        self.store = os.path.join(self.folder, "store")
        self.spec = os.path.join(self.folder, "sweep.yaml")
        with open(self.spec, "w", encoding="utf-8") as f:
            f.write(spec)
        self.slots = slots

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        """The clock as besom is spawned."""
        argv = [BESOM, "run", self.spec, "--slots", str(self.slots), "--store", self.store]
        out = os.open(self.path("output"), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        files = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)]
        self.began = time.monotonic()
        self.pid = os.posix_spawn(BESOM, argv, os.environ, file_actions=files)
        os.close(out)
        return self.began

    def finish(self, wanted=0):
        _, status, usage = os.wait4(self.pid, 0)
        self.seconds = time.monotonic() - self.began
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        if os.waitstatus_to_exitcode(status) != wanted:
            with open(self.path("output"), encoding="utf-8") as f:
                print(f.read()[-2000:], file=sys.stderr)
            sys.exit(f"besom run: {os.waitstatus_to_exitcode(status)} instead of {wanted}")

    def run(self):
        self.start()
        self.finish()
        return self
