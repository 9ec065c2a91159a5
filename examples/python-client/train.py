#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fits a line to noisy points by gradient descent. Without besom it uses the defaults and prints."""
import json
import os
import random

import besom

run = besom.init(defaults={"batch": 8, "epochs": 20, "optimizer": {"lr": 0.05, "momentum": 0.0}})
batch, epochs = run.params["batch"], run.params["epochs"]
lr, momentum = run.params["optimizer"]["lr"], run.params["optimizer"]["momentum"]

rng = random.Random(0)
points = [(x / 32, 3 * x / 32 - 1 + rng.gauss(0, 0.1)) for x in range(-32, 32)]
state = {"epoch": 0, "slope": 0.0, "offset": 0.0, "speed": [0.0, 0.0]}

# An interrupted attempt left its state here: the next one continues from it.
checkpoint = os.path.join(run.dir, "checkpoint.json")
if run.attempt > 1 and os.path.exists(checkpoint):
    with open(checkpoint) as f:
        state = json.load(f)

for epoch in range(state["epoch"], epochs):
    shuffled = random.Random(epoch).sample(points, len(points))
    for i in range(0, len(shuffled), batch):
        some = shuffled[i:i + batch]
        errors = [state["slope"] * x + state["offset"] - y for x, y in some]
        grads = [sum(e * x for e, (x, _) in zip(errors, some)), sum(errors)]
        state["speed"] = [momentum * v - lr * g / len(some) for v, g in zip(state["speed"], grads)]
        state["slope"] += state["speed"][0]
        state["offset"] += state["speed"][1]
    loss = sum((state["slope"] * x + state["offset"] - y) ** 2 for x, y in points) / len(points)
    line = {"slope": state["slope"], "offset": state["offset"]}
    run.log({"loss": loss, "line": line}, step=epoch)

    if run.trial:
        state["epoch"] = epoch + 1
        with open(checkpoint + ".new", "w") as f:
            json.dump(state, f)
        os.replace(checkpoint + ".new", checkpoint)
    if besom.should_stop():
        break
