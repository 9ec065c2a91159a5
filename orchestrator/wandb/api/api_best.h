/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* sweep.best_run() by the objective: W&B sorts by the last value of the metric, besom judges a trial by its best one
 * (metric.reduce). */
#include "orchestrator/wandb/desk_call.h"
#include "protocol/wandb/wandb_order.h"

/* Moves the run of the best trial to the front of `numbers`, if `order` sorts by the sweep's metric in the direction of its
 * goal, and the sweep is one of besom's. */
NODISCARD int api_best_first(struct desk_call *c, const char *sweep,
                             const struct wandb_order *order, int64_t *numbers, size_t n,
                             struct err *err);
