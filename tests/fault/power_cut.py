#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts the power under a running sweep: power_cut.py BESOM [CUTS]

The store lies on an ext4 file system of its own, in a file. The kernel is told to shut that file system
down without writing anything more, as a power cut would; besom is killed, the file system mounted
again. Whatever besom had said is finished must be finished in the store, and the store must be sound.
Needs root and loop devices; skips (77) without. tests/fault/store_fault_test.c asks the same of each
single write, anywhere."""

import fcntl
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN
NO_LOG_FLUSH = struct.pack("I", 2)

SPEC = """\
command: [bash, train.sh]
program: train.sh
workdir: .
method: random
seed: 1
run_cap: 100000
metric: {name: loss, goal: minimize}
retry: {host: 1000}
parameters:
  x: {min: 0.0, max: 1.0}
"""


def skip(why):
    print(f"SKIPPED: {why}", file=sys.stderr)
    sys.exit(77)


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True)


def unmount(mount):
    """Trials under way hold the folder until they end, which is soon."""
    for _ in range(200):
        if run("umount", mount).returncode == 0:
            return
        time.sleep(0.05)
    sys.exit(f"{mount} is held: " + run("umount", mount).stderr)


class Rig:
    def __init__(self, besom, folder):
        self.besom = besom
        self.mount = os.path.join(folder, "disk")
        self.image = os.path.join(folder, "image")
        self.spec = os.path.join(folder, "sweep.yaml")
        self.store = os.path.join(self.mount, "store")
        os.mkdir(self.mount)
        with open(self.image, "wb") as f:
            f.truncate(64 << 20)
        with open(self.spec, "w") as f:
            f.write(SPEC)
        with open(os.path.join(folder, "train.sh"), "w") as f:
            f.write("echo '{\"loss\": 0.5}' >> $BESOM_METRICS\n")
        if run("mkfs.ext4", "-q", "-F", self.image).returncode != 0:
            skip("no mkfs.ext4")
        if run("mount", "-o", "loop", self.image, self.mount).returncode != 0:
            skip("loop devices cannot be mounted here")

    def cut(self, seconds):
        """Runs the sweep, cuts the power, and mounts again; the trials that were said to be finished."""
        besom = subprocess.Popen(
            [self.besom, "run", self.spec, "--store", self.store, "--slots", "2"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        disk = os.open(self.mount, os.O_RDONLY)
        os.set_blocking(besom.stderr.fileno(), False)
        said, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            said += besom.stderr.read() or b""
            time.sleep(0.02)
        fcntl.ioctl(disk, SHUTDOWN, NO_LOG_FLUSH)
        said += besom.stderr.read() or b""
        os.close(disk)
        besom.kill()
        besom.wait()
        besom.stderr.close()
        unmount(self.mount)
        subprocess.run(["mount", "-o", "loop", self.image, self.mount], check=True)
        return {int(n) for n in re.findall(rb"trial=(\d+) state=finished", said)}

    def finished(self):
        shown = run(self.besom, "trials", "--json", "--store", self.store)
        if shown.returncode == 3:
            return set()
        return {t["number"] for t in json.loads(shown.stdout) if t["state"] == "finished"}

    def close(self):
        unmount(self.mount)


def main():
    besom, cuts = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 4
    if os.geteuid() != 0:
        skip("only root may mount a file system")
    folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    rng = random.Random(1)
    said, lost, unsound = set(), set(), []
    rig = Rig(besom, folder)
    try:
        for _ in range(cuts):
            said |= rig.cut(rng.uniform(1, 2.5))
            lost |= said - rig.finished()
            check = run(besom, "check", rig.store)
            if check.returncode not in (0, 3):
                unsound.append(check.stdout + check.stderr)
    finally:
        rig.close()
        shutil.rmtree(folder)
    print(f"{cuts} power cuts, {len(said)} trials said to be finished, {len(lost)} of them lost")
    if lost or unsound or not said:
        sys.exit(f"lost: {sorted(lost)}\n" + "\n".join(unsound))


if __name__ == "__main__":
    main()
