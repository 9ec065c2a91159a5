/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Decides what runs next, and where: fills free slots, requests configurations before they are
 * needed, ends sweeps that are done. Visits only sweeps that have changed. */
#include "orchestrator/core/controller/controller_state.h"

enum {
    CONTROLLER_AHEAD_MIN = 2, /* configurations kept ready for a sweep whose strategy does not … */
    CONTROLLER_AHEAD_MAX = 256, /* … learn from results: a quarter of what it runs, within these */
    CONTROLLER_WAIT_PART = 100, /* a slot waits at most this part of a trial's time for a
                                 * configuration that knows the latest result */
    CONTROLLER_ENDED_MS = 60000 /* an ended sweep is freed after this time */
};

void controller_schedule(struct controller *c, const struct event *ev, struct effects *out);
void controller_schedule_proposed(struct controller *c, const struct event *ev,
                                  struct effects *out);
/* Whether the sweep has trials that have not ended, or can have more. */
bool controller_schedule_has_more(const struct controller *c, const struct book_sweep *s);
/* Frees sweeps that ended a while ago. Returns when to call it next; INT64_MAX: never. */
void controller_schedule_forget(struct controller *c, const struct event *ev, struct effects *out);
int64_t controller_schedule_deadline(const struct controller *c);
