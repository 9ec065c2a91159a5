/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Finds out before the start that a command cannot run on this host, where the command itself would
 * only exit with a code: `env` without its interpreter, Python or a shell without its script. */
#include "base/arena.h"
#include "base/err.h"
#include "base/value.h"

/* command: the list of its arguments; cwd: where it will run; path: its $PATH; host: "on this
 * machine"; advice: what helps where cwd lacks the script, "" or after ": ". ERR_NOT_FOUND with the missing
 * file; 0 also for a command of another form. */
NODISCARD int launch_program_check(struct arena *a, const struct value *command, const char *cwd,
                                   const char *path, const char *host, const char *advice,
                                   struct err *err);
