/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* `besom run` where another process holds the store: that one runs the sweep, and this one follows it. */
#include "cli/run/run_state.h"

/* busy: why the store could not be opened. *ret_again: the process has left the store before the sweep's end.
 * *ret_exit: the exit status, where it returns 0. */
NODISCARD int run_beside(struct run *r, const struct invocation *inv, const struct err *busy,
                         bool *ret_again, int *ret_exit, struct err *err);
