/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A strategy proposes configurations: (space, earlier proposals and their results, seed) -> the
 * next point. A strategy and its history are only a cache of the books: after strategy_replay()
 * for each earlier proposal and strategy_report() for each result, it continues as if it had never
 * stopped. Pure; it knows only the trials that it is told of, and no files, clocks or sockets. One
 * thread at a time may use it. */
#include "strategies/strategy_type.h"

struct strategy;

/* Whether proposals of this method depend on results. If not, strategy_report() has no effect and
 * need not be called. */
bool strategy_learns(enum spec_method method);
/* spec must outlive the strategy. */
NODISCARD int strategy_new(const struct spec *spec, uint64_t seed, struct strategy **ret,
                           struct err *err);
/* The same for a type without a method's name. */
NODISCARD int strategy_new_of(const struct strategy_type *type, const struct spec *spec,
                              uint64_t seed, struct strategy **ret, struct err *err);
/* Tells the results of earlier sweeps, before anything is proposed or replayed:
 * [{"source":NAME,"rows":[[PARAMS,OBJECTIVE],…]},…], all of this space. Copies what it needs; no
 * effect on a method that does not learn. */
void strategy_set_prior(struct strategy *s, const struct value *prior);
void strategy_free(struct strategy *s);
/* Makes the next proposal and takes note of it. Whole floats below 2^53 are integers in it. */
NODISCARD int strategy_propose(struct strategy *s, struct arena *a, struct proposal *ret,
                               struct err *err);
/* Makes the next proposal ahead, so that strategy_propose() takes microseconds if nothing is
 * reported before. Changes no proposal: what is reported makes it void, and it leaves no trace. Does
 * nothing for a strategy that does not learn, or where strategy_propose() will fail. */
void strategy_prepare(struct strategy *s);
/* For display only: skips expensive work. The proposals are the same, but strategy_propose() may
 * return ERR_LIMIT, with a text, for one that is hard to find. */
void strategy_hurry(struct strategy *s);
/* Takes note of a proposal made before; in the order of their numbers. */
void strategy_replay(struct strategy *s, uint64_t cursor, const struct value *params);
bool strategy_is_learner(const struct strategy *s);
/* Reports the state of trial `number`: at each change, or once, from its row. */
void strategy_report(struct strategy *s, uint64_t number, const struct history_fate *fate);
/* The largest number of proposals, including earlier ones: the distinct points of a finite space
 * if no point is repeated; 0 if there is no limit, UINT64_MAX if there are more or they cannot be
 * counted. */
uint64_t strategy_total(const struct strategy *s);
/* Distinct points that a sweep of this spec can propose: those of the grid, or of the space under
 * its conditions; 0 if there are infinitely many, UINT64_MAX if there are more or a space other
 * than a grid's cannot be counted. Fails like strategy_new() if there are no points. Takes up to
 * some tenths of a second if conditions link many values, otherwise no time. */
NODISCARD int strategy_points(const struct spec *spec, uint64_t *ret, struct err *err);
