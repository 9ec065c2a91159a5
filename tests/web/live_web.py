#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""live_web.py [TRIALS]: live_test.mjs, with an agent and a sweep that runs. In the long form the sweep has so many trials, and
stream_web.py follows."""
import pathlib
import subprocess
import sys

import stage

if __name__ == "__main__":
    failed = stage.played("live", *map(int, sys.argv[1:]))
    if not failed and len(sys.argv) > 1:
        failed = subprocess.call([sys.executable, "-B", pathlib.Path(__file__).with_name("stream_web.py"), sys.argv[1]])
    sys.exit(failed)
