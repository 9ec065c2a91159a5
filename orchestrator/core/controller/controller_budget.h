/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The budget of a sweep's time: budget.wall and budget.until. Once it is spent, no trial starts, and
 * those that run are asked to end. `wall` counts the time during which at least one trial of the
 * sweep ran, so that a sweep that lay still has lost nothing of it. */
#include "orchestrator/core/controller/controller_state.h"

/* Puts the deadlines of sweeps that something has happened to where they belong, and ends the sweeps
 * whose deadline has come. */
void controller_budget(struct controller *c, const struct event *ev, struct effects *out);
/* One sweep's, after what this step did to it. */
void controller_budget_place(struct controller *c, const struct event *ev,
                             struct schedule_sweep *turn);
bool controller_budget_is_spent(const struct event *ev, const struct book_sweep *s);
int64_t controller_budget_deadline(const struct controller *c); /* INT64_MAX: never */
