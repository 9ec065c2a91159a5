#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A sweep from Python: `wandb.sweep` makes it, and `wandb.agent` runs its trials in this process."""
import torch
import wandb
from train import train

SWEEP = {
    "method": "random",
    "metric": {"name": "val/loss", "goal": "minimize"},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 0.0005, "max": 0.05},
        "hidden": {"values": [16, 32]},
        "optimizer": {"values": ["adam", "sgd"]},
        "epochs": {"value": 2},
    },
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    sweep_id = wandb.sweep(SWEEP, project="digits-pytorch")
    wandb.agent(sweep_id, function=train, count=3)
