/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What those may change who ask for one run alone (ask->run): an attempt of a trial, by its agent. They may
 * read, change that run, and add artifacts to it. */
#include "base/err.h"
#include "base/value.h"
#include "protocol/wandb/wandb_exchange.h"

/* ERR_PERMISSION: the operation, which writes, is not for them. variables may be NULL. */
NODISCARD int desk_scope_check(const struct wandb_ask *ask, const char *operation,
                               const struct value *variables, struct err *err);
/* The same for a path. */
NODISCARD int desk_scope_check_path(const struct wandb_ask *ask, struct err *err);
