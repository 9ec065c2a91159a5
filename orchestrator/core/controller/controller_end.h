/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The end of an attempt and its effect on the trial: retries, too many lost attempts, the pause
 * after failures. */
#include "orchestrator/core/controller/controller_state.h"

enum {
    CONTROLLER_QUICK_FAILURES = 5, /* quick failures in a row that pause a sweep */
    CONTROLLER_POISON_HOSTS = 3,   /* a trial that so many hosts died under is given up */
    CONTROLLER_NO_METRICS = 3,     /* trials in a row without the metric that pause a sweep */
};

/* The trials for which the sweep paused itself, and which run again once it continues; states 0:
 * none. */
struct event_retry controller_end_retry(const struct book_sweep *s);
/* Ends a running attempt for this reason; `how` has the rest of the fact: code, signal, text … */
void controller_end_attempt(struct controller *c, const struct event *ev, struct book_sweep *s,
                            struct book_trial *t, enum trial_reason reason, const struct fact *how,
                            struct effects *out);
/* Whether the trial would run again if its attempt was lost now. */
bool controller_end_retries(const struct book_sweep *s, const struct book_trial *t);
/* Ends all attempts of an agent that is away, for this reason, and removes the agent. */
void controller_end_lost(struct controller *c, const struct event *ev, struct fleet_agent *agent,
                         const char *why, struct effects *out);
