#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each style check is shown to fail: a tiny tree that is good, then the same with one thing wrong."""

import os
import shutil
import subprocess
import sys
import tempfile

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")
SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
GOOD = {
    "README.md": "See [the docs](docs/a.md).\n",
    "docs/a.md": "Nothing yet. This is code: `it is obeyed`.\n\n    goes on\n",
    "base/err.h": SPDX + "#pragma once\nint err_code(void);\n",
    "base/err.c": SPDX + '#include "base/err.h"\n\nint err_code(void)\n{\n    return 1;\n}\n',
    "sweep/space.c": SPDX + '#include "base/err.h"\nint space_n(void);\n\nint space_n(void)\n{\n'
    "    return err_code();\n}\n",
}


def c_file(body, includes=""):
    return SPDX + includes + "int space_n(int n);\n\nint space_n(int n)\n{\n" + body + "}\n"


def including(header):
    return SPDX + f"#include {header}\n"


# (check, path of the bad file, its text, what the finding must say)
SOURCES = [
    ("arrows", "base/err.c", including('"sweep/space.h"'), "base/ may not include sweep/"),
    ("arrows", "net/conn.c", including('"protocol/codec.h"'), "net/ may not include protocol/"),
    ("arrows", "agent/a.c", including('"orchestrator/b.h"'), "agent/ may not include orch"),
    ("arrows", "orchestrator/b.c", including('"agent/a.h"'), "orchestrator/ may not include agent/"),
    ("arrows", "language/reader/a.c", including('"language/advice/b.h"'), "may not include language/advice/"),
    ("arrows", "sweep/space.c", including('"space.h"'), "names no layer"),
    ("arrows", "sweep/space.c", including("<sqlite3.h>"), "<sqlite3.h> belongs to"),
    ("arrows", "orchestrator/core.c", including("<uv.h>"), "<uv.h> belongs to"),
    ("arrows", "base/err.c", including("<curl/curl.h>"), "is no dependency of ours"),
    ("source", "sweep/space.c", "int x;\n", "its first line must hold SPDX"),
    ("source", "configs/a.py", "# SPDX-License-Identifier: GPL-3.0-or-later\n", "Identifier: MIT"),
    ("source", "examples/a.py", "# SPDX-License-Identifier: GPL-3.0-or-later\n", "Identifier: MIT"),
    ("source", "base/err.h", SPDX + "int x;\n", "#pragma once"),
    ("source", "base/err.h", SPDX + "#pragma once\n" + "int x;\n" * 149, "150 is the most"),
    ("source", "sweep/space.c", SPDX + "int x;\n" * 800, "800 is the most"),
    ("source", "sweep/space.c", c_file("    n++;\n" * 100), "a function of 102 lines"),
    ("source", "sweep/space.c", c_file("    return rand();\n"), "rand() is banned"),
    ("source", "sweep/space.c", c_file("    strcpy(a, b);\n"), "strcpy() is banned"),
    ("source", "agent/run.c", c_file("    return system(0);\n"), "system() is banned"),
    ("source", "language/reader/spec.c", c_file("    diags_fix(d, said, line);\n"), "diags_fix() is banned"),
    ("source", "sweep/space.c", c_file("    return b->hidden[0];\n"), "is base/buf.c's own"),
    ("source", "sweep/space.c", c_file("    /* TO" "DO: more */\n"), "is left over"),
    ("source", "net/frame.c", SPDX + "static int *send(int n)\n{\n    return 0;\n}\n", "static send() tells nothing"),
    ("docs", "docs/a.md", "See [b](b.md).\n", "links to docs/b.md, which does not exist"),
    ("docs", "sweep/space.c", SPDX + "/* See docs/b.md. */\n", "names docs/b.md: no such page"),
    ("docs", "docs/b.md", "All alone.\n", "no page links to it"),
    ("docs", "ARCHITECTURE.md", "A line.\n" * 251, "250 is the most"),
    ("source", "docs/a.md", "see /ro" "ot/besom\n", "is a path of one machine"),
    ("prose", "docs/a.md", "A line.\n\nKeys that are\nobeyed.\n", 'docs/a.md:4: "obeyed": write instead: supported'),
    ("prose", "docs/a.md", "- An item\n    that goes\n    on.\n", 'docs/a.md:2: "goes on": write instead: continues'),
    ("prose", "sweep/space.c", 'const char *a = "1 is "\n                "no number";\n', "write instead: is not a"),
    ("prose", "sweep/space.c", "/* One that goes\n * on. */\n", 'sweep/space.c:1: "goes on": write instead: continues'),
    ("prose", "sweep/space.c", 'const char *a = "it must be a list, and it is %s";\n', "write instead: must be X, not Y"),
]

