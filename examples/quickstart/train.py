#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains a small neural network on 8x8 images of handwritten digits, in plain Python.

besom starts it as `train.py --lr=0.05 --width=16 …` once for each trial. Its only tie to besom is the file that
report() appends to; without besom it prints the same lines instead.
"""
import argparse
import csv
import gzip
import json
import math
import os
import random
from operator import mul

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = 10
TRAIN, VALIDATE = 512, 300  # images; the rest, 985, is the test set


def report(**metrics):
    """Appends one JSON object a line to the file that besom names; prints it where there is none."""
    line = json.dumps(metrics)
    if "BESOM_METRICS" not in os.environ:
        return print(line, flush=True)
    with open(os.environ["BESOM_METRICS"], "a") as out:
        out.write(line + "\n")


def load():
    """(pixels and a constant 1 for the bias, digit) of each image, in an order that never changes."""
    with gzip.open(os.path.join(HERE, "digits.csv.gz"), "rt") as f:
        rows = [[int(cell) for cell in row] for row in csv.reader(f)]
    random.Random(1998).shuffle(rows)
    images = [([pixel / 16 for pixel in row[:-1]] + [1.0], row[-1]) for row in rows]
    return images[:TRAIN], images[TRAIN:TRAIN + VALIDATE], images[TRAIN + VALIDATE:]


# Each activation beside its slope, the latter as a function of the activation's value.
ACTIVATIONS = {
    "relu": (lambda z: z if z > 0 else 0.0, lambda y: 1.0 if y > 0 else 0.0),
    "tanh": (math.tanh, lambda y: 1 - y * y),
    "sigmoid": (lambda z: 0.5 + 0.5 * math.tanh(z / 2), lambda y: y * (1 - y)),
}


class Network:
    """One hidden layer and a softmax, trained by mini-batches with momentum."""

    def __init__(self, width, activation, rng):
        self.act, self.slope = ACTIVATIONS[activation]
        self.hidden = [[rng.gauss(0, 0.15) for _ in range(65)] for _ in range(width)]
        self.output = [[rng.gauss(0, 0.15) for _ in range(width + 1)] for _ in range(CLASSES)]
        self.layers = (self.hidden, self.output)
        self.velocity = [[[0.0] * len(row) for row in layer] for layer in self.layers]

    def forward(self, x):
        act = self.act
        h = [act(sum(map(mul, row, x))) for row in self.hidden] + [1.0]
        scores = [sum(map(mul, row, h)) for row in self.output]
        top = max(scores)
        exps = [math.exp(s - top) for s in scores]
        total = sum(exps)
        return h, [e / total for e in exps]

    def step(self, batch, lr, momentum, weight_decay):
        """One update from a batch; the sum of its losses."""
        slope, loss = self.slope, 0.0
        grads = [[[0.0] * len(row) for row in layer] for layer in self.layers]
        for x, digit in batch:
            h, p = self.forward(x)
            loss -= math.log(p[digit] + 1e-12)
            p[digit] -= 1
            add(grads[1], p, h)
            errors = [sum(map(mul, p, column)) for column in zip(*self.output)]
            add(grads[0], [e * slope(y) for e, y in zip(errors[:-1], h)], x)
        scale, keep = lr / len(batch), 1 - lr * weight_decay
        for layer, speeds, grad in zip(self.layers, self.velocity, grads):
            for i, row in enumerate(layer):
                speeds[i] = [momentum * v - scale * g for v, g in zip(speeds[i], grad[i])]
                layer[i] = [keep * w + v for w, v in zip(row, speeds[i])]
        return loss

    def evaluate(self, images):
        """(mean loss, accuracy)"""
        loss, right = 0.0, 0
        for x, digit in images:
            p = self.forward(x)[1]
            loss -= math.log(p[digit] + 1e-12)
            right += p[digit] == max(p)
        return loss / len(images), right / len(images)


def add(grad, errors, inputs):
    for i, e in enumerate(errors):
        if e:
            grad[i] = [g + e * v for g, v in zip(grad[i], inputs)]


def main():
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--lr", type=float, default=0.1)
    cli.add_argument("--width", type=int, default=16)
    cli.add_argument("--momentum", type=float, default=0.5)
    cli.add_argument("--weight_decay", type=float, default=1e-4)
    cli.add_argument("--activation", choices=sorted(ACTIVATIONS), default="tanh")
    cli.add_argument("--epochs", type=int, default=12)
    args = cli.parse_args()

    rng = random.Random(7)
    train, validate, test = load()
    net = Network(args.width, args.activation, rng)
    for epoch in range(args.epochs):
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), 16):
            total += net.step(train[i:i + 16], args.lr, args.momentum, args.weight_decay)
        loss, accuracy = net.evaluate(validate)
        report(step=epoch, loss=loss, accuracy=accuracy, train_loss=total / len(train))
    report(step=args.epochs - 1, test_accuracy=net.evaluate(test)[1])


if __name__ == "__main__":
    main()
