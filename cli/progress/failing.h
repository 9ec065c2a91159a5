/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trials that failed while this looked, by cause: the newest causes, and what the trials of each have in common. */
#include "cli/progress/progress_facts.h"
#include "orchestrator/core/books.h"
#include "orchestrator/view/pace/suspect.h"

struct failing {
    struct arena arena; /* of the causes */
    struct causes causes;
    struct suspect suspect;
    char *params[CAUSES_MAX];                      /* of the newest trial of each */
    const struct cause *newest[PROGRESS_FAILURES]; /* the newest first */
    struct arena told;                             /* of what the trials of each have in common */
    const char *with[PROGRESS_FAILURES];
    bool stale; /* that is of before the last end */
};

void failing_init(struct failing *f);
void failing_done(struct failing *f);
/* A trial has ended for good, and the books have folded it. */
void failing_add(struct failing *f, const struct book_sweep *s, const struct fact *end);
/* Fills to->failures; their texts live until the next call. */
void failing_tell(struct failing *f, struct progress *to);
