/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What orchestrator/writer.c does with the batches of orchestrator/core/batches.h: the facts of one
 * at a time are written, and that may take its time. The process may die at any point of this. */
#include "orchestrator/core/batches.h"
#include "tests/sim/store.h"

struct writer {
    struct batches batches;
    struct stored_fact *facts; /* of the busy batch */
    size_t n, cap;
};

void writer_init(struct writer *w);
void writer_done(struct writer *w);
/* Begins to write what has gathered, unless something is being written. */
void writer_flush(struct sim *s, struct writer *w);
bool writer_is_idle(const struct writer *w);
/* The process dies: what is being written has arrived, or not. */
void writer_die(struct sim *s, struct writer *w);
