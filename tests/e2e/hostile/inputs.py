# SPDX-License-Identifier: GPL-3.0-or-later
"""Spec files that mean harm, or that a broken program wrote, and what besom has to say of each.

input_test.py holds besom to the words, and tests/bench/hostile_bench.py measures time and memory of the same."""
import os

MEGA = 1 << 20
FULL = MEGA - 300  # as much as a spec may hold, and room for what stands around it
HEAD = b"command: [sh, -c, ':', '${args}']\nmethod: random\nparameters:\n"
GRID = HEAD.replace(b"random", b"grid")

# What several of them come to.
LARGE = "larger than a spec may be (1048576 bytes)"
EXPANDS = "expand to too much"
DEEP = "the file is nested too deeply"
MANY = "the file holds too many values"
LONG = "an integer of more than 64 bits"
NUL = "there is a NUL byte here"
KEY = "a key of more than 1024 bytes"
BYTES = "this is not valid UTF-8"
TAG = "unknown tag"


class Input:
    """make(path) puts it there. besom lint ends with `code`, and `says` is a part of what it says. Where plan is given,
    besom plan says that and ends with plan_code."""

    def __init__(self, name, make, says, code=2, plan=None, plan_code=0):
        self.name, self.says, self.code = name, says, code
        self.plan, self.plan_code = plan, plan_code
        self.make = make if callable(make) else lambda path: write(path, make)


def write(path, content):
    with open(path, "wb") as f:
        f.write(content)


def sparse(path, size):
    with open(path, "wb") as f:
        f.truncate(size)


