#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A script that writes for TensorBoard; with sync_tensorboard=True wandb has the same curves."""
import argparse

import torch
import wandb
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.tensorboard import SummaryWriter


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()

    wandb.init(project="digits-tensorboard", config=args, sync_tensorboard=True)
    torch.manual_seed(0)
    digits = load_digits()
    x, y = torch.tensor(digits.data, dtype=torch.float32) / 16, torch.tensor(digits.target)
    model = nn.Linear(64, 10)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    writer = SummaryWriter()
    for epoch in range(args.epochs):
        loss = nn.functional.cross_entropy(model(x[:1200]), y[:1200])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            out = model(x[1200:])
            writer.add_scalar("loss/train", loss.item(), epoch)
            writer.add_scalar("loss/val", nn.functional.cross_entropy(out, y[1200:]).item(), epoch)
            writer.add_scalar("accuracy/val", (out.argmax(1) == y[1200:]).float().mean().item(), epoch)
    writer.add_histogram("weights", model.weight, args.epochs)
    writer.add_image("digit", x[0].reshape(1, 8, 8), args.epochs)
    writer.close()
    wandb.finish()


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
