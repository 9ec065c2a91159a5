/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One parameter with a finite number of distinct values, by their places: digit 0 to n - 1. */
#include "sweep/space.h"

struct axis {
    const struct parameter *p;
    uint64_t n;
    bool grid;     /* the digits are the points of a grid over p, not all values of p */
    int64_t first; /* integers and multiples of q: the step that digit 0 is */
    /* The rest is for categorical kinds, whose values may repeat or have no chance: NULL else. */
    uint32_t *digit_of;          /* each of p->values; UINT32_MAX where it has no chance */
    const struct value **values; /* of each digit */
    double *weights;             /* of each digit */
    uint32_t *index;             /* by value_hash: 1 + digit, 0 empty */
    size_t index_cap;
};

void axis_init(struct axis *x, const struct parameter *p);      /* space_parameter_points(p) > 0 */
void axis_init_grid(struct axis *x, const struct parameter *p); /* space_grid_allows(p) */
void axis_done(struct axis *x);
struct value *axis_value(struct arena *a, const struct axis *x, uint64_t digit);

/* Of axes that are no grid's. */
uint64_t axis_digit(const struct axis *x, double u); /* the digit of the value at quantile u */
bool axis_find(const struct axis *x, const struct value *v, uint64_t *ret_digit);
double axis_weight(const struct axis *x, uint64_t digit); /* its chance to be drawn */
