#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a sweep to its end while processes are killed with SIGKILL at seeded moments, and compares what is
in the store at the end with what an undisturbed run leaves. A method that learns proposes by the results that it has, whose
order the kills change: of it, `besom replay` has to derive each proposal again, and with one slot it is compared, too.

    chaos.py --besom PATH --method grid|random|sobol|bayes|tpe|cmaes --victims all|besom --seed N [--trials N] [--kills N]

victims all: besom, shims and training, one of them, a few, or all at once; besom: only besom itself, and
then no trial may have had a second attempt."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))

LEARNERS = ("bayes", "cmaes", "tpe")
METHODS = ("grid", "random", "sobol", *LEARNERS)
GRID = "  x: {values: [%s]}\n  y: {values: [0.5, 1.0, 2.0, 4.0]}\n"
RANGES = "  x: {min: 0.0, max: 10.0}\n  y: {distribution: log_uniform_values, min: 0.01, max: 10.0}\n"


def write_spec(folder, args):
    parameters = GRID % ", ".join(str(i) for i in range(args.trials // 4)) if args.method == "grid" else RANGES
    with open(os.path.join(folder, "sweep.yaml"), "w") as f:
        f.write(
            f"method: {args.method}\nseed: {args.seed}\nrun_cap: {args.trials}\n"
            "metric: {name: loss, goal: minimize}\n"
            "retry: {failed: 1000, host: 1000}\n"
            f"program: {os.path.join(HERE, 'train.py')}\n"
            f"command: [{sys.executable}, -S, -E, '${{program}}', '${{args}}']\n"
            f"parameters:\n{parameters}"
        )


class Sweep:
    def __init__(self, folder, args):
        self.folder, self.args = folder, args
        self.store = os.path.join(folder, ".besom")
        self.double = os.path.join(folder, "double")
        self.env = dict(os.environ, CHAOS_DOUBLE=self.double, CHAOS_SECONDS=str(args.seconds))
        self.env.pop("BESOM_STORE", None)
        self.process = None
        self.output = open(os.path.join(folder, "output"), "a")

    def start(self):
        command = [self.args.besom, "run", "sweep.yaml", "--slots", str(self.args.slots)]
        self.process = subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.output,
        )

    def look(self, *words):
        command = [self.args.besom, *words, "--json", "--store", self.store]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=self.folder).stdout

    def ours(self):
        """pid -> whether it is a shim, of every process tagged with an attempt of this store."""
        tag = f"BESOM_ATTEMPT_DIR={self.store}/".encode()
        found = {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as f:
                    tagged = any(v.startswith(tag) for v in f.read().split(b"\0"))
                with open(f"/proc/{name}/comm") as f:
                    shim = f.read().startswith("besom-shim")
            except OSError:
                continue
            if tagged:
                found[int(name)] = shim
        return found

    def result(self):
        trials = json.loads(self.look("trials"))
        for trial in trials:
            points = [json.loads(line) for line in self.look("metrics", trial["id"]).splitlines()]
            trial["points"] = [
                (p["step"], p["metrics"]) for p in points if p["attempt"] == trial["attempt"]
            ]
        return trials


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def strike(sweep, rng, victims):
    """Kills the seeded victims; says whether besom was among them."""
    choice = "besom" if victims == "besom" else rng.choice(
        ["everything", "besom", "shim", "training", "some", "besom and shims"])
    ours = sweep.ours() if choice != "besom" else {}
    if choice == "shim":
        pids = [p for p, shim in ours.items() if shim][:1]
    elif choice == "training":
        pids = [p for p, shim in ours.items() if not shim][:1]
    elif choice == "some":
        pids = [p for p in ours if rng.random() < 0.5]
    elif choice == "besom and shims":
        pids = [p for p, shim in ours.items() if shim]
    else:
        pids = list(ours)
    besom = choice in ("everything", "besom", "besom and shims") or (
        choice == "some" and rng.random() < 0.5)
    if besom:
        sweep.process.kill()
        sweep.process.wait()
    for pid in pids:
        kill(pid)
    return besom


def run_disturbed(sweep, args):
    rng = random.Random(args.seed)
    sweep.start()
    kills = restarts = 0
    deadline = time.monotonic() + 600
    while True:
        wait = rng.uniform(0.0, 2 * args.pause) if kills < args.kills else 600
        try:
            code = sweep.process.wait(timeout=wait)
            break
        except subprocess.TimeoutExpired:
            pass
        if time.monotonic() > deadline:
            sys.exit("the disturbed run does not end")
        kills += 1
        if strike(sweep, rng, args.victims):
            restarts += 1
            sweep.start()
    return code, kills, restarts


def strip(trial):
    return {k: trial[k] for k in ("number", "params", "state", "reason", "objective", "points")}


def check(sweep, args, want, got):
    faults = []
    for a, b in zip(want, got):
        if (args.method not in LEARNERS or args.slots == 1) and strip(a) != strip(b):
            faults.append(f"trial {a['number']} differs:\n  want {strip(a)}\n  got  {strip(b)}")
    if len(want) != len(got):
        faults.append(f"{len(got)} trials in place of {len(want)}")
    if os.path.exists(sweep.double):
        faults.append("trials that ran twice at the same time: " + open(sweep.double).read())
    if args.victims == "besom":
        again = [t["number"] for t in got if t["attempts"] != 1]
        if again:
            faults.append(f"only besom was killed, yet these trials had another attempt: {again}")
    time.sleep(0.2)
    left = sweep.ours()
    for pid in left:
        kill(pid)
    if left:
        faults.append(f"processes left behind: {sorted(left)}")
    checked = subprocess.run([args.besom, "check", "--store", sweep.store], capture_output=True, text=True)
    if checked.returncode != 0:
        faults.append("besom check: " + checked.stdout + checked.stderr)
    replayed = subprocess.run([args.besom, "replay", "--store", sweep.store], capture_output=True, text=True)
    if replayed.returncode != 0:
        faults.append("besom replay: " + replayed.stdout + replayed.stderr)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--besom", required=True, type=os.path.abspath)
    parser.add_argument("--method", choices=METHODS, default="grid")
    parser.add_argument("--victims", choices=["all", "besom"], default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=0.25, help="of one training")
    parser.add_argument("--pause", type=float, default=0.1, help="between kills, on average")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="besom-chaos-")
    results = []
    for name in ("calm", "disturbed"):
        os.mkdir(os.path.join(folder, name))
        sweep = Sweep(os.path.join(folder, name), args)
        write_spec(sweep.folder, args)
        if name == "calm":
            sweep.args.seconds, sweep.env["CHAOS_SECONDS"] = args.seconds, "0.0"
            sweep.start()
            code, kills, restarts = sweep.process.wait(timeout=300), 0, 0
        else:
            code, kills, restarts = run_disturbed(sweep, args)
        if code != 0:
            sys.exit(f"the {name} run ended with exit code {code}: see {sweep.folder}/output")
        results.append(sweep.result())
    faults = check(sweep, args, *results)
    attempts = sum(t["attempts"] for t in results[1])
    print(f"{args.method}, seed {args.seed}, victims {args.victims}: {len(results[1])} trials, {kills} kills, "
          f"{restarts} restarts, {attempts} attempts, {len(faults)} faults")
    for fault in faults[:10]:
        print(fault)
    if faults:
        sys.exit(f"what was left is in {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
