#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that use wandb's client: the time of a script of 20 steps beside WANDB_MODE=offline and beside the stub of
W&B's server in ../shared/wandb-wire, in turns; the requests of file_stream that a controller answers in a second; and the
time between two trials of `wandb agent`.

Set by the environment:
BESOM_WANDB_PARTS (script,stream,gap)
BESOM_WANDB_TURNS (9) of `script`
BESOM_WANDB_SECONDS (5) of each measurement of `stream`
BESOM_WANDB_CONNECTIONS (1,8,64) of `stream`"""

import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "fleet"))
import fleet_gap  # noqa: E402
from fleet_run import BESOM, BUILD, CORES, Fleet, place, row  # noqa: E402

LOAD = os.path.join(BUILD, "tests", "bench", "stream_load")
PARTS = os.environ.get("BESOM_WANDB_PARTS", "script,stream,gap").split(",")
TURNS = int(os.environ.get("BESOM_WANDB_TURNS", "9"))
SECONDS = os.environ.get("BESOM_WANDB_SECONDS", "5")
CONNECTIONS = os.environ.get("BESOM_WANDB_CONNECTIONS", "1,8,64").split(",")
TRIALS = 100  # of `besom agent`
ROWS = "100"
STUB_KEY = "a" * 40
SCRIPT = """
import wandb
run = wandb.init(project="bench", config={"lr": 0.1})
for i in range(20):
    run.log({"loss": 1 / (i + 1), "accuracy": i / 20})
run.finish()
"""
SPEC = "command: [python3, train.py]\nmethod: grid\nparameters: {x: {value: 1}}\n"


class Stub:
    """The stub of W&B's server."""

    def __init__(self, python):
        self.port = fleet_gap.free_port()
        self.process = subprocess.Popen([python, "-B", fleet_gap.STUB, str(self.port), "/dev/null"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        preexec_fn=lambda: place({CORES[0]}))
        self.process.stdout.readline()
        time.sleep(0.5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def port_of(fleet):
    return fleet.near.partition("#")[0].rpartition(":")[2].rstrip("/")


def timed(argv, env, folder):
    began = time.monotonic()
    done = subprocess.run(argv, env=env, cwd=folder, capture_output=True, text=True)
    took = time.monotonic() - began
    if done.returncode != 0:
        raise SystemExit(f"{argv}: {done.stdout}{done.stderr}")
    return took


def script(python, stub, fleet):
    """Each turn runs the script once in each way, in another order."""
    base = {k: v for k, v in os.environ.items() if not k.startswith(("BESOM_", "WANDB_"))}
    base.update(HOME=fleet.folder, WANDB_SILENT="true", WANDB_ERROR_REPORTING="false", BESOM_NVML="", BESOM_SYS="/nowhere",
                PATH=os.path.dirname(python) + os.pathsep + os.environ["PATH"], PYTHONDONTWRITEBYTECODE="1")
    with open(os.path.join(fleet.folder, "train.py"), "w", encoding="utf-8") as f:
        f.write(SCRIPT)
    with open(os.path.join(fleet.folder, "sweep.yaml"), "w", encoding="utf-8") as f:
        f.write(SPEC)
    alone = [python, "train.py"]
    token = json.loads(fleet.besom("token", "create", "--scope", "operator", "--store", fleet.store, "--json"))["token"]
    ways = {
        "offline": lambda turn: (alone, dict(base, WANDB_MODE="offline")),
        "the stub": lambda turn: (alone, dict(base, WANDB_BASE_URL=f"http://127.0.0.1:{stub.port}", WANDB_API_KEY=STUB_KEY)),
        "besom serve": lambda turn: (alone, dict(base, WANDB_BASE_URL=f"http://127.0.0.1:{port_of(fleet)}",
                                                 WANDB_API_KEY=token)),
        "besom run": lambda turn: ([BESOM, "run", "sweep.yaml", "--store", f"store.{turn}"], base),
    }
    took = {name: [] for name in ways}
    for turn in range(TURNS + 1):  # the first warms the caches
        names = list(ways)[turn % len(ways):] + list(ways)[:turn % len(ways)]
        for name in names:
            argv, env = ways[name](turn)
            seconds = timed(argv, env, fleet.folder)
            if turn:
                took[name].append(seconds)
    offline = took["offline"]
    row("a script of 20 steps with wandb, WANDB_MODE=offline", f"{1e3 * statistics.median(offline):.0f}", "ms",
        f"median of {TURNS}")
    for name in list(ways)[1:]:
        ratios = sorted(a / b for a, b in zip(took[name], offline))
        floor = "floor 1.10; " if name.startswith("besom") else ""
        row(f"the same with {name}, divided by offline", f"{statistics.median(ratios):.2f}", "",
            f"{floor}{ratios[0]:.2f} to {ratios[-1]:.2f}, median {1e3 * statistics.median(took[name]):.0f} ms")


def streamed(port, key, connections):
    argv = [LOAD, str(port), key, connections, SECONDS, ROWS]
    done = subprocess.run(argv, capture_output=True, text=True, preexec_fn=lambda: place({CORES[-1]}))
    if done.returncode != 0:
        raise SystemExit(f"stream_load: {done.stderr}")
    return float(done.stdout)


def stream(fleet, stub):
    for connections in CONNECTIONS:
        before, began = fleet.cpu_seconds(), time.monotonic()
        rate = streamed(port_of(fleet), fleet.env["BESOM_TOKEN"], connections)
        cpu = (fleet.cpu_seconds() - before) / (time.monotonic() - began)
        row(f"file_stream requests of {ROWS} rows, {connections} connections, durable", f"{rate:.0f}", "1/s",
            f"floor 2000 with many; controller on one core, CPU {100 * cpu:.0f} %")
    if stub:
        rate = streamed(stub.port, STUB_KEY, CONNECTIONS[-1])
        row(f"the same with the stub, {CONNECTIONS[-1]} connections", f"{rate:.0f}", "1/s", "in memory, in Python")


def main():
    python = fleet_gap.wandb_python() if {"script", "gap"} & set(PARTS) or os.path.exists(fleet_gap.PEERS) else None
    if not python:
        print("wandb could not be installed: only `stream` is measured, without the stub")
    peer = python if python and os.path.exists(fleet_gap.STUB) else None
    if "stream" in PARTS:
        with Fleet() as fleet:
            fleet.serve()
            if peer:
                with Stub(peer) as stub:
                    stream(fleet, stub)
            else:
                stream(fleet, None)
    if "script" in PARTS and peer:
        with Fleet() as fleet, Stub(peer) as stub:
            fleet.serve()
            script(python, stub, fleet)
    if "gap" in PARTS:
        fleet_gap.measure(TRIALS, at_besom=True)


if __name__ == "__main__":
    main()
