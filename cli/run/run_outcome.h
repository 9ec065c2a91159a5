/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `besom run` says at its end, and its exit status. */
#include "cli/run/run_state.h"

/* As many trials have ended as --count says. */
bool run_outcome_counted(const struct run *r);
/* ended_by: the signal that interrupted it, or 0. */
int run_outcome(struct run *r, const struct books *books, int ended_by);
