/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Says in a sentence what a trial, or a sweep, waits for that could run here: the order of the
 * sweeps, a limit of its own, an agent. It changes nothing and reads no clock. It may visit all
 * agents and sweeps: it is for people who ask. */
#include "orchestrator/core/controller/controller_state.h"

/* What a trial of the sweep waits for, also one that runs, as its agent is away or has not started it; the
 * text lives in the arena. NULL: the sweep is not in the books, or the trial waits for nothing. */
const char *waits_trial(const struct controller *c, const char *sweep, uint64_t number,
                        struct arena *a);
/* What the sweep waits for; NULL: nothing, as it has ended, or its trials run on agents that are
 * connected. */
const char *waits_sweep(const struct controller *c, const char *sweep, struct arena *a);
/* The same of a sweep whose trials no agent could run. NULL also where agents are away that may return. */
const char *waits_stuck(const struct controller *c, const char *sweep, struct arena *a);
