/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* `besom run` as the process that holds the store: its own controller and agent run the sweep. */
#include "cli/run/run_state.h"

/* Takes the store. *ret_exit: the exit status, where it returns 0. */
NODISCARD int run_here(struct run *r, struct store *store, int *ret_exit, struct err *err);
