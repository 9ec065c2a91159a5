/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Finds out before the start that a command cannot run on this host, where the command itself would
 * only exit with a code: `env` without its interpreter, Python or a shell without its script. */
#include "base/arena.h"
#include "base/err.h"
#include "base/value.h"

/* command: the list of its arguments; cwd: where it will run; path: its $PATH. ERR_NOT_FOUND with
 * the missing file; 0 also for a command of another form. */
NODISCARD int launch_program_check(struct arena *a, const struct value *command, const char *cwd,
                                   const char *path, struct err *err);
