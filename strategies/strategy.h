/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What proposes: (space, what was proposed before, seed) -> the next point. A strategy is a const
 * descriptor and a state that is only a cache of the books: feed it the proposals of the past with
 * strategy_replay() and it goes on as if it had never stopped. Pure; it must not know of trials'
 * fates beyond what it is told, of files, clocks or sockets. */
#include "language/spec.h"

struct proposal {
    uint64_t cursor;      /* the strategy's own count: where it stood when it made this one */
    struct value *params; /* nested, as the script gets them */
    struct value *why;    /* a dict that explains it: {"strategy":"grid","index":17,"points":240} */
};

struct strategy;

struct strategy_type {
    const char *name;
    size_t state_bytes;
    /* Checks that the space suits it (ERR_SPEC with a sentence where not) and sets up the state. */
    int (*init)(void *state, const struct spec *spec, uint64_t seed, struct err *err);
    void (*done)(void *state);
    /* 0, ERR_EXHAUSTED at the end of a finite space, ERR_EMPTY where it gave up (then with a text).
     */
    int (*propose)(void *state, struct arena *a, struct proposal *ret, struct err *err);
    /* Takes note of a proposal made before, in the order in which they were made. */
    void (*replay)(void *state, uint64_t cursor, const struct value *params);
    uint64_t (*total)(const void *state);
    void (*hurry)(void *state); /* NULL where it never takes long */
};

extern const struct strategy_type strategy_grid, strategy_random, strategy_sobol;

/* spec must outlive the strategy. */
NODISCARD int strategy_new(const struct spec *spec, uint64_t seed, struct strategy **ret,
                           struct err *err);
void strategy_free(struct strategy *s);
NODISCARD int strategy_propose(struct strategy *s, struct arena *a, struct proposal *ret,
                               struct err *err);
/* For who only looks: what would be much work is not done. Proposals are those that it makes
 * otherwise, but strategy_propose() may say ERR_LIMIT, with a text, for one that is hard to find.
 */
void strategy_hurry(struct strategy *s);
void strategy_replay(struct strategy *s, uint64_t cursor, const struct value *params);
/* Proposals there can be at most, counting those made: distinct points of a finite space that is
 * never repeated; 0 where there is no end, UINT64_MAX where there are more or they cannot be
 * counted. */
uint64_t strategy_total(const struct strategy *s);
/* Distinct points that a sweep of this spec can propose: those of the grid, or of the space under
 * its conditions; 0 where they are infinitely many, UINT64_MAX where there are more or a space
 * other than a grid's cannot be counted. Fails where strategy_new() would for want of points. Takes
 * up to some tenths of a second where conditions tie many values together, and else none. */
NODISCARD int strategy_points(const struct spec *spec, uint64_t *ret, struct err *err);
