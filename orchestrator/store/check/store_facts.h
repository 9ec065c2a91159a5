/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads facts and chunks of metrics back in the order in which they happened: they share one
 * sequence. The caller folds them. */
#include "base/arena.h"
#include "sweep/fact.h"

struct view;
struct sqlite3_stmt;

struct store_facts_sweep {
    uint64_t n;
    char id[16];
};

struct store_facts {
    struct view *view;
    struct sqlite3_stmt *facts, *chunks;
    int fact, chunk;                  /* whether each has a current row */
    struct arena arena;               /* of the fact in hand */
    struct store_facts_sweep *sweeps; /* by number, ascending */
    size_t sweeps_n, sweeps_cap;
    uint64_t facts_n, chunks_n, points_n; /* read so far */
    char problem[900];                    /* of the fact in hand; "" */
};

/* Within view_begin() and view_end(): one moment of the store. */
NODISCARD int store_facts_init(struct store_facts *r, struct view *v, struct err *err);
void store_facts_done(struct store_facts *r);
/* The id of sweep number n, of those read so far; NULL where there is none. */
const char *store_facts_sweep(const struct store_facts *r, uint64_t n);
/* 1: the next fact is in *ret, valid until the next call, or *ret_usable is false and r->problem
 * is the error. 0 at the end, ERR_* if the store cannot be read. */
NODISCARD int store_facts_next(struct store_facts *r, struct fact *ret, bool *ret_usable,
                               struct err *err);
