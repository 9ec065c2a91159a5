/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `besom run` says when a request of its own is refused, and at its end; its exit status. */
#include "cli/run/run_state.h"

/* The answer of the controller to a request of this run: a struct driver_asker, whose arg is the struct run. */
void run_outcome_of_request(void *run, int code, const char *text, const struct value *answer);
/* As many trials have ended as --count says. */
bool run_outcome_counted(const struct run *r);
/* ended_by: the signal that interrupted it, or 0. */
int run_outcome(struct run *r, const struct books *books, int ended_by);
