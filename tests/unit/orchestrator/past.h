/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Random histories of sweeps from a seed, each fact legal in its place, and the books as text, so
 * that two can be compared and the difference read. */
#include "base/buf.h"
#include "base/number/rng.h"
#include "orchestrator/core/books.h"

struct past {
    struct rng rng;
    struct books books;   /* what the facts so far fold into */
    struct arena arena;   /* of the newest fact */
    struct fact ended[8]; /* trials that have, each as the fact that has it run again */
    size_t ended_n;
    struct arena kept; /* what those point to */
    int64_t now_ms;
};

void past_init(struct past *h, uint64_t seed);
void past_done(struct past *h);
/* The next fact, already folded; good until the next call. */
const struct fact *past_next(struct past *h);
/* Any fact at all, most of them illegal. */
struct fact past_any(struct past *h);

/* All that a store gives back: credentials, sweeps that have not ended or have an open trial, their open trials.
 */
void past_dump(struct buf *out, const struct books *b);
