#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pictures.py FOLDER: takes the pictures of docs/guide/dashboard.md from a running page, with few colours.
Its environment is that of web_test.py."""
import collections
import os
import pathlib
import struct
import sys
import tempfile
import zlib

import web_test

TRIALS = 200
TAKEN = {"brush": "dashboard-sweep.png", "trial": "dashboard-trial.png"}


def decoded(data):
    """(width, height, rows of colours) of a PNG of 8 bits a channel."""
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, form = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    size = {2: 3, 6: 4}[form]
    raw, rows, before = zlib.decompress(packed), [], bytearray(width * size)
    for y in range(height):
        start = y * (width * size + 1)
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + width * size])
        for i in range(len(line)):
            a, b, c = line[i - size] if i >= size else 0, before[i], before[i - size] if i >= size else 0
            if kind == 1:
                line[i] = (line[i] + a) & 255
            elif kind == 2:
                line[i] = (line[i] + b) & 255
            elif kind == 3:
                line[i] = (line[i] + (a + b) // 2) & 255
            elif kind == 4:
                p = a + b - c
                line[i] = (line[i] + min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]) & 255
        rows.append([bytes(line[i:i + 3]) for i in range(0, len(line), size)])
        before = line
    return width, height, rows


def encoded(width, height, rows):
    """The same with the 128 colours that most pixels have, or nearly have."""
    coarse = lambda c: bytes(min(255, (x + 25) // 51 * 51) for x in c)
    exact = collections.Counter(c for row in rows for c in row)
    keep = [c for c, _ in exact.most_common(32)]
    rough = collections.Counter()
    for c, n in exact.items():
        rough[coarse(c)] += n
    keep += [c for c, _ in rough.most_common(96) if c not in keep]
    place = {}
    for c in exact:
        place[c] = min(range(len(keep)), key=lambda i: sum((x - y) ** 2 for x, y in zip(c, keep[i])))
    lines = b"".join(b"\0" + bytes(place[c] for c in row) for row in rows)
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)) +
            chunk(b"PLTE", b"".join(keep)) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))


def main():
    out = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        os.environ["BESOM_PICTURES"] = folder
        rc = web_test.run(pathlib.Path(folder), "page", TRIALS)
        for name, to in TAKEN.items() if rc == 0 else ():
            (out / to).write_bytes(encoded(*decoded((pathlib.Path(folder) / (name + ".png")).read_bytes())))
            print("%s: %d bytes" % (to, (out / to).stat().st_size))
    return rc


if __name__ == "__main__":
    sys.exit(main())
