/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/effects.h"

#include <string.h>

#include "base/mem.h"

int effects_command_find(const char *word)
{
    static const char *const words[] = {[COMMAND_PAUSE] = "pause",
                                        [COMMAND_RESUME] = "resume",
                                        [COMMAND_STOP] = "stop",
                                        [COMMAND_CANCEL] = "cancel"};
    for (int i = 0; i < (int)(sizeof words / sizeof *words); i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

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
