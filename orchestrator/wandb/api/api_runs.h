/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs and projects as wandb's public API reads them. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int api_runs_one(struct desk_call *c, struct value **ret, struct err *err);  /* Run */
NODISCARD int api_runs_list(struct desk_call *c, struct value **ret, struct err *err); /* Runs */
NODISCARD int api_runs_projects(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int api_runs_project(struct desk_call *c, struct value **ret, struct err *err);
