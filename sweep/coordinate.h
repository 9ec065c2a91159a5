/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Configurations as points of the unit cube, for strategies that learn: the inverse of the draws. A parameter with more than one value is one coordinate; a value with a chance of its
 * own (an integer, a multiple of q, one of a list) is at the middle of the quantiles that give it,
 * so that space_ppf() of a coordinate is the value again. */
#include "sweep/axis.h"

struct coordinate {
    const struct parameter *p;
    struct axis axis; /* of a categorical kind */
    double *places;   /* the coordinate of each of its digits */
};

struct coordinates {
    size_t n;
    struct coordinate *items;
};

/* space must outlive it. */
void coordinates_init(struct coordinates *c, const struct space *space);
void coordinates_done(struct coordinates *c);
/* Writes n coordinates of nested params; NaN for a parameter that does not exist or has a value
 * outside the space. */
void coordinates_of(const struct coordinates *c, const struct value *params, double *ret);
/* How many values it has: 0 where it is continuous, UINT64_MAX where they have no end. */
uint64_t coordinate_levels(const struct coordinate *c);
/* Whether its values are a list of numbers in ascending or descending order: they can be compared,
 * not only told apart. */
bool coordinate_is_ordered(const struct coordinate *c);
bool coordinate_is_category(const struct coordinate *c); /* a list, ordered or not */
/* The place of its digit-th value, of a finite number of them. */
double coordinate_place(const struct coordinate *c, uint64_t digit);
/* The chance of its digit-th value to be drawn, of a finite number of them. */
double coordinate_chance(const struct coordinate *c, uint64_t digit);
/* The place of the value at quantile u, where its own place is; u itself where it is continuous. */
double coordinate_snap(const struct coordinate *c, double u);
/* The quantiles that give the value at u, of one that is not continuous, from *ret_low to *ret_high. */
void coordinate_range(const struct coordinate *c, double u, double *ret_low, double *ret_high);
/* The place of the value `by` values away from the one at u; u where there is none. */
double coordinate_neighbour(const struct coordinate *c, double u, int by);
