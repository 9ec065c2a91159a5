/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A trial whose last attempt failed or was lost runs on another agent next, if one can take it. While
 * all others that could run it are busy with trials of its sweep, it waits for one of them, and the
 * sweep's other trials get the slots of the agent that it failed on. Otherwise it runs there again.
 * Follows from the books and the fleet: nothing is stored. */
#include "orchestrator/core/controller/controller_state.h"

/* The first pending trial of the sweep that may start now. *agent has room for one: it becomes
 * another one with room where the trial goes elsewhere. NULL: all that are pending wait, or none is;
 * turn->elsewhere is how many wait. */
struct book_trial *controller_elsewhere_pick(struct controller *c, struct schedule_sweep *turn,
                                             struct book_sweep *s, struct fleet_agent **agent);
/* "a, where it failed last", if there is room on no other agent and the trial waits for one;
 * NULL: it does not. */
const char *controller_elsewhere_why(const struct controller *c, const struct schedule_sweep *turn,
                                     const struct book_sweep *s, const struct book_trial *t,
                                     struct arena *a);
