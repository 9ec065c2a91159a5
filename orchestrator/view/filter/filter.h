/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which trials are wanted: `state:finished,running lr<1e-2 has:acc -(optimizer:sgd OR depth>4)`. The page reads the
 * same grammar (web/src/sweep/filter.ts); tests/web/filter_cases.json holds for both. Pure: knows values alone.
 *
 *   filter = every { "OR" every }          every = one { ["AND"] one }
 *   one    = "NOT" one | "-" one | "(" filter ")" | term
 *   term   = NAME OPERATOR VALUE | NAME ":" VALUE,VALUE,… | "has:" NAME,NAME,… | TEXT
 *
 * An operator is one of < <= > >= = !=. In "quotes", all but \" and \\ stands for itself. A term is false where the
 * trial has no value; equality of texts ignores the case of A to Z. TEXT is in one of a trial's texts, or is
 * its number. A NAME is a column of view_arrays.h, or a parameter's, or a metric's (of its last value; the
 * name of the sweep's metric is the objective); host is agent; tag is one of a trial's tags. `why` is the reason, or a text in the cause:
 * why:oom is also true for "out of GPU memory". */
#include "base/err.h"
#include "base/value.h"

enum { FILTER_TERMS_MAX = 200, FILTER_DEPTH_MAX = 32 };

struct filter;

/* The trials, as columns. */
struct filter_table {
    void *arg;
    size_t columns;
    size_t (*find)(void *arg, const char *name); /* SIZE_MAX: no trial has it */
    const struct value *(*cell)(void *arg, size_t column, size_t row); /* NULL: no value */
    bool part; /* of the trials: a name that none of them has is not an error */
};

/* In the arena. ERR_USAGE says what is wrong. */
NODISCARD int filter_parse(const char *text, struct arena *a, struct filter **ret, struct err *err);
/* Whether it searches the texts, so that all columns matter. */
bool filter_searches(const struct filter *f);
/* Must come before filter_match(), with the same table. metric: the sweep's; NULL: none. ERR_USAGE names a
 * column that no trial has. */
NODISCARD int filter_bind(struct filter *f, const struct filter_table *t, const char *metric,
                          struct err *err);
bool filter_match(const struct filter *f, const struct filter_table *t, size_t row);
