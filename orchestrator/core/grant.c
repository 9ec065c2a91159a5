/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/grant.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"

static const int64_t count_max = INT64_C(1) << 53;

static bool grant_read_slots(struct arena *a, uint32_t slot, const struct value *list,
                             struct grant *g)
{
    if (!list || list->kind != VALUE_LIST || list->list.n == 0 || list->list.n > LIMIT_SLOTS)
        return false;
    uint32_t *slots = arena_alloc(a, list->list.n * sizeof *slots);
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *item = list->list.items[i];
        if (item->kind != VALUE_INT || item->i < 0 || item->i >= LIMIT_SLOTS ||
            (i > 0 && item->i <= (int64_t)slots[i - 1]))
            return false;
        slots[i] = (uint32_t)item->i;
    }
    g->slots = slots;
    g->slots_n = (uint32_t)list->list.n;
    return slots[0] == slot;
}

static bool grant_read_gpus(struct arena *a, const struct value *v, struct grant *g)
{
    const struct value *gpus = value_get(v, "gpus");
    g->index = value_get_str(v, "index", NULL);
    g->vendor = value_get_str(v, "vendor", NULL);
    if (!gpus)
        return true;
    if (gpus->kind != VALUE_LIST || gpus->list.n > LIMIT_SLOTS)
        return false;
    g->gpus_n = (uint32_t)gpus->list.n;
    g->gpus = arena_alloc(a, (gpus->list.n + 1) * sizeof *g->gpus);
    for (size_t i = 0; i < gpus->list.n; i++) {
        if (gpus->list.items[i]->kind != VALUE_STR)
            return false;
        g->gpus[i] = gpus->list.items[i]->s.ptr;
    }
    return true;
}

static bool grant_read_count(const struct value *v, const char *key, int64_t most, uint64_t *ret)
{
    int64_t n = value_get_int(v, key, value_get(v, key) ? -1 : 0);
    *ret = (uint64_t)n;
    return n >= 0 && n <= most;
}

bool grant_read(struct arena *a, uint32_t slot, const struct value *v, struct grant *ret)
{
    *ret = (struct grant){.slots_n = 1, .share = 1};
    uint64_t share;
    if (!v) {
        uint32_t *slots = arena_alloc(a, sizeof *slots);
        *slots = slot;
        ret->slots = slots;
        return slot < LIMIT_SLOTS;
    }
    bool good = v->kind == VALUE_DICT && grant_read_slots(a, slot, value_get(v, "slots"), ret) &&
                grant_read_gpus(a, v, ret) && grant_read_count(v, "share", LIMIT_SLOTS, &share) &&
                grant_read_count(v, "cpus", count_max, &ret->cpus) &&
                grant_read_count(v, "memory", count_max, &ret->memory);
    if (good && share > 0)
        ret->share = (uint32_t)share;
    ret->workdir = value_get_str(v, "workdir", NULL);
    ret->dir = value_get_str(v, "dir", NULL);
    return good;
}

bool grant_parse(struct arena *a, uint32_t slot, const char *text, struct grant *ret)
{
    struct value *v = NULL;
    if (text && json_parse(a, text, strlen(text), &v, NULL) != 0)
        return false;
    return grant_read(a, slot, v, ret);
}

struct value *grant_value(struct arena *a, const struct grant *g)
{
    struct value *v = value_dict(a), *slots = value_list(a);
    for (uint32_t i = 0; i < g->slots_n; i++)
        value_push(a, slots, value_int(a, g->slots[i]));
    value_put(a, v, "slots", slots);
    if (g->gpus) {
        struct value *gpus = value_list(a);
        for (uint32_t i = 0; i < g->gpus_n; i++)
            value_push(a, gpus, value_str(a, g->gpus[i]));
        value_put(a, v, "gpus", gpus);
    }
    if (g->index)
        value_put(a, v, "index", value_str(a, g->index));
    if (g->vendor)
        value_put(a, v, "vendor", value_str(a, g->vendor));
    if (g->share > 1)
        value_put(a, v, "share", value_int(a, g->share));
    if (g->cpus > 0)
        value_put(a, v, "cpus", value_int(a, (int64_t)g->cpus));
    if (g->memory > 0)
        value_put(a, v, "memory", value_int(a, (int64_t)g->memory));
    if (g->workdir)
        value_put(a, v, "workdir", value_str(a, g->workdir));
    if (g->dir)
        value_put(a, v, "dir", value_str(a, g->dir));
    return v;
}

bool grant_is_plain(const struct grant *g)
{
    return g->slots_n == 1 && !g->gpus && g->cpus == 0 && g->memory == 0 && !g->workdir && !g->dir;
}

uint32_t grant_gpu_milli(const struct grant *g)
{
    return g->gpus_n * 1000 / g->share;
}
