#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""stream_web.py [TRIALS]: stream_test.mjs, with an agent whose trials report. The long form has a sweep of so many trials,
and then the facts of an hour in a sweep of 200."""
import sys

import stage

if __name__ == "__main__":
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    sys.exit(stage.played("stream", trials) or (trials > 0 and stage.played("stream", 200, slots=50)))
