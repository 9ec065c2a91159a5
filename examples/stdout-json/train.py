#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sums the first terms of the series for pi; prints one JSON line after each, among other text."""
import argparse
import json
import math

cli = argparse.ArgumentParser()
cli.add_argument("--depth", type=int, default=3)
args = cli.parse_args()

print("starting; this line is not a metric")
total = 0.0
for step in range(4 * args.depth):
    total += 4 * (-1) ** step / (2 * step + 1)
    line = {"step": step, "val": {"loss": abs(total - math.pi)}, "note": "text is ignored"}
    print(json.dumps(line), flush=True)
