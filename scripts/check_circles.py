#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No circles: units depend on one another in one direction only, and no folder holds too many files.

A unit is a.c with its a.h. It depends on the units whose headers it includes and on those whose symbols
its object refers to, as the archives of a build show it."""

import glob
import os
import re
import sys

import archive
import tree

FOLDER_FILES = 30
# Folders that may hold more, each with the reason why what its files do does not part it.
LARGE_FOLDERS = {}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def unit(path):
    return path.rsplit(".", 1)[0]


def sources(root):
    return tree.files(root, ".c", ".h", under=[l for l in tree.LAYERS if os.path.isdir(os.path.join(root, l))])


def included(root, paths, why):
    for path in paths:
        for header in INCLUDE.findall(tree.read(root, path)):
            why.setdefault((unit(path), unit(header)), f'includes "{header}"')


def members(build, paths):
    """(unit, member) of each object; a name that two files of a layer share cannot be told apart."""
    found, named = [], {}
    for path in paths:
        if path.endswith(".c"):
            named.setdefault((path.split("/")[0], os.path.basename(path)), []).append(path)
    for layer in tree.LAYERS:
        for library in sorted(glob.glob(os.path.join(build, layer, "**", "lib*.a"), recursive=True)):
            for member in archive.read(library):
                homes = named.get((layer, member.source()), [])
                if len(homes) != 1:
                    raise SystemExit(f"circles: {member}: {len(homes)} files of {layer}/ have this name")
                found.append((unit(homes[0]), member))
    return found


def referred(objects, why):
    home = {symbol: name for name, member in objects for symbol in member.exported}
    for name, member in objects:
        for symbol in sorted(member.needed):
            if symbol in home:
                why.setdefault((name, home[symbol]), f"needs {symbol}")


def circles(why):
    """The strongly connected parts of more than one unit (Tarjan, Depth-first search, 1972)."""
    edges = {}
    for a, b in why:
        if a != b:
            edges.setdefault(a, []).append(b)
    index, low, stack, found = {}, {}, [], []

    def visit(a):
        index[a] = low[a] = len(index)
        stack.append(a)
        for b in sorted(edges.get(a, [])):
            if b not in index:
                visit(b)
                low[a] = min(low[a], low[b])
            elif b in stack:
                low[a] = min(low[a], index[b])
        if low[a] == index[a]:
            at = stack.index(a)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for a in sorted(edges):
        if a not in index:
            visit(a)
    return sorted(found)


def one_way_round(circle, why):
    """A shortest way from the first unit of a circle back to it."""
    start, ways, seen = circle[0], [[circle[0]]], set()
    for way in ways:
        for b in circle:
            if (way[-1], b) in why and b == start and len(way) > 1:
                return way + [start]
            if (way[-1], b) in why and b not in seen and b != start:
                seen.add(b)
                ways.append(way + [b])
    return circle


def check_circles(findings, why):
    for circle in circles(why):
        way = one_way_round(circle, why)
        steps = "; ".join(f"{a} {why[(a, b)]}" for a, b in zip(way, way[1:]))
        findings.add(circle[0], 0, f"a circle of {len(circle)} units: {steps}")


def check_folders(findings, paths):
    counts = {}
    for path in paths:
        counts[os.path.dirname(path)] = counts.get(os.path.dirname(path), 0) + 1
    for folder, n in sorted(counts.items()):
        if n > FOLDER_FILES and folder not in LARGE_FOLDERS:
            findings.add(folder, 0, f"{n} C files; {FOLDER_FILES} is the most: part it by what its files do")


def run(root, build):
    findings = tree.Findings("circles")
    paths, why = sources(root), {}
    included(root, paths, why)
    objects = members(build, paths)
    referred(objects, why)
    check_circles(findings, why)
    check_folders(findings, paths)
    return findings.end(f"{len(paths)} files, {len(objects)} objects")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not os.path.isdir(sys.argv[2]):
        sys.exit("usage: check_circles.py ROOT BUILD-FOLDER (a release build)")
    sys.exit(run(sys.argv[1], sys.argv[2]))
