# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of a test: network namespaces, each at the end of a cable, where a user who is not root may have them."""
import os
import subprocess
import sys

MARK = "BESOM_TEST_NAMESPACE"
HERE = "10.77.0.1"  # an address of the test's own namespace
PROBE = """
unshare -n true && nsenter -t $$ -n true && ip link set lo up && ip address add %s/32 dev lo &&
ip link add probe type veth peer name other netns $$ && ip link set probe up
""" % HERE


def enter():
    """Begins the program anew in a user and a network namespace of its own, once; returns None there. Where that is not
    allowed, it returns why."""
    if MARK in os.environ:
        command("ip", "link", "set", "lo", "up")
        command("ip", "address", "add", HERE + "/32", "dev", "lo")
        return None
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # where Debian has ip
    try:
        probed = subprocess.run(["unshare", "-Urn", "sh", "-c", PROBE], stderr=subprocess.PIPE, text=True)
    except OSError as e:
        return str(e)
    if probed.returncode != 0:
        return (probed.stderr.strip().splitlines() or ["unshare failed"])[-1]
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", "-Urn", sys.executable, "-B", *sys.argv])


def command(*args):
    subprocess.run(args, check=True)


class Host:
    """A network namespace. It is kept by a `cat` that ends when the test does, however that ends."""

    def __init__(self, number):
        self.cable, self.near, far = "host%d" % number, "10.77.%d.1" % number, "10.77.%d.2" % number
        self.keeper = subprocess.Popen(["unshare", "-n", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.keeper.stdin.write(b"\n")
        self.keeper.stdin.flush()
        self.keeper.stdout.readline()  # after unshare
        self.inside = ("nsenter", "-t", str(self.keeper.pid), "-n")
        command("ip", "link", "add", self.cable, "type", "veth", "peer", "name", "far", "netns", str(self.keeper.pid))
        command("ip", "address", "add", self.near + "/30", "dev", self.cable)
        command(*self.inside, "ip", "address", "add", far + "/30", "dev", "far")
        command(*self.inside, "ip", "link", "set", "far", "up")
        command(*self.inside, "ip", "link", "set", "lo", "up")
        self.plug(True)

    def plug(self, connected):
        """Whether the cable carries anything. Neither end of a connection hears that it does not."""
        command("ip", "link", "set", self.cable, "up" if connected else "down")

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait()
        self.keeper.stdout.close()
