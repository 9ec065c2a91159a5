/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/writer.h"

#include "base/mem.h"
#include "tests/sim/server.h"

enum death { LIVES, UNWRITTEN, WRITTEN, IN_EFFECTS, DEATHS };

static void writer_finish(struct sim *s, struct writer *w);

void writer_init(struct writer *w)
{
    *w = (struct writer){0};
    batches_init(&w->batches);
}

void writer_done(struct writer *w)
{
    batches_done(&w->batches);
    mem_free(w->facts);
}

/* The facts become what the store keeps of them. */
static void batch_encode(struct sim *s, struct writer *w, const struct batch *b)
{
    w->n = 0;
    for (size_t i = 0; i < b->effects.n; i++) {
        if (b->effects.items[i].kind != EFFECT_PERSIST)
            continue;
        w->facts = mem_grow(w->facts, &w->cap, w->n + 1, sizeof *w->facts);
        store_encode(s, &b->effects.items[i].fact, &w->facts[w->n++]);
    }
}

static enum death draw_death(struct sim *s)
{
    if (s->healing || !sim_has(s, SIM_TURNS) || !sim_one_in(s, SIM_R_WRITER, 25))
        return LIVES;
    return (enum death)sim_range(s, SIM_R_WRITER, UNWRITTEN, DEATHS - 1);
}

static void writer_carry_out(void *arg, const struct effect *e)
{
    struct sim *s = arg;
    if (!s->failed)
        server_carry_out(s, e);
}

static void writer_committed(void *arg, const struct fact *f)
{
    const struct sim *s = arg;
    thinker_durable(s->server->thinker, f->seq);
}

/* It dies with its last batch: some of the effects may have been carried out. */
static void writer_dies(struct sim *s, struct writer *w, enum death death)
{
    const struct effects *effects = &w->batches.busy->effects;
    size_t n = death == IN_EFFECTS ? rng_below(&s->rng[SIM_R_WRITER], effects->n + 1) : 0;
    w->batches.busy = NULL;
    for (size_t i = 0; i < n && !s->failed; i++)
        server_carry_out(s, &effects->items[i]);
    server_kill(s, "is killed in a commit");
}

static void writer_finish(struct sim *s, struct writer *w)
{
    const struct batches_handler handler = {writer_carry_out, writer_committed, s};
    enum death death = draw_death(s);
    if (death != UNWRITTEN && !store_commit(s, w->facts, w->n)) {
        w->batches.busy = NULL;
        server_kill(s, "cannot write its store");
        return;
    }
    if (death != LIVES) {
        writer_dies(s, w, death);
        return;
    }
    batches_release(&w->batches, &s->server->core.books, &handler);
    writer_flush(s, w);
    server_written(s);
}

static void writer_written(struct sim *s, void *who, uint64_t generation)
{
    if (!s->server->alive || s->server->generation != generation)
        return;
    if (server_is_suspended(s))
        sim_after(s, s->server->wakes_ms - s->now, writer_written, who, generation);
    else
        writer_finish(s, who);
}

void writer_flush(struct sim *s, struct writer *w)
{
    struct batch *b = batches_take(&w->batches);
    if (!b)
        return;
    batch_encode(s, w, b);
    batches_seal(&w->batches, &s->server->core.books);
    int64_t most = b->facts_n > 0 ? s->options.write_ms : 0;
    if (most == 0)
        writer_finish(s, w);
    else
        sim_after(s, sim_range(s, SIM_R_WRITER, 0, most), writer_written, w, s->server->generation);
}

bool writer_is_idle(const struct writer *w)
{
    return batches_are_idle(&w->batches);
}

void writer_die(struct sim *s, struct writer *w)
{
    bool writing = w->batches.busy != NULL;
    w->batches.busy = NULL;
    if (!writing || s->store->full || sim_one_in(s, SIM_R_WRITER, 2))
        return;
    sim_trace(s, "writer", "its last batch is durable");
    (void)store_commit(s, w->facts, w->n);
}
