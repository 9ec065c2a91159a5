/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Gives free slots to trials, in the order of the sweeps (orchestrator/core/schedule.h). A trial for
 * which nothing has room, but which an agent could hold, gets an agent of its own: nothing else
 * starts there until it fits. So small trials cannot starve a large one; they run elsewhere. */
#include "orchestrator/core/controller/controller_state.h"

/* Fills the free slots. */
void controller_place(struct controller *c, const struct event *ev, struct effects *out);
/* Updates the sweep's place in the order. */
void controller_place_turn(struct controller *c, struct schedule_sweep *turn);
