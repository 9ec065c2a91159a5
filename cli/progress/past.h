/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The results of a sweep from its first trial on: those that the store had when this process began to look, and those
 * that came since. */
#include "orchestrator/core/books.h"
#include "orchestrator/view/pace/chance.h"

struct past {
    struct chance_past results;
    bool begun;
    uint64_t seq; /* of the last fact that the store had */
};

void past_done(struct past *p);
/* A fact of kind FACT_ENDED, which the books have folded. store: its folder. */
void past_add(struct past *p, const char *store, const struct book_sweep *s, const struct fact *f);
const struct chance_past *past_read(struct past *p, const char *store, const struct book_sweep *s);
