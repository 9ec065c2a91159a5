#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the objects that ship refer to: the pure archives stay pure, a file exports only its own noun.

Pure means: the archives named in PURE, and the members of base that they pull in, need nothing but
each other and the short list below, and keep no writable static data."""

import os
import re
import sys

import archive
import tree

PURE = ["expr", "sweep", "language", "strategies", "analysis", "protocol", "orchestrator_core", "agent_core", "wandb_agent_core", "gpu_pool", "shim_core"]

# Memory, strings, text in and out of memory, arithmetic: no clock, I/O, environment or randomness.
ALLOWED = set(
    """malloc calloc realloc free abort
    memcpy memmove memset memcmp memchr memrchr memmem strlen strnlen strcmp strncmp strchr strrchr
    strstr strspn strcspn strpbrk strcasecmp strncasecmp
    snprintf vsnprintf strtod strtol strtoll strtoul strtoull qsort bsearch
    tolower toupper isalnum isalpha isdigit isspace isxdigit isprint isupper islower
    exp exp2 expm1 log log2 log10 log1p pow sqrt cbrt fabs floor ceil round trunc rint nearbyint lrint
    llrint lround llround fmod ldexp frexp modf fmax fmin erf erfc sin cos sincos tan atan atan2 tanh sinh
    cosh lgamma tgamma nextafter nan hypot copysign
    __ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc __errno_location
    __cpu_model __cpu_features2 __cpu_indicator_init
    __stack_chk_fail _GLOBAL_OFFSET_TABLE_""".split()
)
# glibc's checked forms of the above: __snprintf_chk, __memcpy_chk …
CHECKED = re.compile(r"__(\w+)_chk")
# libmvec's functions of several numbers at once.
VECTOR = re.compile(r"_ZGV[bcde]N\d+v_(exp|log|sin|cos|pow)")
# Libraries that work on memory alone; what in them does not is named behind.
LIBRARIES = re.compile(r"(cJSON_|yaml_|gsl_|nlopt_|pcre2_)\w+")
NOT_IN_LIBRARIES = re.compile(r"\w*(_file|_fprintf|_fscanf|_fread|_fwrite|env_setup)$")
# The two ways out, a broken invariant and no memory: they print and abort.
LAST_WORDS = {"fprintf", "vfprintf", "fputs", "fputc", "fwrite", "fflush", "stderr"}
MEMBERS = {"check.c": LAST_WORDS, "mem.c": LAST_WORDS}

# A folder whose files each define one descriptor: strategies/grid.c may export strategy_grid.
DESCRIPTOR = {"strategies": "strategy", "cli": "cmd"}
# One file, three nouns: the lifecycle tables of sweep, trial and attempt stand side by side.
MORE_NOUNS = {"trial.c": ["sweep", "attempt"]}


def allowed(symbol, member):
    m = CHECKED.fullmatch(symbol)
    name = m.group(1) if m else symbol
    if name in ALLOWED or symbol in ALLOWED or name in MEMBERS.get(member.source(), ()):
        return True
    if VECTOR.fullmatch(name):
        return True
    return bool(LIBRARIES.fullmatch(name)) and not NOT_IN_LIBRARIES.fullmatch(name)


def pure_members(archives):
    """The members of the pure archives, and those of base that they pull in, with who pulled them."""
    home = {}
    for name in PURE + ["base"]:
        for member in archives.get(name, []):
            for symbol in member.exported:
                home[symbol] = member
    todo = [m for name in PURE for m in archives.get(name, [])]
    reached, i = {id(m) for m in todo}, 0
    while i < len(todo):
        for symbol in sorted(todo[i].needed):
            owner = home.get(symbol)
            if owner and id(owner) not in reached:
                reached.add(id(owner))
                todo.append(owner)
        i += 1
    return todo, home


def check_purity(findings, archives):
    members, home = pure_members(archives)
    for member in members:
        for symbol in sorted(member.needed - set(home)):
            if not allowed(symbol, member):
                findings.add(str(member), 0, f"needs {symbol}: a pure file may not (check_symbols.py)")
        for symbol in sorted(member.writable):
            findings.add(str(member), 0, f"{symbol} is writable static data: a pure file has none")
    return len(members)


def nouns(member):
    """spec_reader.c may export spec_reader_… and spec_…, diag.c diags_… (books.c book_…), strategies/grid.c strategy_grid…"""
    words = member.source()[:-2].split("_")
    names = ["_".join(words[: i + 1]) for i in range(len(words))]
    names.insert(0, names[-1].removesuffix("s") if names[-1].endswith("s") else names[-1] + "s")
    descriptor = DESCRIPTOR.get(member.archive[:-2])
    more = MORE_NOUNS.get(member.source(), [])
    return more + ([f"{descriptor}_{'_'.join(words)}"] if descriptor else []) + names


def check_prefixes(findings, archives):
    for members in archives.values():
        for member in members:
            own = nouns(member)
            for symbol in sorted(member.exported - {"main"}):
                if not any(symbol == noun or symbol.startswith(noun + "_") for noun in own):
                    findings.add(str(member), 0, f"exports {symbol}; its own begin with {own[-1]}_")


def run(build, all_pure):
    findings = tree.Findings("symbols")
    archives = archive.all_in(build)
    check_prefixes(findings, archives)
    pure = check_purity(findings, archives)
    absent = [name for name in PURE if not archives.get(name)]
    for name in absent if all_pure else []:
        findings.add(build, 0, f"has no archive of {name}")
    total = sum(len(m) for m in archives.values())
    return findings.end(f"{total} objects, {pure} of them pure")


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.isdir(sys.argv[1]):
        sys.exit("usage: check_symbols.py BUILD-FOLDER [--all] (a release build; with all of PURE in it)")
    sys.exit(run(sys.argv[1], "--all" in sys.argv))
