# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweep files and training scripts that the agents run."""

# As a training of the 10,000 goes on: it runs on the agents.
CIFAR_TRAIN = """import json, math, os, random, sys, time
p = json.load(open(os.environ["BESOM_PARAMS"]))
print("ResNet-%d on CIFAR-10, %s, batch %d" % (6 * p["depth"] + 2, p["optimizer"], p["batch"]), flush=True)
dice = random.Random(str(p))
goal = 0.22 + 0.09 * (math.log10(p["lr"]) + 3.1) ** 2 + 0.02 * abs(p["depth"] - 5)
for epoch in range(27):
    for part in range(PARTS):
        time.sleep(0.1)
    loss = goal + (2.3 - goal) * math.exp(-(epoch + 1) / 4) + dice.uniform(-0.01, 0.01)
    print("epoch %2d  train_loss %.4f  val_loss %.4f  acc %.4f" % (epoch, loss * 0.9, loss, 1 / (1 + loss / 2)), flush=True)
    with open(os.environ["BESOM_METRICS"], "a") as out:
        print(json.dumps({"step": epoch, "val_loss": loss, "train_loss": loss * 0.9, "acc": 1 / (1 + loss / 2)}), file=out)
"""
FAILS = """name: segment-vit
description: "ViT segmentation, first try on the new hosts"
command: [python3, train.py, "${args}"]
workdir: %s
method: random
seed: 3
run_cap: %d
metric: {name: loss, goal: minimize}
resources: {time: 4s}
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0}
  batch: {values: [16, 32, 64, 128]}
  attention: {values: [sdpa, flash]}
  crop: {min: 256, max: 1024}
"""
FAILS_TRAIN = """import argparse, json, math, os, random, signal, sys, time

cli = argparse.ArgumentParser()
for name, kind in (("lr", float), ("batch", int), ("attention", str), ("crop", int)):
    cli.add_argument("--" + name, type=kind)
args = cli.parse_args()
dice = random.Random(repr(args))


def checkpoint(epoch):
    if "gpu-03" in os.environ["HOST"]:
        raise OSError(28, "No space left on device", "/scratch/ckpt/epoch-%d.pt" % epoch)


def forward(batch, crop):
    need = batch * crop * crop * 1.1e-6
    if need > 79:
        raise RuntimeError("CUDA out of memory. Tried to allocate %.2f GiB. GPU 0 has a total capacity of 79.33 GiB of which "
                           "%.2f GiB is free." % (need / 8, 79.33 - 79.33 * 0.93))


def train(args):
    print("ViT-B/16, batch %d, crop %d, %s attention" % (args.batch, args.crop, args.attention), flush=True)
    if args.attention == "flash" and "gpu-02" in os.environ["HOST"]:
        import flash_attn
    forward(args.batch, args.crop)
    for epoch in range(12):
        time.sleep(5 if args.crop > 960 else 0.12)
        loss = 0.4 + 0.1 * abs(math.log10(args.lr) + 3) + 2 * math.exp(-epoch / 3) + dice.uniform(0, 0.05)
        if args.lr > 0.1:
            loss *= 10 ** (epoch * 2)
            if loss > 1e8:
                loss = float("nan")
        print("epoch %2d  loss %.4f" % (epoch, loss), flush=True)
        with open(os.environ["BESOM_METRICS"], "a") as out:
            print(json.dumps({"step": epoch, "loss": loss}), file=out)
        assert loss == loss, "the loss is NaN after epoch %d" % epoch
        if epoch == 4 and args.batch == 16 and args.crop > 700:
            os.kill(os.getpid(), signal.SIGKILL)
        if epoch == 2:
            checkpoint(epoch)


train(args)
"""
