/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The parameters of a sweep as columns of numbers, one row for each trial, with the bounds and the
 * scale that the spec gives them. Importances and plots read trials through it. Pure; knows no
 * results. */
#include "sweep/space.h"

enum factor_scale {
    FACTOR_LINEAR,
    FACTOR_LOG,
    FACTOR_CATEGORY /* a list: its values can only be told apart */
};

struct factor {
    const struct parameter *p;
    enum factor_scale scale;
    bool bounded;     /* the spec gives the bounds; else they are those of the trials */
    double low, high; /* in values of the parameter; above 0 if the scale is logarithmic */
    uint64_t levels;  /* how many values it can have; 0: continuous, or not countable */
    double *values;   /* of each trial; NaN: it does not exist there. Of a category: its index in
                         p->distinct, or `levels` for a value that is not in the list */
    size_t known;     /* in how many trials it exists */
    bool strange;     /* a category: some trial has a value that is not in the list */
};

struct factors {
    const struct space *space;
    struct factor *items; /* each parameter with more than one value, in the order of the space */
    size_t n;
    size_t rows, cap;
};

/* space must outlive it. */
void factors_init(struct factors *fs, const struct space *space);
void factors_done(struct factors *fs);
/* Adds a row: the parameters of a trial, nested. */
void factors_add(struct factors *fs, const struct value *params);
/* Adds a row of another table of the same space. */
void factors_add_row(struct factors *fs, const struct factors *from, size_t row);
/* How many places a category has: its values, and one more if some trial has another value. */
size_t factor_places(const struct factor *f);
/* The place of a value between the bounds on the factor's scale: 0 at low, 1 at high; beyond them
 * for a value outside. Not for a category. */
double factor_place(const struct factor *f, double x);
