/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What of an earlier trial is a parameter, what is the metric, and whether the trial can be used. */
#include "language/spec.h"
#include "sweep/earlier/earlier.h"
#include "sweep/given.h"

struct import_rows {
    struct earlier *e;
    const struct spec *spec; /* that says what the parameters are; NULL: none */
    struct given given;
    const char *metric_wanted, *goal_wanted; /* NULL: not named by the user */
    const char *metric;                      /* NULL until the first row */
    bool maximize;
    bool goal_unknown;   /* nothing says it: minimize */
    size_t not_finite_n; /* values of other metrics that were dropped */
};

void import_rows_init(struct import_rows *r, const struct spec *spec);
void import_rows_done(struct import_rows *r);
/* Splits and checks a row, in e->scratch: 1, or 0 where it cannot be used, which is noted. The first
 * one decides which metric is meant: ERR_USAGE if none can be. With a spec, params become whole and
 * nested as the script gets them. */
NODISCARD int import_rows_settle(struct import_rows *r, struct earlier_row *row, struct err *err);
