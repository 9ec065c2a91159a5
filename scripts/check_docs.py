#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Markdown pages: a link within the tree leads somewhere, so does a page that a source names, and each page
of docs/ can be reached."""

import os
import re

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
NAMED = re.compile(r"(?<![\w/])docs/[\w/-]+\.md\b")
SOURCES = (".c", ".h", ".py", ".sh", ".cmake", ".txt", ".yaml")
LONGEST = {"ARCHITECTURE.md": 250, "README.md": 120}


def links(root, path):
    """(line, target) of the links to files of ours, targets relative to the root."""
    text = CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), tree.read(root, path))
    for m in LINK.finditer(text):
        target = m.group(1).split("#")[0]
        if target and "://" not in target and not target.startswith("mailto:"):
            line = text.count("\n", 0, m.start()) + 1
            yield line, os.path.normpath(os.path.join(os.path.dirname(path), target))


def check_named(findings, root):
    for path in tree.files(root, *SOURCES):
        text = tree.read(root, path)
        for m in NAMED.finditer(text):
            named = os.path.join(root, m.group())
            if not path.startswith("tests/style/") and not os.path.exists(named):
                findings.add(path, text.count("\n", 0, m.start()) + 1, f"names {m.group()}: no such page")


def run(root):
    findings = tree.Findings("docs")
    pages = [p for p in tree.files(root, ".md") if not p.startswith("tests/")]
    linked = set()
    for path in pages:
        for line, target in links(root, path):
            linked.add(target)
            if not os.path.exists(os.path.join(root, target)):
                findings.add(path, line, f"links to {target}, which does not exist")
        lines = tree.read(root, path).count("\n")
        if lines > LONGEST.get(path, lines):
            findings.add(path, lines, f"{lines} lines; {LONGEST[path]} is the most")
    for path in pages:
        reached = path in linked or os.path.dirname(path) in linked
        if path.startswith("docs/") and not reached:
            findings.add(path, 0, "no page links to it")
    check_named(findings, root)
    return findings.end(f"{len(pages)} pages")


if __name__ == "__main__":
    tree.main(run)
