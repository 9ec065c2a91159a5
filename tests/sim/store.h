/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's disk: facts as the store would keep them, a transaction at a time, all of it or
 * nothing. Beside them, the books that the durable facts alone fold into: what the controller may
 * say in public is held against these. */
#include "orchestrator/core/books.h"
#include "orchestrator/core/replay.h"
#include "strategies/strategy.h"
#include "tests/sim/sim.h"

#define STORE_SWEEP "s1"

struct stored_fact {
    char *text;          /* fact_encode(), printed; NULL for metrics */
    struct fact metrics; /* a copy of its own */
};

struct store {
    struct stored_fact *facts;
    size_t n, cap;
    uint64_t epoch;
    bool full;
    struct books durable;
};

void store_init(struct sim *s);
void store_done(struct sim *s);
/* Appends the facts among the effects; false where the disk takes no more. */
bool store_commit(struct sim *s, const struct fact *facts, size_t n);
/* What a controller that starts finds: its books folded from the facts, its strategy replayed. */
void store_load(struct sim *s, struct books *b);
void store_replay(struct sim *s, struct strategy *strategy);
void store_derive(struct sim *s, struct replay *r); /* feeds it with all facts */
