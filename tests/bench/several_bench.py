#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several objectives: the hypervolume that `besom ask` reaches beside Optuna's samplers, on the same functions in one call.
The peers need the packages of search/peers.txt, which `./dev bench search` installs; without them besom is measured alone.

Set by the environment: BESOM_SEVERAL_SEEDS (3), BESOM_SEVERAL_TRIALS (60), BESOM_SEVERAL_PEERS (tpe,nsga2; also gp, which
takes minutes)."""
import json
import math
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BESOM = os.path.join(os.environ.get("BESOM_BUILD", os.path.join(ROOT, "build", "release")), "cli", "besom")
PYTHON = os.path.join(ROOT, "build", "search-peers", "bin", "python3")
SEEDS = int(os.environ.get("BESOM_SEVERAL_SEEDS", "3"))
TRIALS = int(os.environ.get("BESOM_SEVERAL_TRIALS", "60"))
PEERS = [p for p in os.environ.get("BESOM_SEVERAL_PEERS", "tpe,nsga2").split(",") if p]


def zdt1(x):
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return [x[0], g * (1 - math.sqrt(x[0] / g))]


def zdt2(x):
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return [x[0], g * (1 - (x[0] / g) ** 2)]


def dtlz2(x):
    g = sum((v - 0.5) ** 2 for v in x[2:])
    a, b = x[0] * math.pi / 2, x[1] * math.pi / 2
    return [(1 + g) * math.cos(a) * math.cos(b), (1 + g) * math.cos(a) * math.sin(b), (1 + g) * math.sin(a)]


def network(x):
    """The error and the latency of a network: width, depth, learning rate, one more."""
    error = 0.3 * math.exp(-3 * x[0]) + 0.2 * math.exp(-2 * x[1]) + 0.05 + 0.3 * (x[3] - 0.6) ** 2
    return [error + 2 * (x[2] - 0.4 - 0.2 * x[0]) ** 2, math.exp(2 * x[0]) * (1 + 3 * x[1])]


# Function, parameters, reference point. Zitzler, Deb and Thiele, 2000; Deb et al., 2002.
TASKS = {"zdt1": (zdt1, 6, (1.1, 6)), "zdt2": (zdt2, 6, (1.1, 6)), "dtlz2": (dtlz2, 6, (1.5, 1.5, 1.5)),
         "network": (network, 4, (1.2, 30))}


def hypervolume(rows, reference):
    rows = sorted((r for r in rows if all(a < b for a, b in zip(r, reference))), key=lambda r: r[-1])
    if len(reference) == 1:
        return max((reference[0] - r[0] for r in rows), default=0)
    volume = 0
    for i, row in enumerate(rows):
        upper = rows[i + 1][-1] if i + 1 < len(rows) else reference[-1]
        if upper > row[-1]:
            volume += (upper - row[-1]) * hypervolume([r[:-1] for r in rows[:i + 1]], reference[:-1])
    return volume


def besom(method, task, seed, folder):
    function, dims, reference = TASKS[task]
    spec = os.path.join(folder, "sweep.yaml")
    with open(spec, "w", encoding="utf-8") as file:
        file.write(f"program: x\nmethod: {method}\nmetrics:\n" + "".join(f"  - {{name: f{i}}}\n" for i in range(len(reference)))
                   + "parameters:\n" + "".join(f"  x{i}: {{min: 0.0, max: 1.0}}\n" for i in range(dims)))
    rows = []
    with subprocess.Popen([BESOM, "ask", "--seed", str(seed), spec], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        def say(line):
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())
        for _ in range(TRIALS):
            asked = say({"op": "ask"})
            rows.append(function([asked["params"][f"x{i}"] for i in range(dims)]))
            say({"op": "tell", "trial": asked["trial"], "state": "finished",
                 "metrics": {f"f{i}": v for i, v in enumerate(rows[-1])}})
        process.stdin.close()
    return rows


def optuna_rows(sampler, task, seed):
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    make = {"tpe": optuna.samplers.TPESampler, "gp": optuna.samplers.GPSampler,
            "nsga2": lambda seed: optuna.samplers.NSGAIISampler(seed=seed, population_size=20)}[sampler]
    function, dims, reference = TASKS[task]
    study = optuna.create_study(directions=["minimize"] * len(reference), sampler=make(seed=seed))
    rows = []
    for _ in range(TRIALS):
        trial = study.ask()
        rows.append(function([trial.suggest_float(f"x{i}", 0, 1) for i in range(dims)]))
        study.tell(trial, rows[-1])
    return rows


def peer(sampler, task, seed):
    done = subprocess.run([PYTHON, __file__, "--peer", sampler, task, str(seed)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def main():
    if sys.argv[1:2] == ["--peer"]:
        print(json.dumps(optuna_rows(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
        return
    peers = PEERS if os.path.exists(PYTHON) else []
    if PEERS and not peers:
        print("./dev bench search installs the peers: besom alone is measured")
    with tempfile.TemporaryDirectory() as folder:
        for task, (_, _, reference) in TASKS.items():
            for name in ["bayes", "tpe", "random", *(f"Optuna {p}" for p in peers)]:
                sampler = name.removeprefix("Optuna ")
                runs = [peer(sampler, task, s) if name != sampler else besom(name, task, s, folder) for s in range(SEEDS)]
                if None in runs:
                    continue
                parts = [sum(hypervolume(rows[:n], reference) for rows in runs) / SEEDS
                         for n in (TRIALS // 4, TRIALS // 2, TRIALS)]
                print(f"{task}: {name}\t{parts[2]:.3f}\thypervolume\tafter {TRIALS // 4} and {TRIALS // 2} trials: "
                      f"{parts[0]:.3f}, {parts[1]:.3f}")


if __name__ == "__main__":
    main()
