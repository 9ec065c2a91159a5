/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points of a finite space under its conditions, counted and numbered: by their digits, a place
 * on the axis of each parameter, in the order of space.order, of which the last varies fastest.
 * Where nothing is conditional that is W&B's order and a number in mixed radix.
 *
 * It is a decision diagram. A node stands for all beginnings of a point behind which the same can
 * follow; a run is a row of digits that lead to the same node. So what no condition ties together
 * costs one run, whatever its size, and what is tied costs as many steps as there are combinations.
 * Must not know who asks for points, or what was asked for before. */
#include "sweep/axis.h"
#include "strategies/lattice/refusal.h"

#define LATTICE_ABSENT UINT64_MAX /* the digit of a parameter that does not exist */

enum lattice_axes { LATTICE_GRID, LATTICE_LEVELS }; /* a grid over the space, or all its values */

struct lattice_run {
    uint64_t first, n; /* digits */
    uint64_t before;   /* points of the node before the run */
    uint32_t node;
};

struct lattice_node {
    uint64_t points;
    uint32_t run, runs; /* its first run, and how many */
};

struct lattice {
    const struct space *space;
    size_t n;        /* parameters */
    uint64_t points; /* more than 0; UINT64_MAX where there are more */
    struct axis *axes;
    struct lattice_node *nodes;
    struct lattice_run *runs;
    size_t nodes_n, nodes_cap, runs_n, runs_cap;
    uint32_t root;
    struct refusal refusal; /* of the combinations that were tried to set it up */
    struct value **values;
};

/* Each parameter must have a finite number of values, or allow a grid. ERR_EMPTY where no point is
 * left; ERR_LIMIT where conditions tie more together than can be counted. */
NODISCARD int lattice_init(struct lattice *l, const struct space *space, enum lattice_axes axes,
                           struct err *err);
void lattice_done(struct lattice *l);
/* The digits of point number index < points. */
void lattice_at(const struct lattice *l, uint64_t index, uint64_t *digits);
/* The number of a point (UINT64_MAX where that is not less). A digit of a parameter that does not
 * exist at this point may be any; it becomes LATTICE_ABSENT. False where there is no such point. */
bool lattice_find(const struct lattice *l, uint64_t *digits, uint64_t *ret_index);
/* The point as the script gets it. */
struct value *lattice_params(struct lattice *l, struct arena *a, const uint64_t *digits);
