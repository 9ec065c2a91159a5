/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* People: they ask for sweeps until they have them, for what cannot be, and for pauses and ends. */
#include "orchestrator/core/event.h"
#include "tests/sim/sweeps.h"

struct request {
    bool bad;    /* must be refused, and change nothing */
    bool create; /* else a command */
    bool enqueue;
    const struct sweep *sweep; /* NULL where it is bad */
    bool found; /* the sweep was in the store, and had not ended, when it was asked */
};

struct users {
    struct request *items; /* number n is request n + 1 */
    size_t n, cap;
};

void users_start(struct sim *s);
void users_done(struct sim *s);
const struct request *user_request(const struct sim *s, uint64_t number);
/* These do nothing while there is no controller. */
void user_create(struct sim *s, const struct sweep *w);
void user_command(struct sim *s, const struct sweep *w, enum controller_command command);
/* Some of its trials that ended without a result, in any state of the sweep, are to run again. */
void user_retry(struct sim *s, const struct sweep *w);
/* A configuration that its strategy would propose first, as one more trial. */
void user_enqueue(struct sim *s, const struct sweep *w);
/* One of its trials, in any state. */
void user_stop_trial(struct sim *s, const struct sweep *w);
void user_edit(struct sim *s, const struct sweep *w);
void user_ask_nonsense(struct sim *s);
