/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* POST /api/v1/runs/NAME/edit: people change what they call a run, on the page. The body has "entity" and "project", and of
 * "display", "notes", "group", "job_type" (texts; null removes) and "tags" (a list of texts) those that are to
 * change. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int desk_edit(struct desk_call *c, struct err *err);
