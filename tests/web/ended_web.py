#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ended_web.py: ended_test.mjs with the page of `besom run`, which ends when the test asks for it."""
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serving import BESOM, begin, end, environment, missing, tested  # noqa: E402

SPEC = "command: [sh, train.sh]\nmethod: grid\nmetric: {name: loss, goal: minimize}\nparameters: {x: {values: [1, 2, 3, 4]}}\n"
TRAIN = """echo '{"loss": 0.5}' >> "$BESOM_METRICS"
while [ ! -e go ]; do sleep 0.1; done
echo '{"loss": 0.25}' >> "$BESOM_METRICS"
"""


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as name:
        folder = pathlib.Path(name)
        (folder / "sweep.yaml").write_text(SPEC)
        (folder / "train.sh").write_text(TRAIN)
        run = subprocess.Popen([BESOM, "run", "sweep.yaml", "--slots", "2", "--store", "store"], cwd=folder, env=environment(folder),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        link = folder / "store" / "page-link"
        while not link.exists() or not link.read_text().endswith("\n"):
            assert run.poll() is None, "besom run ended before it had a page"
            time.sleep(0.05)
        link, next_one = link.read_text().strip(), None
        address = urllib.parse.urlsplit(link).netloc

        def do(what):
            nonlocal next_one
            if what == "go":
                (folder / "go").touch()
                return "ended with %d" % run.wait(timeout=120)
            next_one, first = begin(folder, address)
            return first["link"]

        try:
            return tested(folder, "ended", link, 0, do=do)
        finally:
            (folder / "go").touch()
            if next_one:
                end(next_one)
            run.wait(timeout=120)


if __name__ == "__main__":
    sys.exit(main())
