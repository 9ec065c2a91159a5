/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Results that were known before a sweep, as its strategy takes them: the best of those whose
 * configurations fit its space. Pure. */
#include "language/spec.h"
#include "sweep/given.h"

enum { PRIOR_ROWS_REASONS = 5 };

struct prior_row {
    struct value *params;
    double objective, loss;
    uint64_t number;
};

struct prior_rows {
    const struct spec *spec;
    struct arena *a;
    struct given given;
    struct prior_row *rows;
    size_t n, cap, of; /* of: trials with a result */
    struct {
        const char *text;
        size_t n;
    } reasons[PRIOR_ROWS_REASONS]; /* why others are left out */
    size_t reasons_n, others;
};

/* spec and arena must outlive it, and the arena its value. */
void prior_rows_init(struct prior_rows *r, const struct spec *spec, struct arena *a);
void prior_rows_done(struct prior_rows *r);
/* A result, which is not NaN or infinite; params: nested or by dotted names, others among them. */
void prior_rows_add(struct prior_rows *r, const struct value *params, double objective,
                    uint64_t number);
/* One source as strategy_set_prior() takes a list of; NULL if nothing fits. */
struct value *prior_rows_value(struct prior_rows *r, const char *name);
/* How many fit, and why the others do not: "3 of 4 trials of NAME fit; 1 left out: …". */
void prior_rows_print(struct buf *out, const struct prior_rows *r, const char *name);
