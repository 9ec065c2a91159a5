/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/batches.h"

#include "base/check.h"

void batches_init(struct batches *b)
{
    *b = (struct batches){.open = &b->two[0]};
    for (int i = 0; i < 2; i++) {
        arena_init(&b->two[i].arena);
        effects_init(&b->two[i].effects, &b->two[i].arena);
    }
}

void batches_done(struct batches *b)
{
    for (int i = 0; i < 2; i++) {
        effects_done(&b->two[i].effects);
        arena_done(&b->two[i].arena);
    }
}

size_t batches_step(struct batches *b, struct controller *c, const struct event *ev)
{
    struct batch *open = b->open;
    size_t first = open->effects.n;
    controller_step(c, ev, &open->effects);
    for (size_t i = first; i < open->effects.n; i++) {
        struct effect *e = &open->effects.items[i];
        if (e->kind != EFFECT_PERSIST)
            continue;
        fact_keep(&open->arena, &e->fact); /* it outlives the event and the state of the books */
        open->facts_n++;
    }
    return first;
}

struct batch *batches_take(struct batches *b)
{
    if (b->busy || b->open->effects.n == 0)
        return NULL;
    b->busy = b->open;
    b->open = &b->two[b->busy == &b->two[0]];
    return b->busy;
}

void batches_seal(struct batches *b, struct books *books)
{
    b->busy->ended = books_seal(books);
}

void batches_release(struct batches *b, struct books *books, const struct batches_handler *h)
{
    struct batch *busy = b->busy;
    PRE(busy);
    for (size_t i = 0; i < busy->effects.n; i++)
        h->carry_out(h->arg, &busy->effects.items[i]);
    for (size_t i = 0; i < busy->effects.n; i++)
        if (busy->effects.items[i].kind == EFFECT_PERSIST)
            h->committed(h->arg, &busy->effects.items[i].fact);
    books_release(books, busy->ended);
    effects_clear(&busy->effects);
    arena_clear(&busy->arena);
    busy->facts_n = 0;
    b->busy = NULL;
}

bool batches_are_idle(const struct batches *b)
{
    return !b->busy && b->open->effects.n == 0;
}
