#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes histories.jsonl: what sweeps 0.3.0 decides of the first histories of tests/differential/stops.py.
Needs what tests/differential/requirements.txt names: tests/data/hyperband/make.py > histories.jsonl"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "differential"))
import engine  # noqa: E402
import stops  # noqa: E402

HISTORIES = 30


def main():
    engine.install()
    for seed in range(HISTORIES):
        made = stops.history(seed)
        print(json.dumps(dict(made, stops=stops.decide(made)), separators=(",", ":")))


if __name__ == "__main__":
    main()
