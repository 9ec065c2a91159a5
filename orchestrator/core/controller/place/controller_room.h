/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a sweep may still do: how many trials at once, how many configurations more. */
#include "orchestrator/core/controller/controller_state.h"

/* How many trials of the sweep may run at once; UINT64_MAX: no bound. */
uint64_t controller_room_parallel(const struct schedule_sweep *turn, const struct book_sweep *s);
/* How many trials may be launched beside those that run. */
uint64_t controller_room_trials(const struct controller *c, const struct schedule_sweep *turn,
                                const struct book_sweep *s);
/* How many more configurations the sweep can have, besides its trials and the ready proposals. */
uint64_t controller_room_proposals(const struct schedule_sweep *turn, const struct book_sweep *s);
/* What a trial of the sweep needs. */
struct fleet_class *controller_room_class(struct controller *c, struct schedule_sweep *turn,
                                          const struct book_sweep *s);
/* Forgets what its trials need, since the spec has changed or nothing more is launched. */
void controller_room_forget(struct controller *c, struct schedule_sweep *turn);
