/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trials of a sweep as runs: for tools that read what W&B exports. A trial that used wandb is its run. */
#include "cli/look/looking.h"

/* A list of documents as in orchestrator/runs/runs_value.h, in the order of the trials. The summary of a trial without a run has
 * the last value of each metric. */
NODISCARD int run_trials_read(struct looking *l, const char *sweep, struct value **ret,
                              struct err *err);
