/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Completes a configuration of which some values are given: the others are drawn at random from
 * their distributions until the conditions allow the whole. Pure. */
#include "base/err.h"
#include "base/number/rng.h"
#include "sweep/space.h"

/* given: one value for each parameter, NULL where it is not given. grid: others come from the grid
 * over the space. *ret: nested, as the script gets it. ERR_EMPTY if no draw of many was allowed. */
NODISCARD int completion_draw(struct arena *a, const struct space *s, bool grid,
                              struct value *const *given, struct rng *rng, struct value **ret,
                              struct err *err);
/* Reads params that people gave (sweep/given.h), and completes them. The random numbers are those of
 * this trial of the sweep. values: room for s->n, the ones that were given. */
NODISCARD int completion_read(struct arena *a, const struct space *s, bool grid,
                              const struct value *params, uint64_t seed, uint64_t trial,
                              struct value **values, struct value **ret, struct err *err);
/* The first parameter that a configuration needs and that is not given; NULL if there is none. */
const char *completion_missing(const struct space *s, struct value *const *given);
/* Whether all values are given that a configuration needs, so that nothing is drawn. */
bool completion_is_whole(const struct space *s, struct value *const *given);
