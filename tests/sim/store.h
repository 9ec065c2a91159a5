/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's disk: facts as the store would keep them, a transaction at a time, all of it or
 * nothing. Beside them, the books that the durable facts alone fold into: what the controller may
 * say in public is held against these. */
#include "orchestrator/core/books.h"
#include "sweep/history.h"
#include "orchestrator/core/event.h"
#include "tests/sim/sweeps.h"

struct stored_fact {
    uint64_t seq;
    char *text;          /* fact_encode(), printed; NULL for metrics */
    struct fact metrics; /* a copy of its own */
};

struct store_row { /* a trial, as its strategy is told of it */
    uint64_t cursor;
    const struct value *params;
    struct history_fate fate;
    struct fact retry; /* what has it run again, once it has ended */
    uint32_t current;  /* its attempt that counts */
};

struct store {
    struct stored_fact *facts;
    size_t n, cap;
    uint64_t epoch;
    bool full;
    struct books durable; /* sweeps that have ended stay in them */
    struct store_row rows[SIM_SWEEPS_MAX][SWEEP_TRIALS_MAX];
    size_t rows_n[SIM_SWEEPS_MAX];
};

void store_init(struct sim *s);
void store_done(struct sim *s);
/* Makes a fact what the store keeps of it, which points to nothing of the controller's. */
void store_encode(struct sim *s, const struct fact *f, struct stored_fact *ret);
/* Appends facts, all or none; false where the disk takes no more. */
bool store_commit(struct sim *s, const struct stored_fact *facts, size_t n);
/* What a controller that starts finds: the books folded from the facts, without sweeps that have
 * ended. */
void store_load(struct sim *s, struct books *b);
/* A sweep that has ended, which the caller owns; NULL where it is not there or has not ended. */
struct book_sweep *store_load_ended(struct sim *s, const char *sweep);
/* Fills in what the store has of an attempt whose trial is not open. */
void store_held(const struct sim *s, struct event_held *ret);
/* A trial that has ended as lost, which the caller owns; NULL where it has not. */
struct book_trial *store_load_lost(struct sim *s, const char *sweep, uint64_t trial);
const struct value *store_rungs_of(const struct sim *s, const char *sweep, uint64_t trial);
/* The trials of a sweep as facts that have them run again, as the store has them. */
size_t store_retries(const struct sim *s, const struct sweep *w, struct fact *ret);