# (sources that make up the archives, what the finding must say)
OBJECTS = [
    ({"sweep/space.c": "#include <time.h>\nlong space_n(void) { return time(0); }"}, "needs time"),
    (
        {"sweep/space.c": '#include <stdlib.h>\nint space_n(void) { return !getenv("A"); }'},
        "needs getenv",
    ),
    ({"protocol/codec.c": '#include <stdio.h>\nvoid codec_p(void) { puts("a"); }'}, "needs puts"),
    (
        {
            "sweep/space.c": "int err_now(void); int space_n(void) { return err_now(); }",
            "base/err.c": "#include <unistd.h>\nint err_now(void) { return (int)getpid(); }",
        },
        "needs getpid",
    ),
    ({"sweep/space.c": "static int n; int space_n(void) { return n++; }"}, "is writable static data"),
    ({"agent/slots.c": "int take_slot(void) { return 0; }"}, "exports take_slot"),
]

# (sources that make up the tree and its archives, what the finding must say)
HEADER = "#pragma once\n"
CIRCLES = [
    (
        {
            "base/err.c": "int buf_n(void); int err_n(void) { return buf_n(); }",
            "base/buf.c": "int err_n(void); int buf_n(void) { return err_n(); }",
        },
        "a circle of 2 units: base/buf needs err_n; base/err needs buf_n",
    ),
    (
        {
            "base/err.h": HEADER + '#include "base/buf.h"\n',
            "base/err.c": "int err_n(void) { return 1; }",
            "base/buf.h": HEADER + '#include "base/err.h"\n',
        },
        'base/buf includes "base/err.h"; base/err includes "base/buf.h"',
    ),
    (
        {
            "base/err.h": HEADER,
            "base/err.c": '#include "base/buf.h"\nint buf_n(void); int err_n(void) { return buf_n(); }',
            "base/buf.h": HEADER,
            "base/buf.c": '#include "base/err.h"\nint buf_n(void) { return 1; }',
        },
        "a circle of 2 units: base/buf includes",
    ),
    (
        {f"base/a{i}.h": HEADER for i in range(31)} | {"base/err.c": "int err_n(void) { return 1; }"},
        "base: 32 C files; 30 is the most",
    ),
]


def write(root, tree):
    for path, text in tree.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)


def check(name, *arguments):
    script = os.path.join(SCRIPTS, f"check_{name}.py")
    done = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def compile_tree(root, sources):
    """Writes root/build with the sources, and beside them the archives of the layers."""
    build = os.path.join(root, "build")
    write(build, sources)
    for path in sources:
        if not path.endswith(".c"):
            continue
        layer = path.split("/")[0]
        source = os.path.join(build, path)
        subprocess.run(["cc", "-O1", "-I", build, "-c", source, "-o", source + ".o"], check=True)
        library = os.path.join(build, layer, f"lib{layer}.a")
        subprocess.run(["ar", "rcs", library, source + ".o"], check=True)
    return build


def expect(ok, what, output):
    if not ok:
        sys.exit(f"selftest: {what}\n{output}")


def test_circles(root):
    good = {"base/err.h": HEADER, "base/err.c": '#include "base/err.h"\nint err_n(void) { return 1; }'}
    build = compile_tree(os.path.join(root, "straight"), good)
    status, output = check("circles", build, build)
    expect(status == 0, "circles fails a good tree", output)
    for i, (sources, sentence) in enumerate(CIRCLES):
        build = compile_tree(os.path.join(root, f"circle{i}"), sources)
        status, output = check("circles", build, build)
        expect(status == 1 and sentence in output, f"circles does not see: {sentence}", output)


def main():
    root = tempfile.mkdtemp(prefix="besom-style-")
    try:
        for i, (name, path, text, sentence) in enumerate(SOURCES):
            here = os.path.join(root, f"tree{i}")
            write(here, GOOD)
            status, output = check(name, here)
            expect(status == 0, f"{name} fails a good tree", output)
            write(here, {path: text})
            status, output = check(name, here)
            expect(status == 1 and sentence in output, f"{name} does not see: {sentence}", output)
        good = {"sweep/space.c": "int space_n(void) { return 1; }"}
        status, output = check("symbols", compile_tree(os.path.join(root, "good"), good))
        expect(status == 0, "symbols fails a good build", output)
        for i, (sources, sentence) in enumerate(OBJECTS):
            build = compile_tree(os.path.join(root, f"build{i}"), sources)
            status, output = check("symbols", build)
            expect(status == 1 and sentence in output, f"symbols does not see: {sentence}", output)
        test_circles(root)
    finally:
        shutil.rmtree(root)
    print(f"selftest: {len(SOURCES) + len(OBJECTS) + len(CIRCLES)} faults, each one found")


if __name__ == "__main__":
    main()
