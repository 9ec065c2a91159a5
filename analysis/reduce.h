/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which of the values that a trial has reported stands for it: as metric.reduce of a spec, and more, for people who look. Pure. */
#include "analysis/curve.h"
#include "base/err.h"

enum { REDUCE_LAST_MAX = 100000 };

enum reduce_kind {
    REDUCE_BEST,
    REDUCE_LAST,
    REDUCE_FIRST,
    REDUCE_MEAN /* of the last `n` */
};

struct reduce {
    enum reduce_kind kind;
    size_t n;
};

/* "best", "last", "first", "mean-5". ERR_USAGE says what to write. */
NODISCARD int reduce_parse(const char *text, struct reduce *ret, struct err *err);
/* The value of a curve over the step, of its last attempt alone: a trial is judged by what that reports itself. A mean is
 * of fewer values where there are fewer, and NaN where one of them is. NaN: there is none. */
double reduce_curve(const struct reduce *r, const struct curve *c, bool maximize);
