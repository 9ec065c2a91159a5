/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Facts from the store, a page at a time: for followers. */
#include <stddef.h>
#include "orchestrator/view/view.h"
#include "sweep/fact.h"

/* f is good until the function returns; f->seq says its number. Metric points that the store has
 * folded together come as one fact with the number of the last, and its time is that of its last
 * point. */
typedef void (*view_fact_fn)(void *arg, const struct fact *f);
/* Hands out, in order, at most `limit` facts whose number is at least `from`. No transaction is
 * open meanwhile. *ret_next is the number to go on with, *ret_end says that there were no more.
 * A fact that cannot be read is left out: besom check names it. */
NODISCARD int view_facts(struct view *v, uint64_t from, size_t limit, view_fact_fn fn, void *arg,
                         uint64_t *ret_next, bool *ret_end, struct err *err);