def letters(path, size):
    with open(path, "wb") as f:
        f.write(HEAD + b"  a: {value: ")
        for _ in range(size // MEGA):
            f.write(b"a" * MEGA)
        f.write(b"}\n")


def leaf(text):
    return HEAD + b"  a: {" + text + b"}\n"


def values(text):
    return leaf(b"values: [" + text + b"]")


def value(text):
    return leaf(b"value: " + text)


def least(text):
    return leaf(b"min: " + text + b", max: -1")


def many(n, text):
    """text with %d from 0 to n - 1."""
    return b"".join(text % i for i in range(n))


def bomb(levels, width):
    lines = [b"a0: &a0 [lol]\n"]
    for i in range(1, levels):
        lines.append(b"a%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * width)))
    return b"".join(lines)


def merge_bomb(levels):
    lines = [b"a0: &a0 {%s}\n" % many(1000, b"k%d: 1, ")]
    for i in range(1, levels):
        lines.append(b"a%d: &a%d {<<: [%s]}\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 9)))
    return b"".join(lines)


def stairs(text):
    """Lines of text, each indented by one more, as many as a spec may hold."""
    return b"".join(b" " * i + text for i in range(1400))


ALIASES = [
    Input("alias bomb, 9 levels of 9", bomb(10, 9), EXPANDS),
    Input("alias bomb, 60 levels of 2", bomb(60, 2), EXPANDS),
    Input("a list of 10,000, used 1,000 times",
          b"a: &a [%s]\nb: [%s]\n" % (b"1, " * 10000, b"*a, " * 1000), EXPANDS),
    Input("a text of 1 MB, used 100 times",
          b"a: &a %s\nb: [%s]\n" % (b"x" * (FULL - 500), b"*a, " * 100), EXPANDS),
    Input("a merge-key bomb", merge_bomb(9), EXPANDS),
    Input("a mapping of 300, merged 10,000 times",
          b"a: &a {%s}\nb: {%s}\n" % (many(300, b"k%d: 1, "), b"<<: *a, " * 10000), EXPANDS),
    Input("60,000 anchors", values(many(60000, b"&a%d 1, ")), "more than 4096 anchors"),
    Input("49,000 aliases", b"a: &a 1\nb: [%s]\n" % (b"*a, " * 49000), "this is not a sweep"),
    Input("an anchor inside of itself", b"a: &a [*a]\n", "*a is inside the value that it refers to"),
    Input("the same in a mapping", b"a: &a {b: *a}\n", "*a is inside the value that it refers to"),
    Input("an alias of nothing", b"a: *b\n", "unknown alias *b"),
    Input("an anchor of 1 MB", b"a: &%s 1\nb: *%s\n" % (b"x" * (FULL // 2), b"x" * (FULL // 2)),
          "this is not a sweep"),
]

NESTING = [
    Input("a million [", b"[" * FULL, DEEP),
    Input("[ and ], deep", b"[" * (FULL // 2) + b"]" * (FULL // 2), DEEP),
    Input("{a: upon {a:", b"{a: " * (FULL // 4), DEEP),
    Input("- upon -, in a line", b"- " * (FULL // 2), DEEP),
    Input("? upon ?, in a line", b"? " * (FULL // 2), DEEP),
    Input("lines indented ever more", stairs(b"a:\n"), DEEP),
    Input("lists indented ever more", stairs(b"-\n"), DEEP),
    Input("parameters nested 60 deep", HEAD + b"".join(
        b" " * (2 + i) + (b"a:\n" if i % 2 == 0 else b"parameters:\n") for i in range(61)),
          "a parameter must be a mapping"),
    Input("330,000 lists in a list", b"[" + b"[]," * (FULL // 3) + b"]", MANY),
]

SIZE = [
    Input("a file of 100 MB of NUL", lambda p: sparse(p, 100 * MEGA), LARGE),
    Input("a scalar of 100 MB", lambda p: letters(p, 100 * MEGA), LARGE),
    Input("a file of one byte too many", lambda p: sparse(p, MEGA + 1), LARGE),
    Input("a scalar of 1 MB", value(b"a" * FULL), "", 0),
    Input("a scalar of 1 MB in quotes", value(b'"' + b"a " * (FULL // 2) + b'"'), "", 0),
    Input("a block scalar of 1 MB", HEAD + b"  a:\n    value: |\n" + b"      a\n" * (FULL // 8), "", 0),
    Input("a scalar of escapes", value(b'"' + b"\\U0001F600" * (FULL // 10) + b'"'), "", 0),
    Input("a key of 1 MB", HEAD + b"  ? " + b"a" * FULL + b"\n  : {value: 1}\n", KEY),
    Input("a field's name of 1 MB", HEAD + b"  a:\n    ? " + b"a" * FULL + b"\n    : 1\n",
          KEY),
    Input("a key of 1,000 bytes of escape sequences",
          HEAD + b"  a:\n    ? \"" + b"\\e[31m" * 200 + b"\"\n    : 1\n", "is not a field of a parameter"),
    Input("a method's name of 1 MB", b"method: " + b"a" * FULL, "method"),
    Input("a line of 500,000 numbers", values(b"1," * (FULL // 2)), MANY),
    Input("a line of 200,000 numbers", values(b"1," * 200000), MANY),
    Input("45,000 numbers, one a line",
          HEAD + b"  a:\n    values:\n" + many(45000, b"    - %d\n"), "", 0),
    Input("120,000 keys without values", HEAD + b"  {" + many(120000, b"k%d,") + b"}", MANY),
    Input("70,000 parameters that are none", HEAD + many(70000, b"  k%d: 1\n"), MANY),
    Input("20,000 parameters that are none", HEAD + many(20000, b"  k%d: 1\n"),
          "a parameter must be a mapping"),
    Input("5,000 parameters", HEAD + many(5000, b"  k%d: {value: 1}\n"), "more than 4096 parameters"),
    Input("60,000 times the same key", HEAD + b"  k: {value: 1}\n" * 60000, MANY),
    Input("12,000 times the same key", HEAD + b"  k: {value: 1}\n" * 12000, "duplicate key", 0),
    Input("8,000 values that repeat a mapping", values(b"{a: 1, b: 2}," * 8000), "", 0),
    Input("260,000 comments", HEAD + b"# x\n" * (FULL // 4) + b"  a: {min: 1, max: 0}\n", "min 1 is not less"),
    Input("a comment of 1 MB", HEAD + b"#" + b"x" * FULL + b"\n  a: {min: 1, max: 0}\n", "min 1 is not less"),
    Input("a million empty lines", HEAD + b"\n" * FULL + b"  a: {min: 1, max: 0}\n", "min 1 is not less"),
    Input("a million spaces", HEAD + b" " * FULL + b"a: {min: 1, max: 0}\n", "min 1 is not less"),
    Input("a million tabs", HEAD + b"\t" * FULL + b"a: {min: 1, max: 0}\n", "tab cannot indent"),
    Input("260,000 documents", b"---\n" * (FULL // 4), "second document"),
    Input("200,000 directives", b"%A b\n" * (FULL // 5), "directive"),
    Input("60,000 %TAG directives", many(60000, b"%%TAG !a%d! b\n") + b"--- 1\n", "too many %TAG directives"),
    Input("a tag of 1 MB", b"%TAG !e! " + b"x" * (FULL // 2) + b"\n---\n[" + b"!e!a 1," * 50000 + b"]", TAG),
]

BYTE = [
    Input("nothing", b"", "the file is empty"),
    Input("NUL", b"method: ra\0ndom\n", NUL),
    Input("NUL after 1 MB", HEAD + b"# \n" * (FULL // 3) + b"\0", NUL),
    Input("an escaped NUL", b'method: "\\0"\n', "the text contains a NUL character"),
    Input("invalid UTF-8", b"method: \xff\xfe\n", BYTES),
    Input("Latin-1 after 1 MB", HEAD + b"# \n" * (FULL // 3) + b"a: caf\xe9\n", BYTES),
    Input("half a surrogate pair", b"method: \xed\xa0\x80\n", BYTES),
    Input("UTF-16, which YAML may be", b"\xff\xfe" + "method: 1\n".encode("utf-16-le"), "`method` must be"),
    Input("UTF-16 without its mark", "method: 1\n".encode("utf-16-be"), NUL),
    Input("UTF-16, half of a unit", b"\xff\xfem\0e", BYTES),
    Input("UTF-32", "method: 1\n".encode("utf-32"), ""),
    Input("tabs", b"method: random\nparameters:\n\ta: {value: 1}\n", "tab cannot indent"),
    Input("a tab after a colon", b"method:\trandom\n", "there is a tab here"),
    Input("an escape sequence", b"method: \x1b[31mrandom\n", "control character"),
    Input("an image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", NUL),
    Input("a program", b"\x7fELF\x02\x01\x01\0\0\0", NUL),
]

MEANING = [
    Input("4,090 parameters of 3 values", HEAD + many(4090, b"  p%d: {values: [1, 2, 3]}\n"), "", 0),
    Input("4,090 floats by sobol", HEAD.replace(b"random", b"sobol") + many(4090, b"  p%d: {min: 0.0, max: 1.0}\n"), "", 0),
    Input("duplicate keys", HEAD + b"  a: {value: 1}\n  a: {value: 2}\n", "duplicate key", 0),
    Input("keys that collide", HEAD + b"  a:\n    value: {1: a, '1': b}\n", "duplicate key", 0),
    Input("true and 'true' as keys", HEAD + b"  a:\n    value: {true: a, 'true': b}\n",
          "duplicate key", 0),
    Input("a list as a key", value(b"{[1]: 2}"), "cannot be a key"),
    Input("a mapping as a key", b"? {a: 1}\n: 2\n", "cannot be a key"),
    Input("!!python/object", b"a: !!python/object/apply:os.system ['echo x']\n", TAG),
    Input("!!python/name", b"a: !!python/name:os.system\n", TAG),
    Input("100,000 tags", values(b"!x 1," * 100000), TAG),
    Input("two documents", b"method: grid\n---\nmethod: random\n", "second document"),
    Input("an integer of 1 MB", least(b"9" * FULL), LONG),
    Input("a float of 1 MB", least(b"0." + b"9" * FULL), "min 1.0 is not less than max"),
    Input("a float of 1 MB of zeros", least(b"0." + b"0" * FULL + b"1"), "min 0.0 is not less than max"),
    Input("a hexadecimal number of 1 MB", least(b"0x" + b"f" * FULL), LONG),
    Input("an integer of base 60 of 1 MB", least(b"1" + b":59" * (FULL // 3)), LONG),
    Input("a float of base 60 of 1 MB", least(b"1" + b":59" * (FULL // 3) + b".5"), "a finite number"),
    Input("a million _", least(b"0x" + b"_" * FULL), "a number without digits"),
    Input("an exponent of 1 MB", least(b"1e" + b"9" * FULL), "a finite number"),
    Input("a number of 1 MB in quotes", least(b"'" + b"9" * FULL + b"'"), "must be a number"),
    Input("60,000 dates", values(b"2001-01-01," * 60000), "YAML reads this as a date"),
    Input("45,000 octal numbers", values(b"010," * 45000), "octal", 0),
    Input("a grid of more than 2^63 points", GRID + many(70, b"  k%d: {values: [1, 2]}\n"),
          "about 10^21 points and would never end"),
    Input("a range of 2^64 integers", GRID + b"  a: {min: -9223372036854775808, max: 9223372036854775807}\n",
          "more than 2^63 integers"),
    Input("min above max", leaf(b"min: 2, max: 1"), "min 2 is not less than max 1"),
    Input("the logarithm of zero", leaf(b"distribution: log_uniform_values, min: 0, max: 1"),
          "there is no logarithm of 0"),
    Input("e to the millionth", leaf(b"distribution: log_uniform, min: 0, max: 1000000.0"), "too large"),
    Input("probabilities of NaN", leaf(b"values: [1, 2], probabilities: [.nan, .nan]"), "a finite number"),
    Input("45,000 probabilities", leaf(b"values: [1], probabilities: [%s]" % (b"1," * 45000)),
          "1 values and 45000 probabilities"),
    Input("a q of zero", leaf(b"distribution: q_uniform, min: 0, max: 1, q: 0"), "q must be above 0"),
    Input("a q of next to nothing", leaf(b"distribution: q_uniform, min: 0, max: 1, q: 1.0e-308"), "", 0),
    Input("the widest range", leaf(b"min: -1.7e+308, max: 1.7e+308"), "too wide for a float"),
]

THREES = many(30, b"  p%d: {values: [1, 2, 3]}\n")
X = b"  x: {values: [1, 2]}\n"
WORDS = b"  x: {values: [%s]}\n" % many(900, b"abcdefghijklmnopqrst%d, ")
OTHERS = many(60, b"'abcdefghijklmnopqrstu%d', ")
CONDITIONS = [
    Input("4000 whens on what is not there", HEAD + many(4000, b"  p%d: {value: 1, when: {q: 1}}\n"),
          "no parameter `q`"),
    Input("a circle of 4000", HEAD + b"".join(b"  p%d: {expr: p%d + 1}\n" % (i, (i + 1) % 4000) for i in range(4000)),
          "again: this is a cycle"),
    Input("a chain of 4000", HEAD + X + b"  p0: {expr: x}\n" +
          b"".join(b"  p%d: {expr: p%d + 1}\n" % (i, i - 1) for i in range(1, 3990)), "", 0),
    Input("3000 conditions on 900 integers",
          HEAD + b"  x: {min: 1, max: 900}\nforbid:\n" + many(3000, b"  - x + %d > 9000\n"),
          "this never holds", 0),
    Input("24,000 values that are none", HEAD + WORDS + many(400, b"  p%%d: {value: 1, when: {x: [%s]}}\n" % OTHERS),
          "is never 'abcdefghijklmnopqrstu0'", 0),
    Input("12,000 texts that are none", HEAD + WORDS + b"forbid:\n" + (b"  - x in [%s]\n" % OTHERS) * 200,
          "is never 'abcdefghijklmnopqrstu0'", 0),
    Input("terms beyond their number", HEAD + X + b"forbid:\n" + (b"  - " + b"x+" * 2000 + b"x > 5\n") * 200,
          "too long in total"),
    Input("a condition of 1 MB", HEAD + X + b"forbid: ['" + b"x+" * (FULL // 2 - 500) + b"x > 5']\n",
          "longer than 4096 bytes"),
    Input("1000 parentheses", HEAD + X + b"forbid: ['" + b"(" * 1000 + b"']\n", "nested too deeply"),
    Input("3000 signs", HEAD + X + b"  y: {expr: '" + b"-" * 3000 + b"x'}\n", "nested too deeply"),
    Input("foreign signs by the thousand", HEAD + X + b"forbid: ['" + b"x = 1 && " * 400 + b"x ^ 1']\n", "write `==`"),
    Input("a power without end", HEAD + X + b"  y: {expr: 9 ** 9 ** 9 ** x}\n", "more than 64 bits"),
    Input("nothing is left", HEAD + X + b"forbid: [x > 0]\n", "every point is forbidden"),
    Input("8 conditions of 60 names", HEAD + many(60, b"  p%d: {values: [0, 1]}\n") +
          b"forbid:\n" + (b"  - " + many(60, b"p%d + ") + b"0 > 59\n") * 8, "", 0),
    Input("4,000 parameters, each in need of the one before",
          GRID + b"  p0: {values: [1, 2]}\n" + b"".join(
              b"  p%d: {values: [1, 2], when: {p%d: 1}}\n" % (i, i - 1) for i in range(1, 4000)), "4001 points", 0),
    Input("a condition that ties 3^30 points together", GRID + THREES + b"forbid: ['"
          + b" + ".join(b"p%d" % i for i in range(30)) + b" != 31']\n", "combinations"),
    Input("a condition that leaves one in 10^18", GRID + b"  a: {min: 1, max: 1000000000}\n"
          b"  b: {min: 1, max: 1000000000}\nforbid: ['a + b < 1999999999']\n", "combinations"),
    Input("whens of 3,600 bytes on 12,000 values", GRID + b"  x: {min: 1, max: 12000}\n" + b"".join(
        b"  p%d: {values: [1, 2], when: %sx > %d}\n" % (i, b"x + " * 900, i) for i in range(10)), "combinations"),
    Input("400 whens that each tell 12,000 values apart", GRID + b"  x: {min: 1, max: 12000}\n"
          + many(400, b"  p%d: {values: [1, 2], when: 'x > 4'}\n"), "combinations"),
    Input("400 lists of when, of 60 of 900 values each", HEAD + WORDS + b"".join(
        b"  p%d: {value: 1, when: {x: [%s]}}\n" % (i, b"".join(
            b"abcdefghijklmnopqrst%d, " % ((i * 31 + k * k * 17) % 900) for k in range(60))) for i in range(400)), "", 0),
    Input("5,000 conditions", GRID + many(10, b"  p%d: {values: [1, 2, 3]}\n") + b"forbid:\n"
          + b"- {p0: 1, p1: [2, 3]}\n" * 5000, "45927 points", 0),
]

FLOATS = b"".join(b"  p%d: {min: 0.0, max: 1.0}\n" % i for i in range(4000))
REFUSED = "draws in a row were refused (`forbid: "
DRAWS = [
    Input("a corner of a square", HEAD + b"  x: {min: 0.0, max: 1.0}\n  y: {min: 0.0, max: 1.0}\nforbid: [x + y > 0.0001]\n",
          "10000 " + REFUSED, 2, "10000 " + REFUSED, 2),
    Input("a corner in 4,000 dimensions", HEAD + FLOATS + b"forbid: [p1 + p2 > 0.0001]\n", "no more were tried", 0,
          "no more were tried"),
    Input("a corner in 4,000 dimensions, by sobol", HEAD.replace(b"random", b"sobol") + FLOATS + b"forbid: ['"
          + b" + ".join(b"p%d" % i for i in range(600)) + b" > 9']\n", "no more were tried", 0, "no more were tried"),
    Input("five points of 900,000, which no one can count",
          HEAD + b"  x: {min: 1, max: 1000}\n  y: {min: 1, max: 900}\nforbid: [x + y > 5]\n", "", 0, REFUSED, 2),
    Input("one point of a million has nearly all chances", HEAD + b"  x: {values: [%s], probabilities: [0.999001%s]}\n"
          % (many(1000, b"%d, "), b", 0.000001" * 999) + b"  y: {value: 1, when: {x: [%s]}}\n  z: {min: 1, max: 1000, when: {x: [1, 2]}}\n"
          % many(999, b"%d, "), "", 0, "the first 3"),
    Input("three million points of 90 billion", HEAD + b"  x: {min: 1, max: 100}\n  y: {min: 1, max: 900}\n"
          b"  z: {min: 1, max: 1000000}\nforbid: [x + y > 3]\n", "3000000 points", 0, ""),
]

SLIPS = [
    Input("40,000 macros that are none", HEAD.replace(b"sh, -c", b"'${argz}', " * 40000 + b"x")
          + b"  a: {value: 1}\n", "is not a macro", 0),
    Input("500,000 times ${ in an argument", HEAD.replace(b"sh, -c", b"sh, 'x%s', -c" % (b"${" * (FULL // 2)))
          + b"  a: {value: 1}\n", "", 0),
    Input("the same, and one } behind it", HEAD.replace(b"sh, -c", b"sh, 'x%s}', -c" % (b"${" * (FULL // 2)))
          + b"  a: {value: 1}\n", "", 0),
    Input("5,000 macros that are none, and 4,000 parameters", HEAD.replace(b"sh, -c", b"'${argz}', " * 5000 + b"x")
          + many(4000, b"  p%d: {value: 1}\n"), "is not a macro", 0),
    Input("marks without width, 4,000 a word", HEAD + b"  w: {parameters: {%s}}\n" % many(
        100, b"q%d: {vaules: [1], d: '" + "\u0301".encode() * 4000 + b"'}, "), "is not a field of a parameter"),
    Input("40,000 macros without quotes in a line", values(b"${args}, " * 40000), "a macro must be in quotes"),
    Input("a bracket that is not closed, behind 1 MB", HEAD + b"  " + many(60000, b"# %d ") + b"\n  a: {value: '"
          + b"x" * (FULL - 800000) + b"', b: [1\n", "is not closed"),
    Input("a bracket closed by another, behind 500 KB", HEAD + b"  a: {value: '" + b"x" * 500000 + b"', b: [1}}\n",
          "is not closed"),
    Input("a star behind 500 KB", HEAD + b"  a: {value: '" + b"x" * 500000 + b"', b: *.txt}\n", "in quotes"),
    Input("a lone word under a million empty lines", HEAD + b"\n" * (FULL - 100) + b"  lone\n  a: {value: 1}\n",
          "a ':' is missing"),
    Input("20,000 keys that are none", HEAD + b"  a: {value: 1}\n" + many(20000, b"k%d: 1\n"),
          "is not a key of a sweep", 0),
    Input("4,000 times nearly right fields",
          HEAD + many(4000, b"  p%d: {vaules: [1], distributon: x, minn: 1}\n"), "is not a field of a parameter"),
    Input("3,000 names nearly right", HEAD + b"".join(
        b"  parameter_number_%d: {value: 1, when: {parametre_nomber_%d: 1}}\n" % (i, i) for i in range(3000)),
        "there is no parameter"),
    Input("2,000 patterns", HEAD + b"  a: {value: 1}\nreport: {stdout: [%s]}\n"
          % (b"'(?<loss>(a{1,100}){1,100}b)', " * 2000), "64 are allowed"),
    Input("a variable's name with =", HEAD + b"  a: {value: 1}\nenv: {'A=B': 1}\n", "must not be empty or contain"),
    Input("escape sequences and line ends in names",
          HEAD + b'  "a\\e[31m%s%n\\nerror: b": {vaules: 1}\nmetric: {name: "\\r\\e]0;x\\a%n", goal: "\\e[2J"}\n',
          "is not a field of a parameter"),
    Input("a folder's name of 100 KB", HEAD + b"  a: {value: 1}\nworkdir: " + b"x/" * 50000 + b"\n", "there is no folder", 0),
]

PATHS = [
    Input("a folder", os.mkdir, "is a folder"),
    Input("a pipe", os.mkfifo, "is a pipe"),
    Input("/dev/zero", lambda p: os.symlink("/dev/zero", p), "is a device"),
    Input("a link to itself", lambda p: os.symlink(p, p), "symbolic links", None),
    Input("no such file", lambda p: None, "No such file", None),
]

GROUPS = {"aliases": ALIASES, "nesting": NESTING, "size": SIZE, "bytes": BYTE, "meaning": MEANING,
          "conditions": CONDITIONS, "draws": DRAWS, "slips": SLIPS, "paths": PATHS}
