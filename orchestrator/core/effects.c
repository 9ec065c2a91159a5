/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/effects.h"

#include "base/mem.h"

void effects_init(struct effects *out, struct arena *arena)
{
    *out = (struct effects){.arena = arena};
}

void effects_done(struct effects *out)
{
    mem_free(out->items);
    *out = (struct effects){0};
}

void effects_clear(struct effects *out)
{
    out->n = 0;
}

struct effect *effects_add(struct effects *out, enum effect_kind kind)
{
    out->items = mem_grow(out->items, &out->cap, out->n + 1, sizeof *out->items);
    struct effect *e = &out->items[out->n++];
    *e = (struct effect){.kind = kind};
    return e;
}

void effects_add_news(struct effects *out, enum effect_news news, const char *agent, uint32_t n,
                      uint32_t left_out)
{
    struct effect *e = effects_add(out, EFFECT_AGENT);
    e->news = news;
    e->text = arena_strdup(out->arena, agent);
    e->wanted = n;
    e->left_out = left_out;
}
