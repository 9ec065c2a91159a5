#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a source file must look like: licence line, guards, sizes, no banned call, nothing left over."""

import re

import tree

HEADER_LINES, FILE_LINES, FUNCTION_LINES, FUNCTION_LINES_AIM = 150, 800, 100, 70

# call -> what to use instead. Everywhere.
BANNED = {
    "strcpy": "buf or memcpy", "strcat": "buf", "strncpy": "buf or memcpy", "strncat": "buf",
    "sprintf": "snprintf or buf", "vsprintf": "vsnprintf or buf", "gets": "fgets",
    "strtok": "a scan of your own", "atoi": "strtol with its end checked", "atol": "strtol",
    "atof": "strtod with its end checked", "alloca": "an arena", "setjmp": "error values",
    "rand": "base/number/rng.h", "srand": "base/number/rng.h", "random": "base/number/rng.h", "drand48": "base/number/rng.h",
    "setlocale": "nothing: numbers are parsed and printed in C's locale",
    "mktemp": "mkstemp", "tmpnam": "mkstemp", "tempnam": "mkstemp",
    "localtime": "localtime_r", "gmtime": "gmtime_r", "ctime": "strftime", "asctime": "strftime",
    "signal": "sigaction", "usleep": "a deadline",
}
# Banned in the product; a test may start what it likes.
BANNED_IN_LAYERS = {
    "system": "posix_spawn with an argv", "popen": "posix_spawn with an argv",
    "malloc": "mem_alloc", "calloc": "mem_alloc", "realloc": "mem_resize", "strdup": "mem_strdup",
}
# Banned under a folder. The reader of specs says what is wrong; what to write instead is the advice's to say.
BANNED_UNDER = {
    "language/reader/": dict.fromkeys(
        ["diags_fix", "diags_edit", "diags_edit_name", "diags_edit_around"],
        "a finding (language/reader/spec_finding.h) and a part of language/advice/"),
}
# Files that may, each for its reason: the allocator itself, and the shim, which links libc alone.
EXEMPT = {"malloc": ["base/mem.c"], "calloc": ["base/mem.c"], "realloc": ["base/mem.c"]}

# A static function's name.
STATIC = re.compile(r"^static\b[^;{}=()]*?\b([a-z0-9_]+)\(", re.MULTILINE)

LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.{}$~-])/(?:work|root|home|Users)/[A-Za-z0-9_.-]+")
HIDDEN = re.compile(r"(?:\.|->)hidden\b")
CALL = re.compile(r"(?<![\w.>])([a-z_0-9]+)\s*\(")
TEXT = (".c", ".h", ".py", ".sh", ".md", ".txt", ".cmake", ".yaml", ".yml", ".json", ".toml", "dev")


def licence(path):
    mit = path.startswith(("python/", "examples/", "configs/"))
    return "SPDX-License-Identifier: " + ("MIT" if mit else "GPL-3.0-or-later")


def check_licence(findings, path, lines):
    first = lines[1:2] if lines and lines[0].startswith("#!") else lines[:1]
    if not first or licence(path) not in first[0]:
        findings.add(path, 1, f"its first line must hold {licence(path)}")


def check_sizes(findings, path, lines):
    limit = HEADER_LINES if path.endswith(".h") else FILE_LINES
    if len(lines) > limit:
        findings.add(path, len(lines), f"{len(lines)} lines; {limit} is the most: split it")
    start = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number
        elif line.rstrip() == "}" and start:
            length = number - start + 1
            if length > FUNCTION_LINES:
                findings.add(path, start, f"a function of {length} lines; {FUNCTION_LINES} is the most")
            elif length > FUNCTION_LINES_AIM:
                print(f"{path}:{start}: note: a function of {length} lines; aim for {FUNCTION_LINES_AIM}")
            start = None


def check_calls(findings, path, text):
    banned = dict(BANNED)
    if path.split("/")[0] in tree.LAYERS:
        banned.update(BANNED_IN_LAYERS)
    for folder, names in BANNED_UNDER.items():
        if path.startswith(folder):
            banned.update(names)
    clean = tree.code(text)
    for m in CALL.finditer(clean):
        name = m.group(1)
        if name in banned and path not in EXEMPT.get(name, []):
            line = clean.count("\n", 0, m.start()) + 1
            findings.add(path, line, f"{name}() is banned: use {banned[name]}")


def check_buffers(findings, path, text):
    """An overflow is overlooked where the bytes are read past buf_str(), buf_finish() and buf_peek()."""
    clean = tree.code(text)
    for m in HIDDEN.finditer(clean):
        if path not in ("base/buf.c", "base/buf.h"):
            line = clean.count("\n", 0, m.start()) + 1
            findings.add(path, line, "`hidden` is base/buf.c's own: read it by buf_finish() or buf_str()")


def check_statics(findings, path, text):
    """A word alone (`send`) tells nothing in a backtrace: the noun belongs to it (`frame_send`)."""
    if path.split("/")[0] not in tree.LAYERS:
        return
    clean, seen = tree.code(text), set()
    for m in STATIC.finditer(clean):
        name = m.group(1)
        if "_" not in name and name not in seen:
            line = clean.count("\n", 0, m.start(1)) + 1
            findings.add(path, line, f"static {name}() tells nothing in a backtrace: name its noun too")
        seen.add(name)


def check_leftovers(findings, path, lines):
    for number, line in enumerate(lines, 1):
        m = LEFT_OVER.search(line)
        if m and not path.startswith("scripts/check_") and not path.startswith("tests/style/"):
            findings.add(path, number, f"{m.group()} is left over: do it, or open an issue")
        m = MACHINE_PATH.search(line)
        if m and not path.startswith("tests/style/"):
            findings.add(path, number, f"{m.group()} is a path of one machine")


def run(root):
    findings = tree.Findings("sources")
    paths = tree.files(root)
    c_files = 0
    for path in paths:
        name = path.rsplit("/", 1)[-1]
        if not name.endswith(TEXT) and "." in name:
            continue
        text = tree.read(root, path)
        lines = text.splitlines()
        if path.endswith((".c", ".h", ".py")) or text.startswith("#!"):
            check_licence(findings, path, lines)
        if path.endswith((".c", ".h")):
            c_files += 1
            check_sizes(findings, path, lines)
            check_calls(findings, path, text)
            check_buffers(findings, path, text)
            check_statics(findings, path, text)
        if path.endswith(".h") and "#pragma once" not in "\n".join(lines[:2]):
            findings.add(path, 2, "a header's second line is #pragma once")
        check_leftovers(findings, path, lines)
    return findings.end(f"{c_files} C files of {len(paths)}")


if __name__ == "__main__":
    tree.main(run)
