# SPDX-License-Identifier: GPL-3.0-or-later
"""The time from a trial's end to the start of the next on the same slot, of a training that only notes the clock: with a
real `besom agent`, and beside it with `wandb agent` against the stub of W&B's server in ../shared/wandb-wire."""

import os
import socket
import subprocess
import sys
import time
import venv

from fleet_run import BESOM, BUILD, CORES, GAP_CLOCK, Fleet, place, row

ROOT = os.path.dirname(os.path.dirname(BUILD))
STUB = os.path.join(ROOT, "..", "shared", "wandb-wire", "stub.py")
PEERS = os.path.join(ROOT, "build", "fleet-peers")
WANDB, WANDB_TRIALS = "wandb==0.31.0", 5
PATIENCE = 300


def gaps_of(path, wanted, alive):
    """Sorted milliseconds between the lines of gap_clock, when there are so many."""
    deadline = time.monotonic() + PATIENCE
    while True:
        clocks = []
        if os.path.exists(path):
            with open(path, encoding="ascii") as f:
                clocks = [float(line) for line in f.read().splitlines()]
        if len(clocks) >= wanted:
            return sorted(1e3 * (b - a) for a, b in zip(clocks, clocks[1:]))
        if not alive() or time.monotonic() > deadline:
            raise SystemExit(f"only {len(clocks)} of {wanted} trials ran")
        time.sleep(0.1)


def at(gaps, share):
    return gaps[int(share * (len(gaps) - 1))]


def besom(trials):
    with Fleet() as fleet:
        fleet.serve()
        clock = os.path.join(fleet.folder, "clock")
        argv = [BESOM, "agent", "--join", fleet.join, "--name", "a", "--dir", os.path.join(fleet.folder, "agent")]
        fleet.sweep([GAP_CLOCK, clock], points=trials + 1)
        agent = subprocess.Popen(argv, env=fleet.env, stderr=subprocess.DEVNULL, cwd=fleet.folder,
                                 preexec_fn=lambda: place(CORES))
        fleet.agents.append(agent)
        gaps = gaps_of(clock, trials + 1, lambda: agent.poll() is None)
    row("a trial's end to the next one's start on its slot, besom agent, p50", f"{at(gaps, .5):.1f}", "ms",
        f"floor 20; p99 {at(gaps, .99):.1f}, {trials} trials")
    return at(gaps, .5)


def wandb_python():
    """A python with wandb, or None; made once under build/."""
    python = os.path.join(PEERS, "bin", "python3")
    if not os.path.exists(os.path.join(PEERS, "complete")):
        venv.create(PEERS, with_pip=True)
        argv = [python, "-m", "pip", "install", "--quiet", WANDB]
        if subprocess.run(argv, stdout=sys.stderr).returncode != 0:
            return None
        open(os.path.join(PEERS, "complete"), "w", encoding="ascii").close()
    return python


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wandb_agent(python, fleet, url, key):
    """The gaps of `wandb agent` against this server, sorted."""
    env = dict(fleet.env, WANDB_BASE_URL=url, WANDB_API_KEY=key, HOME=fleet.folder, WANDB_SILENT="false",
               PATH=os.path.dirname(python) + os.pathsep + os.environ["PATH"])
    clock, spec = os.path.join(fleet.folder, "clock"), os.path.join(fleet.folder, "sweep.yaml")
    with open(spec, "w", encoding="utf-8") as f:
        values = list(range(WANDB_TRIALS + 2))
        f.write(f"method: grid\nprogram: {GAP_CLOCK}\ncommand: ['{GAP_CLOCK}', '{clock}']\n"
                f"parameters: {{x: {{values: {values}}}}}\n")
    made = subprocess.run([python, "-m", "wandb", "sweep", spec], env=env, cwd=fleet.folder, capture_output=True,
                          text=True)
    words = [w for w in (made.stdout + made.stderr).split() if w.count("/") == 2 and not w.startswith("http")]
    if not words:
        raise SystemExit("wandb sweep: " + made.stdout + made.stderr)
    agent = subprocess.Popen([python, "-m", "wandb", "agent", words[-1]], env=env, cwd=fleet.folder,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    fleet.agents.append(agent)
    gaps = gaps_of(clock, WANDB_TRIALS + 1, lambda: agent.poll() is None)
    agent.kill()
    agent.wait()
    return gaps


def wandb_at_stub(python):
    port = free_port()
    with Fleet() as fleet:
        stub = subprocess.Popen([python, STUB, str(port), os.path.join(fleet.folder, "rec")], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        fleet.agents.append(stub)
        time.sleep(2)
        return wandb_agent(python, fleet, f"http://127.0.0.1:{port}", "a" * 40)


def wandb_at_besom(python):
    with Fleet() as fleet:
        fleet.serve()
        return wandb_agent(python, fleet, fleet.near.partition("#")[0], fleet.env["BESOM_TOKEN"])


def measure(trials, at_besom=False):
    """at_besom: `wandb agent` against a controller too."""
    ours = besom(trials)
    python = wandb_python() if os.path.exists(STUB) else None
    if not python:
        print("wandb could not be installed, or its stub is missing: besom is measured ALONE")
        return
    servers = {"the stub of W&B's server": wandb_at_stub}
    if at_besom:
        servers["besom serve"] = wandb_at_besom
    for server, gaps_at in servers.items():
        gaps = gaps_at(python)
        row(f"the same with wandb agent at {server}, p50", f"{at(gaps, .5):.0f}", "ms",
            f"{WANDB}, {WANDB_TRIALS} trials, {gaps[0]:.0f} to {gaps[-1]:.0f}; besom's times {at(gaps, .5) / ours:.0f}")
