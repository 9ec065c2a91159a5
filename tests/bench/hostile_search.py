# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for specs that hold besom up: composes them at random from pieces that are costly to read, and prints those
that take most time and most memory in lint, lint --json, plan and lint --fix.

    BESOM_BUILD=build/release python3 tests/bench/hostile_search.py [SEED [SPECS [FOLDER]]]

The worst are kept in FOLDER (a new one in the temporary folder); what is worth keeping for good goes into
tests/e2e/hostile/inputs.py."""

import os
import random
import subprocess
import sys
import tempfile

BUILD = os.environ["BESOM_BUILD"]
BYTES = (1 << 20) - 1000
SHOWN = 12
COMMANDS = (["lint"], ["lint", "--json"], ["plan"], ["lint", "--fix"])

ODD = ["7", "1e-5", "010", "'w7'", "2001-01-01", "yes", "'> 3'", "[1, 2]", "{a: 1}", "None", "1:30", "*a0", "'1, 2'", "${args}"]
BODIES = ["{value: 1}", "{vaules: [1], distributon: x, minn: 1}", "{min: 0, max: 1}", "{min: 1e-5, max: 1e-3}",
          "{min: 5, max: 1}", "{values: [1, 2, 2]}", "1", "[1, 2]", "{value: 1, when: {zz: 1}}", "{values: '1, 2'}",
          "{min: '0.1', max: '1'}", "{value: 1, value: 2}", "{max: 010, min: 1:30}", "{<<: *a0, value: 3}",
          "{parameters: {lr: {min: 1}}}", "{distribution: normal, min: 1, max: 2}", "{values: [1, 2], probabilities: [0.5, 0.4]}"]
WHENS = ["{w0: 1}", "{w0: [1, 2, 3]}", "{w0: [%s]}" % ", ".join(map(str, range(50))), "w0 > 3", "w0 == 1 and w0 < 4",
         "{w0: '> 1'}", "{wO: 1}", "w0 in [1, 2]", "w0 = 1", "(((w0", "sin(w0)", "%sw0 > 5" % ("w0 + " * 500)]
EXPRS = ["e0 + 1", "log(e0) ** 0.5", "e%d + 1", "min(e0, 1, 2) + max(e0, 1)", "e0 * " * 300 + "1", "e0 / 0", "-" * 60 + "e0"]
SIZED = ["{min: 1, max: 900}", "{values: [1, 2]}", "{min: 0.0, max: 1.0}", "{values: [%s]}" % ", ".join(map(str, range(3000)))]
LETTERS = ["a", "a ", "é", "日", "x/", "{", "😀", "${", "\u0301"]


def values(r):
    one = r.choice(ODD) if r.random() < 0.3 else None
    return "  v%d: {values: [%s]}\n" % (r.randrange(9), ", ".join(one or r.choice(ODD) for _ in range(r.choice([9, 900, 30000]))))


def many(r):
    name, body = r.choice(["p%d", "parameter_number_%d", "x.y%d", "é%d"]), r.choice(BODIES)
    return "".join("  %s: %s\n" % (name % i, body) for i in range(r.choice([50, 500, 4000, 9000])))


def whens(r):
    when, own = r.choice(WHENS), r.choice(["{value: 1", "{values: [1, 2]", "{min: 1, max: 5"])
    quoted = when if when[0] == "{" else '"%s"' % when
    return "".join("  w%d: %s, when: %s}\n" % (i, own, quoted) for i in range(1, r.choice([10, 300, 3000]))) \
        + "  w0: %s\n" % r.choice(SIZED)


def exprs(r):
    form = r.choice(EXPRS)
    return "".join("  e%d: {expr: '%s'}\n" % (i, form % (i - 1) if "%d" in form else form)
                   for i in range(1, r.choice([10, 500, 3000]))) + "  e0: %s\n" % r.choice(SIZED)


def groups(r):
    lines, indent, key = [], 2, "g" * r.choice([1, 900])
    for level in range(r.choice([5, 28])):
        lines += ["%s%s%d:\n%sparameters:\n" % (" " * indent, key, level, " " * (indent + 2))]
        indent += 4
    body = r.choice(BODIES)
    return "".join(lines) + "".join("%sz%d: %s\n" % (" " * indent, i, body) for i in range(r.choice([1, 300, 1500])))


def text(r):
    return '  t: {value: "%s"}\n' % (r.choice(LETTERS) * r.choice([100, 10000, 100000]))


def line(r):
    body, pad = r.choice(BODIES), r.choice(["", " " * 60, "é: '%s', " % ("\u0301" * 300)])
    return "  l: {parameters: {%s}}\n" % ", ".join("q%d: %s%s" % (i, body, pad if not pad.strip() else "")
                                                  for i in range(r.choice([100, 3000, 9000])))


def chances(r):
    n = r.choice([100, 20000])
    return "  c: {values: [%s], probabilities: [%s]}\n" % (", ".join(map(str, range(n))), ", ".join(["%g" % (1 / n)] * n))


def aliases(r):
    n = r.choice([100, 3000])
    return "  al: {values: [%s]}\n  am: {value: [%s]}\n" % (
        ", ".join("&b%d v%d" % (i, i) for i in range(n)), ", ".join("*b%d" % i for i in range(n)))


def merges(r):
    return "  m: &m {value: {%s}}\n" % ", ".join("k%d: 1" % i for i in range(r.choice([10, 400]))) \
        + "".join("  n%d: {<<: *m}\n" % i for i in range(r.choice([3, 60])))


def repeats(r):
    return "  d: {value: 1}\n" * r.choice([10, 3000, 15000])


def around(r):
    parts = ["forbid:\n" + "  - %s\n" % r.choice(["w0 > 900", "e0 == 3", "w0 = 1", "{w0: 1}", "zz > 1"]) * r.choice([1, 100, 3000]),
             "".join("k%d: 1\n" % i for i in range(r.choice([10, 8000]))), "env: {%s}\n" % ", ".join(
                 "A%d: x" % i for i in range(r.choice([3, 9000]))), "run_cap: 1e3\n", "metric: {name: loss, gaol: minimise}\n",
             "name: '%s'\n" % ("é" * r.choice([10, 100000])), "description: |\n" + "  text: x\n" * r.choice([3, 20000])]
    return "".join(r.sample(parts, r.randrange(4)))


PIECES = [values, many, whens, exprs, groups, text, line, chances, aliases, merges, repeats]
HEADS = ["command: [sh, -c, ':', '${args}']\n", "command: [%s]\n" % ("'${argz}', " * 5000), "command: python t.py ${args}\n",
         "command: [%s]\n" % ("'a|b $HOME', " * 20000), "program: t.py\n", ""]


def compose(r):
    spec = r.choice(HEADS) + "method: %s\nparameters:\n  a0: &a0 {value: 1}\n" % r.choice(["random", "grid", "sobol", "gird"])
    for part in [r.choice(PIECES)(r) for _ in range(r.choice([1, 1, 2, 3, 6]))] + [around(r)]:
        if len((spec + part).encode()) <= BYTES:
            spec += part
    if r.random() < 0.3:
        at = r.randrange(len(spec))
        spec = spec[:at] + r.choice(["\t", '"', "'", "}", "]", ":", " - ", "\n  ", "\r", "\u2028", "*", "${"]) + spec[at:]
    return spec.replace("\n", "\r\n") if r.random() < 0.1 and len(spec) < BYTES // 2 else spec


def measure(command, spec, path):
    with open(path, "w", newline="") as f:
        f.write(spec)
    clock = os.path.join(BUILD, "tests", "bench", "run_clock")
    done = subprocess.run([clock, "1", os.path.join(BUILD, "cli", "besom"), *command, path], capture_output=True, text=True,
                          check=True)
    _, cpu_ms, kilobytes, status = done.stdout.split()
    return float(cpu_ms), float(kilobytes) / 1024, status


def main():
    seed, specs = (int(a) for a in (sys.argv[1:3] + ["1", "100"][len(sys.argv[1:3]):]))
    folder = sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp(prefix="besom-hostile-")
    os.makedirs(folder, exist_ok=True)
    found = []
    for number in range(specs):
        spec = compose(random.Random("%d %d" % (seed, number)))
        path = os.path.join(folder, "%d-%d.yaml" % (seed, number))
        figures = [measure(command, spec, path) for command in COMMANDS]
        measure(["--version"], spec, path)  # the file again as it was before --fix
        found.append((path, figures))
    kept = set()
    for what, column in (("ms of CPU", 0), ("MB", 1)):
        for commands in (slice(0, 3), slice(3, 4)):
            print("most %s in %s:" % (what, ", ".join(" ".join(c) for c in COMMANDS[commands])))
            found.sort(key=lambda f: -max(figure[column] for figure in f[1][commands]))
            for path, figures in found[:SHOWN]:
                kept.add(path)
                print("  %s  %s" % (path, "  ".join("%.1f" % figure[column] for figure in figures[commands])))
    for path, _ in found:
        if path not in kept:
            os.unlink(path)


if __name__ == "__main__":
    main()
