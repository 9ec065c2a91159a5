/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/writer.h"

#include "base/mem.h"
#include "tests/sim/server.h"

enum death { LIVES, UNWRITTEN, WRITTEN, IN_EFFECTS, DEATHS };

static void writer_finish(struct sim *s, struct writer *w);

void writer_init(struct writer *w)
{
    *w = (struct writer){.open = &w->batches[0]};
    for (int i = 0; i < 2; i++) {
        arena_init(&w->batches[i].arena);
        effects_init(&w->batches[i].effects, &w->batches[i].arena);
    }
}

void writer_done(struct writer *w)
{
    for (int i = 0; i < 2; i++) {
        effects_done(&w->batches[i].effects);
        arena_done(&w->batches[i].arena);
        mem_free(w->batches[i].facts);
    }
}

/* The facts become what the store keeps of them. */
static void batch_seal(struct sim *s, struct batch *b)
{
    for (size_t i = 0; i < b->effects.n; i++) {
        if (b->effects.items[i].kind != EFFECT_PERSIST)
            continue;
        b->facts = mem_grow(b->facts, &b->cap, b->n + 1, sizeof *b->facts);
        store_encode(s, &b->effects.items[i].fact, &b->facts[b->n++]);
    }
    b->ended = books_seal(&s->server->core.books);
}

static void batch_clear(struct batch *b)
{
    effects_clear(&b->effects);
    arena_clear(&b->arena);
    b->n = 0;
}

static enum death draw_death(struct sim *s)
{
    if (s->healing || !sim_has(s, SIM_TURNS) || !sim_one_in(s, SIM_R_WRITER, 25))
        return LIVES;
    return (enum death)sim_range(s, SIM_R_WRITER, UNWRITTEN, DEATHS - 1);
}

static void writer_finish(struct sim *s, struct writer *w)
{
    struct batch *b = w->busy;
    enum death death = draw_death(s);
    size_t n = b->effects.n;
    w->busy = NULL;
    if (death != UNWRITTEN && !store_commit(s, b->facts, b->n)) {
        server_kill(s, "cannot write its store");
        return;
    }
    if (death == IN_EFFECTS)
        n = rng_below(&s->rng[SIM_R_WRITER], n + 1);
    else if (death != LIVES)
        n = 0;
    for (size_t i = 0; i < n && !s->failed; i++)
        server_carry_out(s, &b->effects.items[i]);
    if (death != LIVES) {
        server_kill(s, "is killed in a commit");
        return;
    }
    for (size_t i = 0; i < b->n; i++)
        thinker_durable(s->server->thinker, b->facts[i].seq);
    books_release(&s->server->core.books, b->ended);
    batch_clear(b);
    writer_flush(s, w);
    server_written(s);
}

static void writer_written(struct sim *s, void *who, uint64_t generation)
{
    if (s->server->alive && s->server->generation == generation)
        writer_finish(s, who);
}

void writer_flush(struct sim *s, struct writer *w)
{
    struct batch *b = w->open;
    if (w->busy || b->effects.n == 0)
        return;
    batch_seal(s, b);
    int64_t most = b->n > 0 ? s->options.write_ms : 0;
    w->busy = b;
    w->open = &w->batches[b == &w->batches[0]];
    if (most == 0)
        writer_finish(s, w);
    else
        sim_after(s, sim_range(s, SIM_R_WRITER, 0, most), writer_written, w, s->server->generation);
}

bool writer_is_idle(const struct writer *w)
{
    return !w->busy && w->open->effects.n == 0;
}

void writer_die(struct sim *s, struct writer *w)
{
    struct batch *b = w->busy;
    w->busy = NULL;
    if (!b || s->store->full || sim_one_in(s, SIM_R_WRITER, 2))
        return;
    sim_trace(s, "writer", "its last batch is durable");
    (void)store_commit(s, b->facts, b->n);
}
