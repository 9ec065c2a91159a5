# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps as facts: 10,000 trials of a search that gets better, some of them stopped at a rung, and trials of two objectives."""
import heapq
import json
import math
import time

import facts

BIG, FRONT = "k3f9wq1c", "p7m2xd4t"
HOSTS = ["gpu-01", "gpu-02", "gpu-03", "gpu-04"]
STEPS, RUNGS, STEP_S = 27, (3, 9), 24.0
CIFAR = {
    "name": "cifar-resnet", "description": "ResNet on CIFAR-10, 27 epochs", "program": "train.py", "method": "tpe",
    "metric": {"name": "val_loss", "goal": "minimize"},
    "early_terminate": {"type": "asha", "eta": 3, "min_iter": 3, "max_iter": 27},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1},
        "weight_decay": {"distribution": "log_uniform_values", "min": 1e-6, "max": 0.1},
        "depth": {"distribution": "int_uniform", "min": 2, "max": 8},
        "optimizer": {"values": ["adamw", "sgd", "lion"]},
        "momentum": {"min": 0.5, "max": 0.99, "when": {"optimizer": "sgd"}},
        "batch": {"values": [64, 128, 256, 512]},
        "dropout": {"min": 0.0, "max": 0.6},
        "warmup": {"distribution": "int_uniform", "min": 0, "max": 2000},
        "schedule": {"values": ["cosine", "linear", "constant"]},
        "augment": {"values": [True, False]},
        "label_smoothing": {"min": 0.0, "max": 0.2},
        "seed": {"values": [1, 2, 3]},
    },
}
GOALS = [{"name": "latency_ms", "goal": "minimize"}, {"name": "accuracy", "goal": "maximize"}]




class Story(facts.Facts):
    """Facts with the times at which they happen."""

    def at(self, when, kind, sweep, **rest):
        self.now = int(when * 1000)
        self.lines.append(json.dumps({"kind": kind, "time": self.now, "sweep": sweep, **rest}))

    def end(self, when, ran, sweep, number, reason, state, code=0, signal=0, text=None):
        self.at(when, "ended", sweep, trial=number, attempt=1, reason=reason, state=state, code=code, signal=signal, ended=int(when * 1000),
                ran=int(ran * 1000), log_dropped=0, stdout_dropped=0, rewrites=0, text=text)

    def points(self, when, sweep, number, points):
        self.at(when, "metrics", sweep, trial=number, attempt=1, text="".join(json.dumps(p) + "\n" for p in points))


def grant(host, slot):
    return {"slots": [slot], "gpus": ["GPU-%d%d" % (HOSTS.index(host), slot)], "index": str(slot), "vendor": "nvidia"}


