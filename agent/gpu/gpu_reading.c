/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_reading.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

struct gpu *gpu_reading_add(struct gpu_reading *r, const char *vendor)
{
    if (r->n == GPU_MAX)
        return NULL;
    struct gpu *g = &r->gpus[r->n++];
    *g = (struct gpu){0};
#define X(field) g->field = -1;
    GPU_NUMBERS(X)
#undef X
    snprintf(g->vendor, sizeof g->vendor, "%s", vendor);
    return g;
}

const struct gpu *gpu_reading_find(const struct gpu_reading *r, const char *uuid)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->gpus[i].uuid, uuid) == 0)
            return &r->gpus[i];
    return NULL;
}

static struct value *gpu_value(struct arena *a, const struct gpu *g)
{
    struct value *v = value_dict(a), *list = value_list(a);
#define X(field, bytes) value_put(a, v, #field, value_str(a, g->field));
    GPU_TEXTS(X)
#undef X
#define X(field) value_put(a, v, #field, g->field < 0 ? value_null(a) : value_int(a, g->field));
    GPU_NUMBERS(X)
#undef X
    for (size_t i = 0; i < g->processes_n; i++) {
        const struct gpu_process *p = &g->processes[i];
        struct value *item = value_list(a);
        value_push(a, item, value_int(a, p->pid));
        value_push(a, item, p->memory < 0 ? value_null(a) : value_int(a, p->memory));
        value_push(a, list, item);
    }
    value_put(a, v, "processes", list);
    return v;
}

struct value *gpu_reading_value(struct arena *a, const struct gpu_reading *r)
{
    struct value *v = value_dict(a), *list = value_list(a);
    for (size_t i = 0; i < r->n; i++)
        value_push(a, list, gpu_value(a, &r->gpus[i]));
    value_put(a, v, "asked", value_int(a, (int64_t)r->asked));
    value_put(a, v, "error", value_str(a, r->error));
    value_put(a, v, "gpus", list);
    return v;
}

void gpu_reading_print(struct buf *out, const struct gpu_reading *r)
{
    struct arena a;
    arena_init(&a);
    json_print(out, gpu_reading_value(&a, r), JSON_COMPACT);
    buf_addc(out, '\n');
    arena_done(&a);
}

static void gpu_read_processes(struct gpu *g, const struct value *list)
{
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++) {
        const struct value *item = list->list.items[i];
        if (g->processes_n == GPU_PROCESSES_MAX || item->kind != VALUE_LIST || item->list.n != 2 ||
            item->list.items[0]->kind != VALUE_INT)
            continue;
        const struct value *memory = item->list.items[1];
        g->processes[g->processes_n++] = (struct gpu_process){
            item->list.items[0]->i, memory->kind == VALUE_INT ? memory->i : -1};
    }
}

static void gpu_read(struct gpu *g, const struct value *v)
{
#define X(field, bytes) snprintf(g->field, sizeof g->field, "%s", value_get_str(v, #field, ""));
    GPU_TEXTS(X)
#undef X
#define X(field) g->field = value_get_int(v, #field, -1);
    GPU_NUMBERS(X)
#undef X
    gpu_read_processes(g, value_get(v, "processes"));
}

int gpu_reading_parse(const char *text, size_t len, struct gpu_reading *ret, struct err *err)
{
    struct arena a;
    struct value *v = NULL;
    arena_init(&a);
    *ret = (struct gpu_reading){0};
    int rc = json_parse(&a, text, len, &v, err);
    const struct value *list = rc == 0 ? value_get(v, "gpus") : NULL;
    if (rc == 0 && (!list || list->kind != VALUE_LIST))
        rc = err_set(err, ERR_SYNTAX, "a reading of GPUs has no list of them");
    if (rc == 0)
        snprintf(ret->error, sizeof ret->error, "%s", value_get_str(v, "error", ""));
    if (rc == 0)
        ret->asked = (uint64_t)value_get_int(v, "asked", 0);
    for (size_t i = 0; rc == 0 && i < list->list.n; i++) {
        struct gpu *g = gpu_reading_add(ret, "");
        if (g)
            gpu_read(g, list->list.items[i]);
    }
    arena_done(&a);
    return rc;
}
