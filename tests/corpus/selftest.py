#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison notices: each kind of expectation, made wrong, is a difference and exit 1."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def verdict(row):
    row["valid_core12"] = "yes" if row["valid_core12"] == "no" else "no"


def warnings(row):
    row.update(valid_core12="warn", violations=["x is wrong"])


def distributions(row):
    row["params"]["a"] = "normal"


def grid_points(row):
    row["grid_points_unique"] += 1


def argv(row):
    row["probe_argv"][-1] += " "


def compare(folder):
    done = subprocess.run([sys.executable, "-B", str(HERE / "compare"), str(folder)],
                          cwd=folder, stdout=subprocess.PIPE, universal_newlines=True, check=False)
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith("DIFFERENCE")]


def main():
    if "BESOM_BINARY" not in os.environ:
        print("SKIPPED: BESOM_BINARY names no besom", file=sys.stderr)
        return 77
    rows = {row["id"]: row for row in map(json.loads, (HERE / "own/expect.jsonl").read_text().splitlines())}
    with tempfile.TemporaryDirectory(prefix="besom-corpus-") as scratch:
        folder = pathlib.Path(scratch)
        shutil.copy(HERE / "own/008.yaml", folder)
        (folder / "train.py").touch(mode=0o755)
        for spoil in (None, verdict, warnings, distributions, grid_points, argv):
            row = json.loads(json.dumps(rows["008"]))
            if spoil:
                spoil(row)
            (folder / "expect.jsonl").write_text(json.dumps(row) + "\n")
            code, said = compare(folder)
            word = spoil.__name__.replace("_", " ") if spoil else ""
            if code != bool(spoil) or bool(said) != bool(spoil) or (spoil and word not in said[0]):
                print("with a wrong %s: exit %d, %s" % (word or "nothing", code, said))
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
