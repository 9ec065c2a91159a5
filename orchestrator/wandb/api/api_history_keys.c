/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_history_keys.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "orchestrator/runs/runs_lines.h"

enum { KEYS_MAX = 20000, TYPES_MAX = 8, DEPTH_MAX = 16, TEXT_BYTES_MAX = 200 };

struct key_seen {
    const char *name;
    struct {
        const char *type;
        int64_t count;
    } types[TYPES_MAX];
    size_t n_types;
    bool ordered; /* numbers that never fall */
    double last;
    bool numbers, whole; /* it has had some; the last of them was */
};

struct keys_seen {
    struct arena *arena, scratch;
    struct map map;
    int64_t last_step;
};

static const char *type_of(struct keys_seen *s, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        return "nil";
    case VALUE_BOOL:
        return "boolean";
    case VALUE_INT:
    case VALUE_FLOAT:
        return "number";
    case VALUE_STR:
        return "string";
    case VALUE_LIST:
        return "list";
    case VALUE_DICT:
        break;
    }
    const char *type = value_get_str(v, "_type", "map");
    return strlen(type) <= TEXT_BYTES_MAX ? arena_strdup(s->arena, type) : "map";
}

static struct key_seen *key_get(struct keys_seen *s, const char *name)
{
    size_t len = strlen(name);
    struct key_seen *k = map_find(&s->map, name, len);
    if (k || s->map.live == KEYS_MAX)
        return k;
    k = arena_alloc(s->arena, sizeof *k);
    k->name = arena_strdup(s->arena, name);
    k->ordered = true;
    k->last = (double)-INFINITY;
    map_put(&s->map, name, len, k);
    return k;
}

static void key_add(struct keys_seen *s, struct key_seen *k, const struct value *v)
{
    const char *type = v->kind == VALUE_DICT ? NULL : type_of(s, v);
    size_t i = 0;
    if (!type) /* media: its type is copied once */
        type = value_get_str(v, "_type", "map");
    while (i < k->n_types && strcmp(k->types[i].type, type) != 0)
        i++;
    if (i == k->n_types && k->n_types < TYPES_MAX) {
        k->types[i].type = type_of(s, v);
        k->n_types++;
    }
    if (i < k->n_types)
        k->types[i].count++;
    bool number = value_is_number(v);
    k->ordered = k->ordered && number && value_number(v) >= k->last;
    k->last = number ? value_number(v) : k->last;
    k->numbers = k->numbers || number;
    k->whole = v->kind == VALUE_INT;
}

static void row_add(struct keys_seen *s, const struct value *row, const char *prefix, int depth);

/* A dict that is no media is entered, and its keys are joined by dots. */
static void value_add(struct keys_seen *s, const char *name, const struct value *v, int depth)
{
    if (v->kind == VALUE_DICT && !value_get(v, "_type") && depth < DEPTH_MAX) {
        row_add(s, v, name, depth + 1);
        return;
    }
    struct key_seen *k = key_get(s, name);
    if (k)
        key_add(s, k, v);
}

static void row_add(struct keys_seen *s, const struct value *row, const char *prefix, int depth)
{
    for (size_t i = 0; i < row->dict.n; i++) {
        const char *key = row->dict.entries[i].key;
        value_add(s, prefix ? arena_printf(&s->scratch, "%s.%s", prefix, key) : key,
                  row->dict.entries[i].value, depth);
    }
}

static bool row_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct keys_seen *s = arg;
    struct value *row = NULL;
    arena_clear(&s->scratch);
    if (json_parse_within(&s->scratch, text, len, LIMIT_WANDB_VALUES, &row, NULL) != 0 ||
        row->kind != VALUE_DICT)
        return true;
    row_add(s, row, NULL, 0);
    const struct value *step = value_get(row, "_step");
    double x = step && value_is_number(step) ? value_number(step) : NAN;
    int64_t at = fabs(x) <= (double)LIMIT_METRIC_STEP ? (int64_t)x : number;
    s->last_step = at > s->last_step ? at : s->last_step;
    return true;
}

static struct value *key_value(struct arena *a, const struct key_seen *k)
{
    struct value *v = value_dict(a), *types = value_list(a);
    for (size_t i = 0; i < k->n_types; i++) {
        struct value *type = value_dict(a);
        value_put(a, type, "type", value_str(a, k->types[i].type));
        value_put(a, type, "count", value_int(a, k->types[i].count));
        value_push(a, types, type);
    }
    value_put(a, v, "typeCounts", types);
    value_put(a, v, "monotonic", value_bool(a, k->ordered));
    value_put(a, v, "previousValue",
              !k->numbers ? value_null(a)
              : k->whole  ? value_int(a, (int64_t)k->last)
                          : value_float(a, k->last));
    return v;
}

int api_history_keys_of(struct desk_call *c, const struct runs_run *run, struct value **ret,
                        struct err *err)
{
    struct keys_seen s = {.arena = c->arena, .last_step = -1};
    void *k;
    map_init(&s.map);
    arena_init(&s.scratch);
    int rc = runs_lines_read(c->runs, run->n, RUNS_HISTORY,
                             &(struct runs_lines_range){0, INT64_MAX}, row_take, &s, err);
    struct value *keys = value_dict_with_room(c->arena, s.map.live);
    for (size_t at = 0; map_next(&s.map, &at, &k);)
        value_put_new(keys, ((struct key_seen *)k)->name, key_value(c->arena, k));
    map_done(&s.map);
    arena_done(&s.scratch);
    *ret = value_dict(c->arena);
    value_put(c->arena, *ret, "sets", value_list(c->arena));
    value_put(c->arena, *ret, "keys", keys);
    value_put(c->arena, *ret, "lastStep", value_int(c->arena, s.last_step));
    return rc;
}
