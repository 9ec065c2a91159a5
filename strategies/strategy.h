/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What proposes: (space, what was proposed before, seed) -> the next point. A strategy is a const
 * descriptor and a state that is only a cache of the books: feed it the proposals of the past with
 * strategy_replay() and it goes on as if it had never stopped. Pure; it must not know of trials'
 * fates beyond what it is told, of files, clocks or sockets. */
#include "strategies/strategy_type.h"

struct strategy;

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
