# SPDX-License-Identifier: GPL-3.0-or-later
"""A hostile-histories that is ended by a signal leaves no process behind. killed_test.py PROGRAM"""
import pathlib
import signal
import subprocess
import sys
import time


def state_of(pid):
    """The state of a process, or None if it has gone."""
    try:
        return pathlib.Path("/proc/%s/stat" % pid).read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def main():
    children = "/proc/%d/task/%d/children"
    with subprocess.Popen([sys.argv[1], "--count", "1000000000", "--limit", "0"]) as parent:
        path = pathlib.Path(children % (parent.pid, parent.pid))
        if not path.exists():
            parent.kill()
            print("SKIPPED: /proc has no lists of children")
            sys.exit(77)
        found = []
        while not found:
            time.sleep(0.01)
            found = path.read_text().split()
        time.sleep(0.1)  # the child has asked to end with its parent
        parent.send_signal(signal.SIGTERM)
        parent.wait()
    for _ in range(1000):
        if state_of(found[0]) in (None, "Z"):
            return
        time.sleep(0.01)
    sys.exit("its child %s still runs" % found[0])


main()
