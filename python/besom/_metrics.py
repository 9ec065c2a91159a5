# SPDX-License-Identifier: MIT
"""Metrics as text: which values are numbers, how lines are written, and where they go.

docs/guide/metrics.md describes the format. This module knows no trials or sweeps.
"""
from __future__ import annotations

import json
import math
import operator
import os
import sys
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple, Union

Number = Union[int, float, str]

# besom refuses lines of 64 KiB (docs/guide/metrics.md); a longer record is split.
LINE_BYTES = 60000
EXACT_INT = 2**53  # a double holds all integers up to here
WARNINGS = 100

_warned: Set[str] = set()


def warn(topic: str, text: str) -> None:
    """Print `text` on stderr, once a topic. Not `warnings`: a filter can make those raise."""
    if topic in _warned or len(_warned) >= WARNINGS:
        return
    _warned.add(topic)
    try:
        print("besom: " + text, file=sys.stderr, flush=True)
    except Exception:
        pass


def number(value: Any) -> Optional[Number]:
    """`value` for JSON: an int, a float, or a name ("NaN", "Infinity"); None if not a number."""
    if isinstance(value, (str, bytes, bytearray)) or value is None:
        return None
    try:
        whole = operator.index(value)
        if -EXACT_INT <= whole <= EXACT_INT:
            return int(whole)
    except Exception:
        pass
    try:
        real = float(value)
    except Exception:
        return None
    if math.isfinite(real):
        return real
    return "NaN" if math.isnan(real) else "Infinity" if real > 0 else "-Infinity"


def flatten(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[Tuple[str, Any]]:
    """The leaves of nested mappings, named `outer.inner`."""
    for key, value in metrics.items():
        name = prefix + str(key)
        if isinstance(value, Mapping):
            yield from flatten(value, name + ".")
        else:
            yield name, value


def numbers(metrics: Mapping[str, Any]) -> Dict[str, Number]:
    """All numbers in `metrics`, flattened. Others are dropped, with one warning for each name."""
    kept: Dict[str, Number] = {}
    for name, value in flatten(metrics):
        text = number(value)
        if text is None:
            kind = type(value).__name__
            warn("value " + name, "dropped metric '%s': type %s is not a number" % (name, kind))
        else:
            kept[name] = text
    return kept


def lines(step: int, time: Optional[float], values: Dict[str, Number]) -> List[bytes]:
    """The lines that report `values` at `step`: several if one would be too long."""
    head = '{"step": %d' % step + ("" if time is None else ', "_time": %.6f' % time)
    records: List[bytes] = []
    body, size = [head], len(head)
    for name, value in values.items():
        item = json.dumps(name) + ": " + json.dumps(value)
        if len(head) + len(item) > LINE_BYTES:
            warn("length", "dropped metric '%.40s...': its name is too long" % name)
            continue
        if size + len(item) > LINE_BYTES:
            records.append((", ".join(body) + "}\n").encode("ascii"))
            body, size = [head], len(head)
        body.append(item)
        size += len(item) + 2
    records.append((", ".join(body) + "}\n").encode("ascii"))
    return records


class File:
    """Appends lines to the metrics file, each with one write, so lines of two writers never mix."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        self._identity: Tuple[int, int] = (0, 0)
        self._torn = False

    def write(self, line: bytes) -> None:
        """Append one line; OSError if it was not written whole."""
        fd = self._descriptor()
        # After a line that a full disk cut short, begin a new one.
        data = b"\n" + line if self._torn else line
        written = os.write(fd, data)
        self._torn = written < len(data) and (self._torn or written > 0)
        if written < len(data):
            raise OSError("only %d of %d bytes were written" % (written, len(data)))

    def _descriptor(self) -> int:
        # A script that closes all descriptors (to become a daemon, for example) may have reused our
        # number for a file of its own, which must not get our lines.
        if self._fd >= 0:
            try:
                now = os.fstat(self._fd)
                if (now.st_dev, now.st_ino) == self._identity:
                    return self._fd
            except OSError:
                pass
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        opened = os.fstat(self._fd)
        self._identity = (opened.st_dev, opened.st_ino)
        return self._fd


class Screen:
    """Prints the lines, in a script that was started by hand."""

    def write(self, line: bytes) -> None:
        sys.stdout.write(line.decode("ascii"))
        sys.stdout.flush()
