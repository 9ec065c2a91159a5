/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Facts from the store, a page at a time: for followers. */
#include <stddef.h>
#include "orchestrator/view/view.h"
#include "sweep/fact.h"

/* Returns false to stop: this fact and all later ones are not wanted yet. f is valid until the function returns;
 * f->seq is its number. Metric points that the store has
 * merged come as one fact with the number and time of the last one. */
typedef bool (*view_fact_fn)(void *arg, const struct fact *f);
/* Calls the function, in order, for at most `limit` facts whose number is at least `from`, and for no
 * further one where these take `bytes` of memory. No
 * transaction is open during the calls. *ret_next is the number to continue with, *ret_end is true
 * if there were no more. A fact that cannot be read is skipped: besom check names it. */
NODISCARD int view_facts(struct view *v, uint64_t from, size_t limit, size_t bytes, view_fact_fn fn,
                         void *arg, uint64_t *ret_next, bool *ret_end, struct err *err);
