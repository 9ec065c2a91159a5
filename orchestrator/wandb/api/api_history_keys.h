/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The keys of a run's history: of which types their values are, how often, and the last of them. */
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/desk_call.h"

/* {"sets":[],"keys":{NAME:{"typeCounts":[{"type":…,"count":n}],"monotonic":…,"previousValue":…}},"lastStep":n} */
NODISCARD int api_history_keys_of(struct desk_call *c, const struct runs_run *run,
                                  struct value **ret, struct err *err);
