/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs that continue: what they begin with, and going back to an earlier step. */
#include "orchestrator/wandb/desk_call.h"

/* RunResumeStatus */
NODISCARD int desk_resume(struct desk_call *c, struct value **ret, struct err *err);
/* RewindRun: removes all rows after a step, and takes the summary from those that stay. */
NODISCARD int desk_resume_rewind(struct desk_call *c, struct value **ret, struct err *err);
