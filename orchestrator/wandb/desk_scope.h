/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What those may change who ask for one run alone (ask->run): an attempt of a trial, by its agent. They may
 * read, change that run, make runs outside of sweeps and change those, and add artifacts to them all. */
#include "orchestrator/wandb/desk_call.h"

struct runs_run;

/* ERR_PERMISSION: the operation, which writes, is not for them. */
NODISCARD int desk_scope_check(const struct desk_call *c, const char *operation, struct err *err);
/* The same for a path. */
NODISCARD int desk_scope_check_path(const struct desk_call *c, struct err *err);
/* ERR_PERMISSION: they may not change this run, or the one of this number (0: none). */
NODISCARD int desk_scope_need(const struct desk_call *c, const struct runs_run *run,
                              struct err *err);
NODISCARD int desk_scope_need_number(const struct desk_call *c, int64_t n, struct err *err);
bool desk_scope_may_change(const struct desk_call *c, const struct runs_run *run);
/* Who has made the further runs of an attempt. */
const char *desk_scope_maker(const struct desk_call *c);
