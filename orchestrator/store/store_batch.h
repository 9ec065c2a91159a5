/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The content of one transaction: statements with all their values, in order. A batch refers
 * to no other data, so that one thread may fill it and another may write it. Knows no SQL and
 * no books. */
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "orchestrator/store/store_statement.h"

enum { STORE_VALUES_MAX = 32 }; /* of one statement */

enum store_value_kind { STORE_NULL, STORE_INT, STORE_REAL, STORE_TEXT, STORE_BLOB };

struct store_value {
    enum store_value_kind kind;
    union {
        int64_t i;
        double f;
        struct {
            const char *data;
            size_t len;
        } bytes;
    };
};

struct store_op {
    struct store_op *next;
    enum store_statement statement;
    int places, n; /* that there are; the highest that has a value */
    struct store_value values[];
};

struct store_attempt { /* whose chunks are to be folded */
    uint64_t row;
    uint32_t number;
    bool ended;       /* else more chunks come: only runs that are full are folded */
    bool followed;    /* from its launch on and never folded: `chunks` are all that it has */
    uint64_t after;   /* chunks up to this seq are done */
    uint32_t chunks;  /* added since it was folded */
    bool system;      /* the samples of its system: those of an attempt that has ended */
    bool counted;     /* from its launch on: `samples` are all that it has */
    uint32_t samples; /* chunks of them */
};

enum store_growth { STORE_LAUNCHED, STORE_GREW, STORE_SAMPLED, STORE_ENDED };

struct store_grown { /* an event of an attempt that matters for folding */
    uint64_t row;
    uint32_t number;
    enum store_growth what;
};

struct store_batch {
    struct arena arena;
    struct store_op *first, **end;
    struct store_grown
        *grown; /* attempts that the batch launches, adds a chunk to, or ends; in order */
    size_t grown_n, grown_cap;
};

struct store_batch *store_batch_new(void);
void store_batch_free(struct store_batch *b); /* takes NULL */
/* Adds a statement without values: all of its parameters are NULL. */
struct store_op *store_batch_add(struct store_batch *b, enum store_statement statement);
/* Parameters are numbered from 1, as in SQL. Text and bytes are copied; text may be NULL. */
void store_batch_int(struct store_op *op, int at, int64_t n);
void store_batch_u64(struct store_op *op, int at, uint64_t n);
void store_batch_number(struct store_op *op, int at, double f); /* NaN as the text "NaN" */
void store_batch_text(struct store_batch *b, struct store_op *op, int at, const char *s);
void store_batch_blob(struct store_batch *b, struct store_op *op, int at, const void *data,
                      size_t len);
void store_batch_grow(struct store_batch *b, uint64_t row, uint32_t attempt,
                      enum store_growth what);
