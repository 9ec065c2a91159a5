#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small network on handwritten digits. The same function trains alone, for `wandb agent`, and for a function agent."""
import torch
import wandb
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

DEFAULTS = {"lr": 0.01, "hidden": 32, "optimizer": "adam", "epochs": 5, "batch_size": 64}


def loaders(batch_size):
    digits = load_digits()
    data = TensorDataset(torch.tensor(digits.data, dtype=torch.float32) / 16, torch.tensor(digits.target))
    train, val = random_split(data, [0.8, 0.2], generator=torch.Generator().manual_seed(0))
    return DataLoader(train, batch_size, shuffle=True), DataLoader(val, batch_size)


def build_optimizer(model, name, lr):
    if name == "sgd":
        return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    return torch.optim.Adam(model.parameters(), lr=lr)


def evaluate(model, loader):
    loss, right, count = 0.0, 0, 0
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            right += (out.argmax(1) == y).sum().item()
            count += len(y)
    return loss / count, right / count


def train(config=None):
    with wandb.init(config=config or DEFAULTS) as run:
        config = run.config
        torch.manual_seed(0)
        train_loader, val_loader = loaders(config.get("batch_size", 64))
        model = nn.Sequential(nn.Linear(64, config.hidden), nn.ReLU(), nn.Linear(config.hidden, 10))
        optimizer = build_optimizer(model, config.optimizer, config.lr)
        run.watch(model, log="all", log_freq=20)

        for epoch in range(config.epochs):
            model.train()
            for x, y in train_loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                run.log({"train/batch_loss": loss.item()})
            val_loss, val_accuracy = evaluate(model, val_loader)
            run.log({"val/loss": val_loss, "val/accuracy": val_accuracy, "epoch": epoch})

        torch.save(model.state_dict(), "%s/model.pt" % run.dir)


if __name__ == "__main__":
    torch.set_num_threads(1)
    train()