def cifar_params(dice, n, known):
    """At random first, then more and more around what was good, as a model proposes."""
    near = dice.random() < min(0.85, n / (n + 150))
    lr = dice.gauss(-3.1, 0.5) if near else dice.uniform(-5, -1)
    depth = min(8, max(2, round(dice.gauss(5.2, 1)))) if near else dice.randrange(2, 9)
    pick = lambda good, all: good if near and dice.random() < 0.75 else dice.choice(all)
    params = {"lr": float("%.4g" % 10 ** min(-1, max(-5, lr))), "weight_decay": float("%.4g" % 10 ** dice.uniform(-6, -1)), "depth": depth,
              "optimizer": pick("adamw", ["adamw", "sgd", "lion"]), "batch": pick(128, [64, 128, 256, 512]),
              "dropout": round(min(0.6, max(0, dice.gauss(0.15, 0.1))) if near else dice.uniform(0, 0.6), 4), "warmup": dice.randrange(0, 2001),
              "schedule": pick("cosine", ["cosine", "linear", "constant"]), "augment": pick(True, [True, False]),
              "label_smoothing": round(dice.uniform(0, 0.2), 4), "seed": dice.choice([1, 2, 3])}
    if params["optimizer"] == "sgd":
        params["momentum"] = round(dice.uniform(0.5, 0.99), 4)
    why = {"strategy": "tpe", "phase": "model", "results": known, "pending": 7, "good": max(2, known // 10), "bad": known - known // 10,
           "log_ratio": round(dice.uniform(0.5, 4), 4), "nearest": sorted(dice.sample(range(n), 3))} if known > 10 else \
        {"strategy": "tpe", "phase": "random", "reason": "too few results"}
    return params, why


def cifar_losses(p, dice):
    goal = 0.21 + 0.09 * (math.log10(p["lr"]) + 3.1) ** 2 + 0.02 * abs(p["depth"] - 5) + 0.3 * (p["dropout"] - 0.15) ** 2
    goal += {"adamw": 0, "lion": 0.03, "sgd": 0.09}[p["optimizer"]] + (0 if p["augment"] else 0.05) + (0.03 if p["schedule"] == "constant" else 0)
    goal += dice.expovariate(40) + (0.05 if p["batch"] == 512 else 0)
    speed = dice.uniform(3.5, 5)
    return [round(goal + (2.3 - goal) * math.exp(-(i + 1) / speed) + dice.gauss(0, 0.006), 5) for i in range(STEPS)]


def cifar(f, n, dice):
    """n trials on eight slots; what a rule stops, what fails, and what runs on. The sweep is paused then."""
    until = time.time() - 300
    spec_total = n + n // 4
    slots = [(0.0, host, slot) for host in HOSTS for slot in (0, 1)]
    heapq.heapify(slots)
    found, rungs, ended = [], {r: [] for r in RUNGS}, 0
    for number in range(n):
        free, host, slot = heapq.heappop(slots)
        start = free + 2
        params, why = cifar_params(dice, number, max(0, number - 8))
        losses, end, stopping = cifar_losses(params, dice), ("ok", "finished", None), None
        chance = dice.random()
        if params["batch"] == 512 and params["depth"] > 6 and chance < 0.8:
            losses, end = losses[:1], ("oom", "failed", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.10 GiB")
        elif chance < 0.01:
            losses, end = losses[:dice.randrange(1, 9)], ("exit", "failed", "RuntimeError: DataLoader worker (pid 4187) exited unexpectedly")
        elif chance < 0.02 and params["lr"] > 0.01:
            losses = losses[:5] + [float("nan")]
        else:
            for rung in RUNGS:
                value = losses[rung - 1]
                all_here = rungs[rung]
                rank = sum(1 for x in all_here if x < value) + 1
                all_here.append(value)
                keep = max(1, len(all_here) // 3)
                if len(all_here) >= 3 and rank > keep and dice.random() < 0.97:
                    cut = sorted(all_here)[keep - 1]
                    stopping = {"stopper": "asha", "rung": rung, "value": value, "threshold": cut, "rank": rank, "of": len(all_here)}
                    losses, end = losses[:rung], ("stopper", "stopped", None)
                    break
        ran = len(losses) * STEP_S * (0.6 + 0.08 * params["depth"]) + dice.uniform(4, 12)
        found.append((start, ran, host, slot, number, params, why, losses, end, stopping))
        heapq.heappush(slots, (start + ran, host, slot))
    shift = until - max(start + ran for start, ran, *_ in found)
    events = []
    for start, ran, host, slot, number, params, why, losses, end, stopping in found:
        events += [(start + shift, number, 0), (start + shift + ran, number, 1)]
    f.at(shift - 5, "sweep_created", BIG, n=0, name="cifar-resnet", path="/data/cifar/sweep.yaml", workdir=str(f.cifar), content=CIFAR, seed=7,
         total=spec_total)
    for when, number, what in sorted(events):
        start, ran, host, slot, _, params, why, losses, end, stopping = found[number]
        if what == 0:
            f.at(when - 1, "proposed", BIG, trial=number, cursor=number + 1, known=0, params=params, why=why)
            f.at(when, "launched", BIG, trial=number, attempt=1, agent=host, slot=slot, grant=grant(host, slot))
            continue
        step = ran / (len(losses) + 0.5)
        f.points(when, BIG, number, [{"step": i, "_time": round(start + shift + (i + 1) * step, 3), "val_loss": x, "train_loss": round(x * 0.9, 5),
                                      "acc": round(1 / (1 + x / 2), 5)} for i, x in enumerate(losses)])
        if stopping:
            f.at(when, "stopping", BIG, trial=number, attempt=1, reason="stopper", why=stopping)
        f.end(when, ran, BIG, number, end[0], end[1], code=1 if end[1] == "failed" else 0, text=end[2])
    f.at(until, "sweep_state", BIG, state="paused", reason="user")
    f.at(until, "action", "", by="local user ann", what="pause", subject=BIG, result="ok", **{"from": "this host"})


def front(f, n, dice):
    """Trials of two objectives."""
    start = time.time() - 86400
    f.at(start, "sweep_created", FRONT, n=0, name="distil-mobile", path="/data/distil/sweep.yaml", workdir="/data/distil", seed=11, total=n, content={
        "name": "distil-mobile", "program": "train.py", "method": "random", "metrics": GOALS, "run_cap": n, "parameters": {
            "width": {"distribution": "log_uniform_values", "min": 8, "max": 1024}, "depth": {"min": 1, "max": 12},
            "kernel": {"values": [3, 5, 7]}, "quantize": {"values": ["none", "int8"]}}})
    for number in range(n):
        width, depth, kernel, quantize = float("%.4g" % (8 * 128 ** dice.random())), dice.randint(1, 12), dice.choice([3, 5, 7]), dice.choice(["none", "int8"])
        when = start + 120 * number
        latency = (1 + (width * depth) ** 0.6 / 8 * (0.8 + kernel / 20)) * (0.55 if quantize == "int8" else 1) * dice.uniform(0.9, 1.1)
        accuracy = 0.97 - 0.55 / (1 + (width * depth) ** 0.5 / 9) - (0.012 if quantize == "int8" else 0) - dice.expovariate(25)
        f.at(when, "proposed", FRONT, trial=number, cursor=number + 1, known=0, why={},
             params={"width": width, "depth": depth, "kernel": kernel, "quantize": quantize})
        f.at(when, "launched", FRONT, trial=number, attempt=1, agent=HOSTS[number % 4], slot=number // 4 % 2,
             grant=grant(HOSTS[number % 4], number // 4 % 2))
        fails = number % 29 == 28
        if not fails:
            f.points(when + 200, FRONT, number, [{"step": 0, "latency_ms": round(latency, 4), "accuracy": round(accuracy, 4)}])
        f.end(when + 300, 300, FRONT, number, "exit" if fails else "ok", "failed" if fails else "finished", code=1 if fails else 0)
    f.at(start + 120 * n + 300, "sweep_state", FRONT, state="finished", reason="")
