# SPDX-License-Identifier: GPL-3.0-or-later
"""A static archive as nm sees it: what each member defines, exports, needs, and keeps writable."""

import glob
import os
import subprocess

import tree


class Member:
    def __init__(self, archive, name):
        self.archive, self.name = archive, name
        self.exported, self.needed, self.writable = set(), set(), set()

    def source(self):
        """space.c.o -> space.c"""
        return self.name[:-2]

    def __str__(self):
        return f"{self.archive}({self.source()})"


def _note(member, symbol, kind, section):
    if kind == "U" or kind in "wv":
        member.needed.add(symbol)
        return
    if kind.isupper() or kind == "i":  # i: chosen among several forms when the program starts
        member.exported.add(symbol)
    # .data.rel.ro is read-only once loaded: tables of pointers live there.
    constant = section.startswith((".data.rel.ro", ".text", ".rodata")) or section == "*ABS*"
    if not constant and section.startswith((".data", ".bss", ".tbss", ".tdata", "*COM*")):
        member.writable.add(symbol)


def read(path):
    """The members of one archive."""
    text = subprocess.run(
        ["nm", "--format=sysv", path], check=True, capture_output=True, text=True
    ).stdout
    archive = os.path.basename(path).removeprefix("lib")
    members, member = [], None
    for line in text.splitlines():
        if line.rstrip().endswith("]:") and "[" in line:
            member = Member(archive, line[line.rindex("[") + 1 : line.rindex("]")])
            members.append(member)
            continue
        cells = [c.strip() for c in line.split("|")]
        if member and len(cells) == 7 and cells[0] != "Name":
            _note(member, cells[0].split("@")[0], cells[2], cells[6])
    return members


def all_in(build):
    """archive name without lib and .a -> members, for the archives of the layers."""
    found = {}
    for layer in tree.LAYERS:
        for path in sorted(glob.glob(os.path.join(build, layer, "**", "lib*.a"), recursive=True)):
            found[os.path.basename(path)[3:-2]] = read(path)
    return found
