#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `besom watch` costs on a sweep of many trials: the share of a processor that it takes, and the bytes that it writes to
its terminal. watch_bench.py BESOM STORE_OF_FACTS [TRIALS [SECONDS]]"""
import os
import pathlib
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "web"), str(ROOT / "tests" / "e2e" / "terminal")]


def processor_s(pid):
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def look(besom, store, columns, lines, seconds, keys=""):
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
    while time.monotonic() < began + seconds:
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
    print("%dx%d: first rows after %.2f s; %.2f %% of a processor; %.0f bytes/s" % (
        columns, lines, first or -1, 100 * spent / seconds, total / seconds))


def main():
    besom, facts = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
    trials = sys.argv[3] if len(sys.argv) > 3 else "10000"
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 60
    with tempfile.TemporaryDirectory(prefix="besom-bench-") as folder:
        store = folder + "/store"
        subprocess.run([sys.executable, "-B", ROOT / "tests" / "web" / "fixture.py", store, trials], check=True,
                       env=dict(os.environ, STORE_OF_FACTS=facts))
        for columns, lines in ((80, 24), (120, 40)):
            look(besom, store, columns, lines, seconds)


if __name__ == "__main__":
    main()
