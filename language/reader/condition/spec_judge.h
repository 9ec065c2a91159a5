/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Checks expressions before any point is drawn: reports one that makes no sense, never holds,
 * always holds, or has no value. */
#include "language/reader/condition/spec_expr.h"

enum spec_use { SPEC_USE_WHEN, SPEC_USE_EXPR, SPEC_USE_FORBID };

/* An expression, its place and its use. */
struct spec_text {
    const struct spec_node *node;
    struct condition condition;
    enum spec_use use;
    size_t index; /* SPEC_USE_EXPR: the parameter that it gives */
};

/* space->order must be set. */
void spec_judge(struct spec_expr *x, const struct space *space, const struct spec_text *texts,
                size_t n);
