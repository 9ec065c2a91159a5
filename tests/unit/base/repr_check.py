# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads triples of lines, a value as JSON, as repr and as str (the latter quoted as JSON), and holds them
against what this Python makes of the value. A value with characters that this Python's Unicode does not
know is passed over; they count against a share of all."""
import json
import sys
import unicodedata


def unassigned(value):
    if isinstance(value, str):
        return any(unicodedata.category(c) == "Cn" and not is_known_gap(ord(c)) for c in value)
    if isinstance(value, list):
        return any(unassigned(item) for item in value)
    if isinstance(value, dict):
        return any(unassigned(k) or unassigned(v) for k, v in value.items())
    return False


def is_known_gap(c):
    return c & 0xFFFE == 0xFFFE or 0x40000 <= c < 0xE0000


lines = open(sys.argv[1], encoding="utf-8", newline="\n").read().split("\n")[:-1]
checked = passed_over = 0
for at in range(0, len(lines), 3):
    text, ours, ours_str = lines[at:at + 3]
    value = json.loads(text)
    if unassigned(value):
        passed_over += 1
        continue
    for what, got, want in (("repr", ours, repr(value)), ("str", json.loads(ours_str), str(value)),
                            ("json.dumps", text, json.dumps(value))):
        if got != want:
            sys.exit(f"{what}:\n  got  {got}\n  want {want}")
    checked += 1
if checked < int(sys.argv[2]) or passed_over > checked:
    sys.exit(f"only {checked} values were checked, {passed_over} passed over")
