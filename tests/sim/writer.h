/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the controller's shell does between its core and its store: effects gather in a batch. A batch
 * is written at a time, and that may take its time; then its effects are let go, in their order. The
 * process may die at any point of this. */
#include "orchestrator/core/effects.h"
#include "tests/sim/store.h"

struct batch {
    struct arena arena; /* of the effects */
    struct effects effects;
    struct stored_fact *facts;
    size_t n, cap;
    size_t ended; /* trials that can be released afterwards */
};

struct writer {
    struct batch batches[2];
    struct batch *open; /* the one that effects gather in */
    struct batch *busy; /* the one that is being written; NULL: none */
};

void writer_init(struct writer *w);
void writer_done(struct writer *w);
/* Begins to write what has gathered, unless something is being written. */
void writer_flush(struct sim *s, struct writer *w);
bool writer_is_idle(const struct writer *w);
/* The process dies: what is being written has arrived, or not. */
void writer_die(struct sim *s, struct writer *w);
