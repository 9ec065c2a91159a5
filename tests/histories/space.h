/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Small random spaces with ordinary and extreme bounds, and a judge of what is in them that shares
 * no formula with besom's own. */
#include "base/buf.h"
#include "base/number/rng.h"
#include "sweep/space.h"

enum { SPACE_MAKER_MAX = 6 };

enum maker_kind {
    MAKER_UNIFORM,
    MAKER_LOG,
    MAKER_INT,
    MAKER_Q,
    MAKER_TEXTS,
    MAKER_NUMBERS,
    MAKER_NORMAL,
    MAKER_CONSTANT,
    MAKER_KINDS
};

struct maker_parameter {
    enum maker_kind kind;
    double low, high, q;
    int values; /* of a list: v0, v1, … or 1, 2, 4, … */
    int parent; /* of the parameters before it, a list of texts; -1: it always exists */
    int parent_value;
};

struct space_maker {
    struct maker_parameter parameters[SPACE_MAKER_MAX]; /* named p0, p1, … */
    int n;
};

void space_maker_draw(struct space_maker *m, struct rng *r);
/* The lines below `parameters:`. */
void space_maker_write(const struct space_maker *m, struct buf *out);
/* Whether params are a point of the space; if not, what is wrong is in text. */
bool space_maker_has(const struct space_maker *m, const struct value *params, char *text,
                     size_t bytes);
