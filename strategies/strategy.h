/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What proposes: (space, what was proposed before and what came of it, seed) -> the next point. A
 * strategy and its history are only a cache of the books: tell it the proposals of the past by
 * strategy_replay() and how their trials stand by strategy_report(), and it continues as if it had
 * never stopped. Pure; it must not know of trials beyond what it is told, of files, clocks or
 * sockets. One thread at a time may use it. */
#include "strategies/strategy_type.h"

struct strategy;

/* Whether proposals of this method depend on results. Where they do not, strategy_report() has no
 * effect and need not be called. */
bool strategy_learns(enum spec_method method);
/* spec must outlive the strategy. */
NODISCARD int strategy_new(const struct spec *spec, uint64_t seed, struct strategy **ret,
                           struct err *err);
/* The same, of a type that no method names. */
NODISCARD int strategy_new_of(const struct strategy_type *type, const struct spec *spec,
                              uint64_t seed, struct strategy **ret, struct err *err);
void strategy_free(struct strategy *s);
/* Makes the next proposal and takes note of it. Whole floats below 2^53 are integers in it. */
NODISCARD int strategy_propose(struct strategy *s, struct arena *a, struct proposal *ret,
                               struct err *err);
/* For who only looks: what would be much work is not done. Proposals are those that it makes
 * otherwise, but strategy_propose() may say ERR_LIMIT, with a text, for one that is hard to find.
 */
void strategy_hurry(struct strategy *s);
/* Takes note of a proposal made before; in the order of their numbers. */
void strategy_replay(struct strategy *s, uint64_t cursor, const struct value *params);
bool strategy_is_learner(const struct strategy *s);
/* How trial `number` stands now: at each change, or once, from its row. */
void strategy_report(struct strategy *s, uint64_t number, const struct history_fate *fate);
/* Proposals there can be at most, counting those made: distinct points of a finite space that is
 * never repeated; 0 where there is no end, UINT64_MAX where there are more or they cannot be
 * counted. */
uint64_t strategy_total(const struct strategy *s);
/* Distinct points that a sweep of this spec can propose: those of the grid, or of the space under
 * its conditions; 0 where they are infinitely many, UINT64_MAX where there are more or a space
 * other than a grid's cannot be counted. Fails where strategy_new() would for want of points. Takes
 * up to some tenths of a second where conditions tie many values together, and else none. */
NODISCARD int strategy_points(const struct spec *spec, uint64_t *ret, struct err *err);
