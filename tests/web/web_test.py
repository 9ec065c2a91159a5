#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""web_test.py NAME[:TRIALS]…: NAME_test.mjs against a controller whose store has so many trials (200), for each;
NAME_web.py with that number in its place if there is one. With BESOM_PICTURES, a folder, pictures are left there."""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import HERE, checked, missing  # noqa: E402


def run(folder, name, trials):
    fixture.make(folder / "store", trials)
    return checked(folder, name, trials)


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    for word in sys.argv[1:]:
        name, _, trials = word.partition(":")
        other = HERE / (name + "_web.py")
        if other.exists():
            rc = subprocess.call([sys.executable, "-B", str(other)] + ([trials] if trials else []))
            if rc:
                return rc
            continue
        with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
            rc = run(pathlib.Path(folder), name, int(trials or 200))
        if rc:
            return rc
    return 0


if __name__ == "__main__":
    sys.exit(main())
