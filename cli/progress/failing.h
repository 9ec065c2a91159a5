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
};

void failing_init(struct failing *f);
void failing_done(struct failing *f);
/* A trial has ended for good, and the books have folded it. */
void failing_add(struct failing *f, const struct book_sweep *s, const struct fact *end);
/* Fills to->failures; their texts are in the arena. */
void failing_tell(const struct failing *f, struct arena *a, struct progress *to);
