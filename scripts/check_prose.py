#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain English: words and phrases that readers stumble over, in Markdown outside of code and in the string literals
and comments of the product's C files, each with what to write instead."""

import re

import tree

# A pattern of words (a space stands for any white space), and what to write instead.
BANNED = [
    (r"obeyed", "supported, or: has no effect"),
    (r"(?<!there\x20)is no (whole )?(number|list|mapping|folder|file|key|metric|text|trial|sweep|store|terminal|JSON)\b", "is not a …"),
    (r"(is|are|has) none of (these|them)", "is not one of these"),
    (r"that there (is|are) not", "unknown, or: missing"),
    (r"that (is|are) none\b", "unknown, or: invalid"),
    (r"stands? (in|behind|beside|before|under) (its|the|a|another|this)\b", "is in, or: must be in"),
    (r"a blank (is|before|after|behind)\b", "a space"),
    (r"behind (this|its|their|the) ('.'|value|key|command|colon|comma|other)", "after"),
    (r"mend(s|ed|ing)?\b", "fixes, corrects"),
    (r"for who\b", "for people who"),
    (r"(goes|go|going|went) on\b", "continues"),
    (r"laws?\b", "distribution"),
    (r"what is (proposed|missing|wrong with it and)\b", "the configuration; SPEC is missing; the mistakes"),
    (r"(is|are) carried out\b", "runs, or: is executed"),
    (r"in silence\b", "silently"),
    (r"is surely (a slip|meant)", "an obvious slip; the meaning is certain"),
    (r"hardly (meant|as it was meant|so meant)", "probably not as intended"),
    (r"(has|have) not been heard of\b", "lost contact with"),
    (r"not so many\b", "fewer"),
    (r"held to (its|the|their|what)\b", "compared with, or: checked against"),
    (r"by no process\b", "interrupted"),
    (r"so it is with\b", "as with"),
    (r"to the bit\b", "bit for bit"),
    (r"otherwise than\b", "unlike"),
    (r"come to (its|their) end\b", "end, or: finish"),
    (r"which way a metric is sought", "the goal of the metric"),
    (r"quotes of books", "typographic quotes"),
    (r"one argument too many", "unexpected argument"),
    (r"(takes|taken) up what", "continues with the changes"),
    (r"(is|are|was|were|has been) begun\b", "started, or: began"),
    (r"(is|are|was|were) taken (for|as)\b", "is read as"),
    (r"takes (it|this|these|them) for\b", "reads it as"),
    (r"stands? (here|there|for nothing|by itself)\b", "is here"),
    (r"is there twice", "duplicate"),
    (r"(has|have) no place\b", "cannot be combined with"),
    (r"(is|are) sought\b", "counts as the best"),
    (r"is that meant", "is that intended?"),
    (r"where it is left out", "Default:"),
    (r"must be [^.;:]*, and (it|this) is", "must be X, not Y"),
    (r"laid over", "a grid needs"),
    (r"(lives|live) there", "is running there"),
    (r"\w+ behind it\b", "after it"),
    (r"nothing finished is", "no finished trial is"),
    (r"says nothing of\b", "does not show, or: does not mention"),
]
TABLE = [(re.compile(r"(?i)\b" + words.replace(" ", r"\s+")), instead) for words, instead in BANNED]

CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
INDENTED = re.compile(r"(?: {4}|\t)\s*(?![-*] |\d+\. )\S")
LITERAL = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)|'(?:\\.|[^'\\\n])+'|(?P<text>\"(?:\\.|[^\"\\\n])*\"(?:\s*\"(?:\\.|[^\"\\\n])*\")*)", re.DOTALL
)
STAR = re.compile(r"(?m)^[ \t]*\*(?!/)")
INCLUDE = re.compile(r"(?m)^#include .*$")
JOINT = re.compile(r"\"(\s*)\"")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def markdown(text):
    """(offset, prose) of the whole page: code is blanked, lines are kept."""
    lines = CODE.sub(lambda m: blank(m.group()), text).split("\n")
    after_text = False  # an indented line after one of text continues it, and is not code
    for i, line in enumerate(lines):
        if INDENTED.match(line) and not after_text:
            lines[i] = ""
        else:
            after_text = line.strip() != "" and not line.startswith("#")
    yield 0, "\n".join(lines)


def literals(text):
    """(offset, words) of each comment and string literal; parts that follow one another are one literal."""
    for m in LITERAL.finditer(text):
        if m.group("comment"):
            yield m.start(), STAR.sub(" ", m.group())
        elif m.group("text"):
            yield m.start(), JOINT.sub(r"\1", m.group("text")).replace("\\n", "  ")


def run(root):
    findings = tree.Findings("prose")
    pages = [p for p in tree.files(root, ".md")]
    sources = [p for p in tree.files(root, ".c", ".h") if p.split("/")[0] in tree.LAYERS]
    for paths, parts in ((pages, markdown), (sources, literals)):
        for path in paths:
            text = INCLUDE.sub(lambda m: blank(m.group()), tree.read(root, path))
            for start, prose in parts(text):
                for words, instead in TABLE:
                    for m in words.finditer(prose):
                        line = text.count("\n", 0, start) + prose.count("\n", 0, m.start()) + 1
                        said = " ".join(m.group().split())
                        findings.add(path, line, f'"{said}": write instead: {instead}')
    return findings.end(f"{len(pages)} pages and {len(sources)} C files")


if __name__ == "__main__":
    tree.main(run)
