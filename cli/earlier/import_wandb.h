/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* besom import wandb DIR…: the folders that wandb's client has left become runs. */
struct invocation;

int import_wandb(struct invocation *inv);
