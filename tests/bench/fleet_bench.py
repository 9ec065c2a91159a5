#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller of a fleet: its acknowledgements and memory with thousands of agents, how many trials a second it hands out,
the time between two trials of a real agent beside `wandb agent`, and its restart with many trials.

Set by the environment:
BESOM_FLEET_PARTS (crowd,dispatch,gap,restart)
BESOM_FLEET_TLS, BESOM_FLEET_PLAIN (2000, 10000): agents of `crowd`; 0: not measured
BESOM_FLEET_SECONDS (20): of measuring
BESOM_FLEET_TRIALS (200) of `gap`, BESOM_FLEET_PAST (100000): trials of `restart`
BESOM_FLEET_NICE: as root, a priority like -15 for the controller and the agents, on a machine that does other work too"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "fleet"))
import fleet_gap  # noqa: E402
from fleet_run import Fleet, row  # noqa: E402

PARTS = os.environ.get("BESOM_FLEET_PARTS", "crowd,dispatch,gap,restart").split(",")
TLS = int(os.environ.get("BESOM_FLEET_TLS", "2000"))
PLAIN = int(os.environ.get("BESOM_FLEET_PLAIN", "10000"))
SECONDS = float(os.environ.get("BESOM_FLEET_SECONDS", "20"))
TRIALS = int(os.environ.get("BESOM_FLEET_TRIALS", "200"))
PAST = int(os.environ.get("BESOM_FLEET_PAST", "100000"))
FOREVER_MS = 3600 * 1000


def crowd(agents, tls):
    """Each agent trains, beats each second and sends one message of metrics each second."""
    what = f"{agents} agents " + ("over TLS with a key each" if tls else "without TLS")
    with Fleet(agents, tls=tls, train_ms=FOREVER_MS, metrics=True) as fleet:
        fleet.serve()
        before = fleet.rss_kib()
        took = float(fleet.ask(f"connect {fleet.near}"))
        connected = fleet.rss_kib()
        fleet.sweep(["/bin/true"])
        fleet.measure(SECONDS / 4)
        found = fleet.measure(SECONDS)
        kib = (fleet.rss_kib() - before) / agents
    if not found["acks"]:
        raise SystemExit("no message of metrics was acknowledged")
    row(f"acknowledgement of metrics, {what}, p99", f"{found['p99']:.1f}", "ms",
        f"floor 250; p50 {found['p50']:.1f}, max {found['max']:.0f}; {found['acks'] / found['seconds']:.0f} messages/s, "
        f"controller on one core, CPU {100 * found['cpu']:.0f} %")
    row(f"memory of the controller for each of {what}, training", f"{kib:.1f}", "KiB",
        f"floor {64 if tls else 32}; connected alone {(connected - before) / agents:.1f}; "
        f"connected in {took:.1f} s")


def dispatch():
    with Fleet(50) as fleet:
        fleet.serve()
        fleet.ask(f"connect {fleet.near}")
        fleet.sweep(["/bin/true"])
        fleet.measure(SECONDS / 10)
        found = fleet.measure(SECONDS / 2)
    if not found["ended"]:
        raise SystemExit("no trial ended")
    rate = found["ended"] / found["seconds"]
    row("no-op trials of 50 agents, ends durable", f"{rate:.0f}", "1/s",
        f"floor 1000; CPU of the controller {1e3 * found['cpu'] / rate:.2f} ms each")


def restart():
    with Fleet(100, train_ms=200, past=PAST) as fleet:
        fleet.serve()
        fleet.ask(f"connect {fleet.near}")
        fleet.measure(SECONDS / 10)
        fleet.controller.kill()
        fleet.controller.wait()
        fleet.say("watch")
        began = fleet.serve()
        first = float(fleet.answer())
        fleet.ask(f"connect {fleet.near}")  # answered when all are back
        fleet.measure(SECONDS / 10)
    row(f"restart of the controller with {PAST} trials, 100 agents: from its start to its first launch",
        f"{first - began:.2f}", "s", "floor 3; the agents try to connect every 50 ms")


def main():
    if "crowd" in PARTS:
        for agents, tls in ((TLS, True), (PLAIN, False)):
            if agents:
                crowd(agents, tls)
    if "dispatch" in PARTS:
        dispatch()
    if "gap" in PARTS:
        fleet_gap.measure(TRIALS)
    if "restart" in PARTS:
        restart()


if __name__ == "__main__":
    main()
