/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sweeps as wandb's clients look at them. */
#include "orchestrator/wandb/desk_call.h"
#include "protocol/wandb/wandb_answer_sweep.h"

struct desk_sweep {
    struct wandb_answer_sweep answer;
    bool ours;                /* wandb's client made it, so its agents may run it */
    const struct value *view; /* as besom show prints it */
};

/* ERR_NOT_FOUND: there is none, or it was removed. */
NODISCARD int desk_sweep_find(struct desk_call *c, const char *id, struct desk_sweep *ret,
                              struct err *err);
/* SweepWithRuns, SweepConfig. */
NODISCARD int desk_sweep_get(struct desk_call *c, struct value **ret, struct err *err);
