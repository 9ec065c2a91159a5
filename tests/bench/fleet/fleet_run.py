# SPDX-License-Identifier: GPL-3.0-or-later
"""A real `besom serve` on one core with agents that fleet_load plays, for fleet_bench.py."""

import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time

BUILD = os.environ["BESOM_BUILD"]
BESOM = os.path.join(BUILD, "cli", "besom")
LOAD = os.path.join(BUILD, "tests", "bench", "fleet_load")
GAP_CLOCK = os.path.join(BUILD, "tests", "bench", "gap_clock")
CORES = sorted(os.sched_getaffinity(0))
NICE = os.environ.get("BESOM_FLEET_NICE", "")
TICKS = os.sysconf("SC_CLK_TCK")


def row(what, value, unit, note=""):
    load = f"load {os.getloadavg()[0]:.0f}" + (f", at priority {NICE}" if NICE else "")
    print(f"{what}\t{value}\t{unit}\t{note}; {load}", flush=True)


def many_files():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def place(cores):
    """For a new process: with these cores, and as many files as are allowed."""
    os.sched_setaffinity(0, cores)
    many_files()
    if NICE:  # in a session of its own, since the scheduler may weigh sessions first
        os.setsid()
        os.nice(int(NICE))
        if os.path.exists("/proc/self/autogroup"):
            with open("/proc/self/autogroup", "w", encoding="ascii") as f:
                f.write(NICE)


class Fleet:
    """A folder with a store; agents=0: none are played. The controller has the first core, the agents the last."""

    def __init__(self, agents=0, tls=False, train_ms=0, metrics=False, past=0):
        self.folder = tempfile.mkdtemp(prefix="besom-fleet-")
        self.store = os.path.join(self.folder, "store")
        self.listen = "127.0.0.1:0" if not tls else "0.0.0.0:0"
        self.controller, self.load, self.agents = None, None, []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("BESOM_")}
        if agents:
            argv = [LOAD, "--agents", str(agents), "--train-ms", str(train_ms), "--past", str(past),
                    *["--tls"] * tls, *["--metrics"] * metrics, self.store]
            self.load = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                         preexec_fn=lambda: place({CORES[-1]}))
            self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.agents, self.load, self.controller]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait()
        shutil.rmtree(self.folder)

    def answer(self):
        line = self.load.stdout.readline()
        if not line:
            raise SystemExit("fleet_load ended")
        return line.strip()

    def say(self, command):
        self.load.stdin.write(command + "\n")
        self.load.stdin.flush()

    def ask(self, command):
        self.say(command)
        return self.answer()

    def serve(self):
        """The monotonic clock as it is spawned; it keeps its port when it is started again."""
        said = open(os.path.join(self.folder, "said"), "w+b")
        began = time.monotonic()
        self.controller = subprocess.Popen([BESOM, "serve", "--listen", self.listen, "--store", self.store, "--json"],
                                           stdout=subprocess.PIPE, stderr=said, env=self.env,
                                           preexec_fn=lambda: place({CORES[0]}))
        line = self.controller.stdout.readline()
        if not line:
            said.seek(0)
            raise SystemExit(said.read().decode())
        printed = json.loads(line)
        self.url = printed["url"]
        name, _, port = self.url.partition("#")[0].partition("//")[2].rpartition(":")
        self.listen = f"{self.listen.rpartition(':')[0]}:{port}"
        # The name of this machine may not resolve.
        self.near = self.url.replace(name, "127.0.0.1", 1)
        self.env["BESOM_SERVER"] = self.near
        if printed["admin"]:
            self.env["BESOM_TOKEN"], self.join = printed["admin"], printed["join"]
        return began

    def besom(self, *argv):
        done = subprocess.run([BESOM, *argv], env=self.env, capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            raise SystemExit(f"besom {argv[0]}: {done.stderr}")
        return done.stdout

    def sweep(self, command, method="random", points=None):
        """A sweep without an end, or of so many points of a grid."""
        quoted = ", ".join(f"'{word}'" for word in command)
        values = f"{{min: 1, max: {points}}}" if points else "{min: 0.0, max: 1.0}"
        with open(os.path.join(self.folder, "sweep.yaml"), "w", encoding="utf-8") as f:
            f.write(f"method: {'grid' if points else method}\ncommand: [{quoted}]\n"
                    f"parameters:\n  x: {values}\n")
        return self.besom("sweep", "sweep.yaml", "--quiet").strip()

    def rss_kib(self):
        with open(f"/proc/{self.controller.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))

    def cpu_seconds(self):
        with open(f"/proc/{self.controller.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def measure(self, seconds):
        before = self.cpu_seconds()
        found = json.loads(self.ask(f"measure {seconds}"))
        if found["agents"] != found["wanted"]:
            raise SystemExit(f"{found['agents']} of {found['wanted']} agents are connected")
        found["cpu"] = (self.cpu_seconds() - before) / found["seconds"]
        return found
