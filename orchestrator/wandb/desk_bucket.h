/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs as wandb's clients create and change them. */
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/desk_call.h"
#include "protocol/wandb/wandb_answer.h"

/* Creates or changes a run. A variable that is missing or null keeps what there is. */
NODISCARD int desk_bucket_upsert(struct desk_call *c, struct value **ret, struct err *err);

/* The run that these variables name: its entity's and project's may be missing. */
NODISCARD int desk_bucket_named(struct desk_call *c, const char *entity, const char *project,
                                const char *name, struct runs_run *ret, struct err *err);

/* It as answers have it, without its configuration. */
struct wandb_answer_run desk_bucket_answer(struct desk_call *c, const struct runs_run *run);

/* The run that an id of an answer means. Its name is an id too, as an agent answers with. */
NODISCARD int desk_bucket_by_id(struct desk_call *c, const char *id, struct runs_run *ret,
                                struct err *err);
