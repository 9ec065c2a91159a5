/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_load.h"

#include <string.h>

enum { LOAD_GPUS_MAX = 128, LOAD_TEXT_BYTES = 96 };

static const int64_t number_max = INT64_C(1) << 53, gib = INT64_C(1) << 30;

/* Of a small disk, less is little room. One that was low is low until a bit more is free. */
static bool disk_is_low(int64_t free, int64_t total, bool was)
{
    int64_t percent = was ? 6 : 5, bytes = was ? 5 * gib / 2 : 2 * gib;
    int64_t small = was ? total / 3 : total / 4;
    return free < total / 100 * percent || (free < bytes && free < small);
}

static struct value *disk_value(struct arena *a, const struct value *disk, bool was_low)
{
    int64_t free = value_get_int(disk, "free", -1), total = value_get_int(disk, "total", -1);
    if (free < 0 || total <= 0 || total > number_max || free > total)
        return value_null(a);
    struct value *v = value_dict(a);
    value_put(a, v, "free", value_int(a, free));
    value_put(a, v, "total", value_int(a, total));
    value_put(a, v, "low", value_bool(a, disk_is_low(free, total, was_low)));
    return v;
}

static void number_copy(struct arena *a, struct value *to, const struct value *from,
                        const char *name)
{
    int64_t n = value_get_int(from, name, -1);
    value_put(a, to, name, n >= 0 && n <= number_max ? value_int(a, n) : value_null(a));
}

/* NULL: it is no description of a GPU. */
static struct value *gpu_value(struct arena *a, const struct value *gpu)
{
    static const char *const numbers[] = {"utilization", "memory_used", "memory_total",
                                          "temperature", "power"};
    const char *id = value_get_str(gpu, "gpu", ""), *index = value_get_str(gpu, "index", "");
    if (!*id || strlen(id) > LOAD_TEXT_BYTES || strlen(index) > LOAD_TEXT_BYTES)
        return NULL;
    struct value *v = value_dict(a);
    value_put(a, v, "gpu", value_str(a, id));
    value_put(a, v, "index", value_str(a, index));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        number_copy(a, v, gpu, numbers[i]);
    return v;
}

void fleet_load_set(struct fleet_agent *a, const struct value *load, int64_t wall_ms)
{
    const struct value *gpus = value_get(load, "gpus");
    bool was_low = value_get_bool(value_get(a->load, "disk"), "low", false);
    if (!gpus || gpus->kind != VALUE_LIST || gpus->list.n > LOAD_GPUS_MAX)
        return;
    arena_clear(&a->kept_load);
    struct value *v = value_dict(&a->kept_load), *list = value_list(&a->kept_load);
    value_put(&a->kept_load, v, "time", value_float(&a->kept_load, (double)wall_ms / 1000));
    value_put(&a->kept_load, v, "disk",
              disk_value(&a->kept_load, value_get(load, "disk"), was_low));
    for (size_t i = 0; i < gpus->list.n; i++) {
        struct value *gpu = gpu_value(&a->kept_load, gpus->list.items[i]);
        if (gpu)
            value_push(&a->kept_load, list, gpu);
    }
    value_put(&a->kept_load, v, "gpus", list);
    a->load = v;
}

struct value *fleet_load_value(const struct fleet_agent *a, struct arena *arena)
{
    return a->link && a->load ? value_copy(arena, a->load) : value_null(arena);
}
