/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The effects of the controller before they are executed. They gather in a batch. One batch at a
 * time is written; when its facts are durable, its effects are executed in order, while the next
 * batch gathers. Knows no store and no thread. */
#include "orchestrator/core/controller/controller.h"

struct batch {
    struct arena arena; /* the data of the effects */
    struct effects effects;
    size_t facts_n; /* EFFECT_PERSIST among them; 0: nothing has to be written */
    size_t ended;   /* trials that leave the books afterwards */
};

struct batches {
    struct batch two[2];
    struct batch *open; /* gathers */
    struct batch *busy; /* is written; NULL: none */
};

struct batches_handler {
    void (*carry_out)(void *arg, const struct effect *e); /* each effect */
    void (*committed)(void *arg, const struct fact *f);   /* then each fact */
    void *arg;
};

void batches_init(struct batches *b);
void batches_done(struct batches *b);
/* Steps the controller. Returns the index in the open batch of the first effect of this step. */
size_t batches_step(struct batches *b, struct controller *c, const struct event *ev);
/* Makes the open batch the busy one. NULL where one is busy, or nothing has gathered. */
struct batch *batches_take(struct batches *b);
/* The rows that the facts of the busy batch changed were copied, or are not needed. */
void batches_seal(struct batches *b, struct books *books);
/* The facts of the busy batch are durable: executes its effects, and empties it. */
void batches_release(struct batches *b, struct books *books, const struct batches_handler *h);
bool batches_are_idle(const struct batches *b);
