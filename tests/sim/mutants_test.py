#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks the product line by line and requires that the simulator notices.

A line after `/* MUTANT name: this => that */` is compiled with `this` replaced by `that`, linked into a simulator of
its own, and some seed must fail. usage: mutants_test.py SOURCE BUILD [--every N] [NAME...]: with --every, each N-th
of them, a short form.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

SEEDS = {"default": "20000"}
MARK = re.compile(r"/\* MUTANT ([a-z-]+): (.*?) => (.*?) \*/")
FOLDERS = ("orchestrator", "agent", "strategies", "sweep", "protocol")
FLAGS = "-O1 -w"


def marks(source):
    for top in FOLDERS:
        for folder, folders, names in os.walk(os.path.join(source, top)):
            folders.sort()
            for name in sorted(n for n in names if n.endswith(".c")):
                yield from marks_in(source, os.path.relpath(os.path.join(folder, name), source))


def marks_in(source, path):
    with open(os.path.join(source, path), encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines):
        found = MARK.search(line)
        if not found:
            if "MUTANT" in line:
                sys.exit(f"{path}:{number + 1}: a mark that cannot be read")
            continue
        target = number + 1
        while "MUTANT" in lines[target]:
            target += 1
        mutant, this, that = found.groups()
        if lines[target].count(this) != 1:
            sys.exit(f"{path}:{target + 1}: \"{this}\" does not stand there once")
        broken = list(lines)
        broken[target] = lines[target].replace(this, that)
        yield mutant, path, f"{path}:{target + 1}", "\n".join(broken)


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


def prepare(source, build):
    """A build of the simulator without sanitizers, for speed; kept between runs."""
    command = ["cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
               f"-DCMAKE_C_FLAGS={FLAGS}", "-DBESOM_WERROR=OFF"]
    for step in (command, ["cmake", "--build", build, "--target", "besom-sim", "-j", "2"]):
        done = run(step)
        if done.returncode != 0:
            sys.exit(f"{shlex.join(step)}:\n{done.stdout[-3000:]}")
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        compiles = {os.path.relpath(c["file"], source): c["command"] for c in json.load(file)}
    links = run(["ninja", "-C", build, "-t", "commands", "besom-sim"]).stdout.strip().split("\n")
    link = re.sub(r"^.*?&& ", "", links[-1]).rsplit(" && ", 1)[0]
    return compiles, link


def try_mutant(mutant, path, text, source, build, compiles, link):
    """The first failing seed, or None. Compiles one file, links once."""
    folder = os.path.join(build, "mutants")
    os.makedirs(folder, exist_ok=True)
    broken, broken_object = os.path.join(folder, mutant + ".c"), os.path.join(folder, mutant + ".o")
    program = os.path.join(folder, mutant)
    with open(broken, "w", encoding="utf-8") as file:
        file.write(text)
    compile_command = re.sub(r" -o \S+ -c \S+", f" -o {broken_object} -c {broken}", compiles[path])
    # Before the archives: what it defines is not looked for in them.
    words = link.split()
    at = words.index("-o")
    words[at + 1] = program
    words.insert(at, broken_object)
    for command in (compile_command, shlex.join(words)):
        done = run(command, shell=True, cwd=build)
        if done.returncode != 0:
            sys.exit(f"mutant {mutant}: {command}:\n{done.stdout[-3000:]}")
    done = run([program, "--seeds", SEEDS.get(mutant, SEEDS["default"]), "--failures", "1"])
    found = re.search(r"--seed (\d+)", done.stdout)
    return found.group(1) if done.returncode == 1 and found else None


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    source, build, names = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]
    every = 1
    if names[:1] == ["--every"]:
        every, names = int(names[1]), names[2:]
    if not all(shutil.which(tool) for tool in ("cmake", "ninja", "cc")):
        print("no compiler here: the mutants are not tried", file=sys.stderr)
        sys.exit(77)
    compiles, link = prepare(source, build)
    survivors, count = [], 0
    for at, (mutant, path, place, text) in enumerate(marks(source)):
        if at % every or (names and mutant not in names):
            continue
        count += 1
        seed = try_mutant(mutant, path, text, source, build, compiles, link)
        print(f"{mutant:20} {place:40} {'seed ' + seed if seed else 'SURVIVES'}", flush=True)
        if not seed:
            survivors.append(mutant)
    if survivors or count == 0:
        sys.exit(f"no seed notices: {', '.join(survivors)}" if count else "there are no marks")


if __name__ == "__main__":
    main()
