#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `besom watch` costs on a sweep of many trials: the share of a processor that it takes, and the bytes that it writes to
its terminal."""
import os
import pathlib
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time

TRIALS, SECONDS = 10000, 15
BUILD = pathlib.Path(os.environ.get("BESOM_BUILD", "build/release")).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "web"), str(ROOT / "tests" / "e2e" / "terminal")]


def processor_s(pid):
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def look(besom, store, columns, lines):
    import fcntl
    import pty
    import termios
    env = dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8", BESOM_STORE=store)
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.execve(besom, [besom, "watch", "bigbig01"], env)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    first, total, began, shown = None, 0, time.monotonic(), 0
    spent = 0
    while time.monotonic() < began + SECONDS:
        if select.select([master], [], [], 0.2)[0]:
            n = len(os.read(master, 65536))
            shown += n
            total += n
        if first is None and shown > 3000:
            first = time.monotonic() - began
    spent = processor_s(pid)
    os.write(master, b"q")
    time.sleep(0.5)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(master)
    size = "%d x %d, %d trials" % (columns, lines, TRIALS)
    print("besom watch at %s: processor\t%.2f\t%%\t2" % (size, 100 * spent / SECONDS))
    print("besom watch at %s: to the terminal\t%.0f\tbytes/s\t10000" % (size, total / SECONDS))
    print("besom watch at %s: from its start to the first rows\t%.2f\ts\t" % (size, first or -1), flush=True)


def main():
    besom, facts = str(BUILD / "cli" / "besom"), BUILD / "tests" / "e2e" / "look" / "store_of_facts"
    if not facts.exists():
        print("store_of_facts is not built: left out", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="besom-bench-") as folder:
        store = folder + "/store"
        subprocess.run([sys.executable, "-B", ROOT / "tests" / "web" / "fixture.py", store, str(TRIALS)], check=True,
                       env=dict(os.environ, STORE_OF_FACTS=str(facts)))
        for columns, lines in ((80, 24), (120, 40)):
            look(besom, store, columns, lines)


if __name__ == "__main__":
    main()
