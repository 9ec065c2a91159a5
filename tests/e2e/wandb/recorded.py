# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the history that wandb's client itself recorded, one JSON object a row: recorded.py FILE.wandb

For a python that has wandb. The file is a log of LevelDB's format: blocks of 32 KiB with pieces of records."""
import json
import struct
import sys

from wandb.proto import wandb_internal_pb2

BLOCK, HEADER = 32768, 7
FULL, FIRST, _, LAST = 1, 2, 3, 4


def records(data):
    at, record = HEADER, b""
    while at + HEADER <= len(data):
        if BLOCK - at % BLOCK < HEADER:
            at += BLOCK - at % BLOCK
            continue
        _, size, kind = struct.unpack("<IHB", data[at:at + HEADER])
        if kind in (FULL, FIRST):
            record = b""
        record += data[at + HEADER:at + HEADER + size]
        at += HEADER + size
        if kind in (FULL, LAST):
            yield record


def nest(items):
    row = {}
    for item in items:
        *path, last = list(item.nested_key) or [item.key]
        at = row
        for name in path:
            at = at.setdefault(name, {})
        at[last] = json.loads(item.value_json)
    return row


def flatten(value, prefix=""):
    """Its numbers, those of nested objects too, but nothing of media."""
    if isinstance(value, dict) and "_type" not in value:
        return {k: v for name, inner in value.items() for k, v in flatten(inner, prefix + "." + name).items()}
    return {prefix[1:]: value} if isinstance(value, (bool, int, float)) else {}


def main():
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    for record in records(data):
        message = wandb_internal_pb2.Record()
        message.ParseFromString(record)
        if message.WhichOneof("record_type") == "history":
            print(json.dumps(flatten(nest(message.history.item))))


if __name__ == "__main__":
    main()
