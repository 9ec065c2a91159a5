# SPDX-License-Identifier: GPL-3.0-or-later
"""What the style checks share: the tree's files, its layers, and how a finding is told."""

import os
import re
import sys

# A layer may include itself and what stands here: base < expr < sweep < language < strategies | analysis | protocol | net
# < orchestrator | agent < cli. The four in the middle never see one another, nor do the two above.
LAYERS = {
    "base": [],
    "expr": ["base"],
    "sweep": ["expr", "base"],
    "language": ["sweep", "expr", "base"],
    "strategies": ["language", "sweep", "expr", "base"],
    "analysis": ["sweep", "expr", "base"],
    "protocol": ["sweep", "base"],
    "net": ["sweep", "base"],
    "orchestrator": ["strategies", "analysis", "protocol", "net", "language", "sweep", "base"],
    "agent": ["protocol", "net", "language", "sweep", "base"],
    "cli": ["orchestrator", "agent", "analysis", "strategies", "protocol", "net", "language", "sweep", "expr", "base"],
}

NOT_OURS = {".git", "build", ".besom", "__pycache__", "node_modules", ".venv"}


def files(root, *suffixes, under=None):
    """Relative paths of the tree's files that end so, sorted."""
    found = []
    for folder in sorted(under) if under else [""]:
        for where, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = [f for f in folders if f not in NOT_OURS and not f.endswith(".egg-info")]
            here = os.path.relpath(where, root)
            for name in names:
                if not suffixes or name.endswith(suffixes):
                    found.append(os.path.normpath(os.path.join(here, name)))
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


_NOT_CODE = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)


def code(text):
    """The C text with comments and literals blanked, lines kept."""
    return _NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


class Findings:
    """Collects what is wrong, prints it as file:line: sentences, gives the exit status."""

    def __init__(self, check):
        self.check = check
        self.wrong = []

    def add(self, path, line, sentence):
        self.wrong.append(f"{path}:{line}: {sentence}" if line else f"{path}: {sentence}")

    def end(self, looked_at):
        for sentence in self.wrong:
            print(sentence)
        print(f"{self.check}: {looked_at}, {len(self.wrong)} wrong")
        if not looked_at or looked_at.startswith("0 "):
            print(f"{self.check}: nothing to look at is a failure too")
            return 1
        return 1 if self.wrong else 0


def main(run):
    """run(root) -> exit status; the root is the first argument, else the checkout of this script."""
    default = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(run(os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else default))
