#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""trial_web.py [MIB]: trial_test.mjs with an agent whose trials print what a terminal and a browser could be hurt by, one a log of so
many MiB (3), and one that prints until it is told to end. It does what each line `PLEASE …` of the test asks for."""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serving import BESOM, begin, end, environment, missing, pictures, tested  # noqa: E402

SPEC = """name: logs
command: [python3, "${program}", --api-key, hidden-value, "--auth=hidden-value", "${args}"]
program: train.py
workdir: .
method: grid
metric: {name: loss, goal: minimize}
env: {API_TOKEN: hidden-value, PLAIN: seen-value, MIB: "%s", GO: "%s"}
parameters:
  what: {values: [hostile, fails, long, runs]}
"""
TRAIN = r'''
import base64, json, os, sys, time
what = json.load(open(os.environ["BESOM_PARAMS"]))["what"]
def report(step): print(json.dumps({"step": step, "loss": 1 / (1 + step)}), file=open(os.environ["BESOM_METRICS"], "a"))
say = sys.stdout.buffer.write
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FILES = {"notes.html": b"<script>window.hit=1</script>\nline 2\n", "runs/step_400.pt": b"PK\0" + b"w" * 500000, "plot.png": base64.b64decode(PNG)}
report(0)
if what == "hostile":
    os.makedirs(os.environ["BESOM_DIR"] + "/runs", exist_ok=True)
    for name, content in FILES.items():
        open(os.environ["BESOM_DIR"] + "/" + name, "wb").write(content)
    os.symlink("notes.html", os.environ["BESOM_DIR"] + "/link.html")
    open(os.environ["BESOM_DIR"] + "/large.bin", "wb").truncate((64 << 20) + 1)
    say(b"\x1b[31mred\x1b[0m and \x1b[1;38;2;10;200;30mgreen\x1b[0m and \x1b[7;31minverse\x1b[0m\n")
    for i in range(20000):
        say(b"\rstep %5d |%-20s|" % (i, b"#" * (i // 1000)))
    say(b"\nafter the bar\n")
    say(b"\x1b]8;;https://example.com/\x1b\\a link\x1b]8;;\x1b\\ \x1b]0;title\x07\x1b[2J\x1b[5;5H\x1b(Bend\n")
    say(b"bad \xff\xfe bytes\n")
    say("turned \u202egnp.exe\n".encode())
    say(b"x" * (1 << 20) + b"\nafter the long line\n")
    for text in ("<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "\"><svg onload=window.hit=1>", "javascript:window.hit=1"):
        say(text.encode() + b"\n")
elif what == "fails":
    def deep(text): raise ValueError(text)
    for text in ("the first", "the second"):
        try:
            deep(text)
        except ValueError:
            import traceback
            say(traceback.format_exc().encode())
        for i in range(400):
            say(b"line %d after it\n" % i)
    sys.stdout.flush()
    sys.exit(3)
elif what == "long":
    size, line, n = int(os.environ["MIB"]) << 20, 0, 0
    while n < size:
        part = b"".join(b"%09d a line of a long log, neither short nor long, with NEEDLE%d in it\n" % (i, i % 7001) for i in range(line, line + 10000))
        line += 10000
        n += len(part)
        say(part)
else:
    for i in range(100000):
        say(b"tick %d\n" % i)
        sys.stdout.flush()
        if os.path.exists(os.environ["GO"]):
            break
        time.sleep(0.1)
'''


def looked_at(folder, mib):
    env = environment(folder)
    store = str(folder / "store")

    def besom(*words, **more):
        return subprocess.run([BESOM, *words], check=True, stdout=subprocess.PIPE, text=True, env={**env, **more}, cwd=folder).stdout

    controller, first = begin(folder)
    join = besom("token", "create", "--scope", "join", "--store", store).strip()
    agent = subprocess.Popen([BESOM, "agent", "--join", join, "--name", "box", "--dir", str(folder / "agent"), "--workdir", str(folder),
                              "--slots", "4"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (folder / "train.py").write_text(TRAIN)
    (folder / "sweep.yaml").write_text(SPEC % (mib, folder / "go"))
    sweep = besom("sweep", "sweep.yaml", "--quiet", BESOM_SERVER=first["url"], BESOM_TOKEN=first["admin"]).split()[0]

    def do(what):
        if what == "go":
            (folder / "go").touch()
        elif what == "away":
            agent.terminate()
            agent.wait(timeout=60)

    try:
        return tested(folder, "trial", first["link"], mib, *pictures(), env={"SWEEP": sweep}, do=do)
    finally:
        (folder / "go").touch()
        if agent.poll() is None:
            agent.terminate()
            agent.wait(timeout=60)
        end(controller)


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        return looked_at(pathlib.Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else 3)


if __name__ == "__main__":
    sys.exit(main())
