/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs as wandb's clients create and change them. */
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/desk_call.h"

/* Creates or changes a run. A variable that is missing or null keeps what there is. */
NODISCARD int desk_bucket_upsert(struct desk_call *c, struct value **ret, struct err *err);

/* The run that an id of an answer means. Its name is an id too, as an agent answers with. */
NODISCARD int desk_bucket_by_id(struct desk_call *c, const char *id, struct runs_run *ret,
                                struct err *err);
