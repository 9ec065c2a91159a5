# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on a terminal after these bytes: a small one, with the sequences that besom writes and no others."""
import re
import unicodedata

SEQUENCE = re.compile(r"\x1b\[(\??)([\d;]*)([A-Za-z])")


class Screen:
    """Without `columns` and `lines`, it is as wide and as high as what it holds, and nothing scrolls or wraps."""

    def __init__(self, columns=None, lines=None):
        self.columns, self.height = columns, lines
        self.rows, self.row, self.column = [[]], 0, 0
        self.other = None  # what stood on the screen of the shell
        self.alternate = self.hidden = False
        self.strange = []  # sequences that besom should not write
        self.wrapped = []  # lines that were too long
        self.scrolled = []  # lines that are above the screen by now
        self.colours = []  # sequences that set one
        self.rest = ""

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                match = SEQUENCE.match(text, at)
                if not match and len(text) - at < 12:
                    self.rest = text[at:]
                    return
                if not match:
                    self.strange.append(text[at:at + 12])
                    at += 1
                    continue
                self.sequence(*match.groups())
                at = match.end()
                continue
            self.put(text[at])
            at += 1

    def line(self):
        while self.row >= len(self.rows):
            self.rows.append([])
        return self.rows[self.row]

    def put(self, c):
        if c == "\n":
            self.row, self.column = self.row + 1, 0
            if self.height and self.row >= self.height:
                self.line()
                self.scrolled.append("".join(self.rows.pop(0)))
                self.row -= 1
            return
        if c == "\r":
            self.column = 0
            return
        if ord(c) < 32:
            self.strange.append(repr(c))
            return
        if unicodedata.combining(c):
            line = self.line()
            if 0 < self.column <= len(line):
                line[self.column - 1] += c
            return
        width = 2 if unicodedata.east_asian_width(c) in "WF" else 1
        if self.columns and self.column + width > self.columns:
            self.wrapped.append("".join(self.line()))
            self.put("\n")
        line = self.line()
        line.extend([" "] * (self.column + width - len(line)))
        line[self.column] = c
        if width == 2:
            line[self.column + 1] = ""
        self.column += width

    def sequence(self, private, numbers, letter):
        n = int(numbers.split(";")[0] or 0) if numbers else 0
        if private:
            if n == 1049 and (letter == "h") != self.alternate:
                self.alternate = letter == "h"
                here = (self.rows, self.row, self.column)
                self.rows, self.row, self.column = self.other or ([[]], 0, 0)
                self.other = here
            elif n == 25:
                self.hidden = letter == "l"
            else:
                self.strange.append("?%s%s" % (numbers, letter))
        elif letter == "A":
            self.row = max(0, self.row - max(n, 1))
        elif letter == "B":
            self.row += max(n, 1)
        elif letter == "G":
            self.column = max(n, 1) - 1
        elif letter == "H":
            self.row = self.column = 0
        elif letter == "K":
            del self.line()[self.column:]
        elif letter == "J":
            if n == 2:
                self.rows = [[]]
            else:
                del self.line()[self.column:]
                del self.rows[self.row + 1:]
        elif letter == "m":
            if re.search(r"(^|;)([349]\d|10\d)(;|$)", numbers):
                self.colours.append(numbers)
        else:
            self.strange.append(numbers + letter)

    def text(self):
        return "\n".join(self.lines())

    def lines(self):
        lines = ["".join(row).rstrip() for row in self.rows]
        while lines and not lines[-1]:
            lines.pop()
        return lines


def shown(text):
    """The lines that stand on the terminal in the end."""
    screen = Screen()
    screen.feed(text.replace("\r\n", "\n"))
    return screen.lines()
