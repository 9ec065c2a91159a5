/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A value as something that can be compared and sorted, as wandb's filters and orders do. Knows no
 * runs and no fields. */
#include "base/value.h"

enum wandb_scalar_kind {
    WANDB_SCALAR_NUMBER, /* also the texts "NaN", "Infinity", "-Infinity" */
    WANDB_SCALAR_TEXT,
    WANDB_SCALAR_BOOL,
    WANDB_SCALAR_OTHER, /* a list, a dict */
    WANDB_SCALAR_NONE   /* missing, or null */
};

struct wandb_scalar {
    enum wandb_scalar_kind kind;
    double number;    /* of a number, and of true and false */
    const char *text; /* points into the value */
};

/* v may be NULL. `is_time`: a text such as 2026-11-21T08:25:06Z becomes a number of seconds. */
struct wandb_scalar wandb_scalar_of(const struct value *v, bool is_time);
/* Whether a and b are of one kind that has an order, and neither is NaN; then *ret is below, equal to or above 0. */
bool wandb_scalar_compare(const struct wandb_scalar *a, const struct wandb_scalar *b, int *ret);
/* For sorting: numbers, then texts, then booleans. A missing value, NaN, a list and a dict come last, whether `descending`
 * or not. */
int wandb_scalar_order(const struct wandb_scalar *a, const struct wandb_scalar *b, bool descending);
/* Seconds since 1970 of a date, with or without a time (after `T` or a space) and a zone (none: UTC). False where the text is
 * no such time. */
bool wandb_scalar_time(const char *text, double *ret);
