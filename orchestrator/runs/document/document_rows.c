/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_rows.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/json_span.h"
#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_row.h"
#include "orchestrator/runs/runs_lines.h"

enum { NAME_BYTES_MAX = 1024 };

static const struct runs_lines_range all_rows = {0, INT64_MAX};

/* ERR_STALE: nobody waits any more, and `take` has ended it. */
static int rows_read(struct runs *r, const struct runs_run *run, enum runs_stream stream,
                     const struct document_work *w,
                     bool (*take)(void *arg, int64_t number, const char *text, size_t len),
                     void *arg, struct err *err)
{
    int rc = runs_lines_read(r, run->n, stream, &all_rows, take, arg, err);
    return rc != 0 ? rc : document_work_check(w, err);
}

/* keys */

struct key_seen {
    struct key_seen *next;
    const char *name, *type;
    int64_t count;
    double last;
};

struct keys_reading {
    const struct document_work *work;
    struct arena *arena, scratch;
    struct map map;
    struct key_seen *first, **end;
    double step;
};

static const char *type_of(struct arena *a, struct json_span v)
{
    struct json_span type;
    double number;
    if (*v.at == '{')
        return json_span_find(v, "_type", &type) ? json_span_text(a, type) : NULL;
    return json_span_number(v, &number)   ? "number"
           : *v.at == '"'                 ? "text"
           : *v.at == '['                 ? "list"
           : *v.at == 't' || *v.at == 'f' ? "bool"
                                          : "null";
}

static void key_add(struct keys_reading *k, const char *name, struct json_span v, const char *type)
{
    size_t len = strlen(name);
    struct key_seen *seen = map_find(&k->map, name, len);
    (void)v;
    if (!seen) {
        if (k->map.live >= DOCUMENT_ROWS_KEYS || len > NAME_BYTES_MAX)
            return;
        seen = arena_alloc(k->arena, sizeof *seen);
        seen->name = arena_strdup(k->arena, name);
        seen->type = arena_strdup(k->arena, type);
        *k->end = seen;
        k->end = &seen->next;
        map_put(&k->map, name, len, seen);
    }
    seen->count++;
    seen->last = k->step;
    if (strcmp(seen->type, type) != 0 && strcmp(type, "null") != 0) /* the last one counts */
        seen->type = arena_strdup(k->arena, type);
}

static void row_keys(struct keys_reading *k, struct json_span row, const char *prefix, int depth)
{
    struct json_walk w;
    struct json_span key, v;
    if (!json_span_enter(row, &w) || w.close != '}')
        return;
    while (json_span_next(&w, &key, &v)) {
        const char *name = json_span_text(&k->scratch, key);
        const char *type = name ? type_of(&k->scratch, v) : NULL;
        if (name && *prefix)
            name = arena_printf(&k->scratch, "%s.%s", prefix, name);
        if (name && type)
            key_add(k, name, v, type);
        else if (name && depth < DOCUMENT_ROW_DEPTH)
            row_keys(k, v, name, depth + 1);
    }
}

static bool keys_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct keys_reading *k = arg;
    struct json_span row = json_span_of(text, len);
    k->step = document_row_step(row, number);
    row_keys(k, row, "", 0);
    arena_clear(&k->scratch);
    return document_work_is_wanted(k->work);
}

int document_rows_keys(struct runs *r, struct arena *a, const struct runs_run *run,
                       enum runs_stream stream, const struct document_work *w, struct value **ret,
                       struct err *err)
{
    struct keys_reading k = {.work = w, .arena = a, .end = NULL};
    struct value *keys = value_list(a);
    k.end = &k.first;
    map_init(&k.map);
    arena_init(&k.scratch);
    int rc = rows_read(r, run, stream, w, keys_take, &k, err);
    for (const struct key_seen *seen = k.first; seen; seen = seen->next) {
        struct value *v = value_dict(a);
        value_put(a, v, "name", value_str(a, seen->name));
        value_put(a, v, "type", value_str(a, seen->type));
        value_put(a, v, "count", value_int(a, seen->count));
        value_put(a, v, "last", value_float(a, seen->last));
        value_push(a, keys, v);
    }
    map_done(&k.map);
    arena_done(&k.scratch);
    *ret = value_dict(a);
    value_put(a, *ret, "rows", value_int(a, run->lines[stream]));
    value_put(a, *ret, "keys", keys);
    return rc;
}

/* curves */

enum { SPANS_MAX = 16384 }; /* of a curve while it is read: memory does not grow with the rows */

struct span {
    double x, last, min, max;
};

struct curve {
    const char *key;
    struct span *spans; /* each of `per` samples, the last one of `in` */
    size_t n, cap, per, in;
    int64_t of;
};

static void span_join(struct span *s, const struct span *next)
{
    s->x = next->x;
    s->last = next->last;
    s->min = isnan(s->min) || next->min < s->min ? next->min : s->min;
    s->max = isnan(s->max) || next->max > s->max ? next->max : s->max;
}

static void curve_halve(struct curve *c)
{
    for (size_t i = 0; i < c->n / 2; i++) {
        c->spans[i] = c->spans[2 * i];
        span_join(&c->spans[i], &c->spans[2 * i + 1]);
    }
    c->n /= 2;
    c->per *= 2;
    c->in = c->per;
}

static void curve_take(struct curve *c, double x, double y)
{
    struct span sample = {x, y, y, y};
    c->of++;
    if (c->n > 0 && c->in < c->per) {
        span_join(&c->spans[c->n - 1], &sample);
        c->in++;
        return;
    }
    if (c->n == SPANS_MAX)
        curve_halve(c);
    c->spans = mem_grow(c->spans, &c->cap, c->n + 1, sizeof *c->spans);
    c->spans[c->n++] = sample;
    c->in = 1;
}

struct curves_reading {
    const struct document_work *work;
    const struct document_curves *q;
    struct curve curves[DOCUMENT_ROWS_CURVES];
    const char *keys[1 + DOCUMENT_ROWS_CURVES]; /* the first is that of x */
    size_t n;
};

static bool curves_take(void *arg, int64_t number, const char *text, size_t len)
{
    struct curves_reading *c = arg;
    struct json_span found[1 + DOCUMENT_ROWS_CURVES];
    double x, y;
    document_row_pick(json_span_of(text, len), c->keys, 1 + c->n, found);
    if (!found[0].at || !json_span_number(found[0], &x)) {
        if (*c->q->x)
            return document_work_is_wanted(c->work);
        x = (double)number;
    }
    for (size_t i = 0; i < c->n && isfinite(x); i++)
        if (found[1 + i].at && json_span_number(found[1 + i], &y))
            curve_take(&c->curves[i], x, y);
    return document_work_is_wanted(c->work);
}

/* Points of equal number each, in their order: x need not grow where it is another metric. */
static size_t curve_thin(const struct curve *c, size_t most, struct span *spans)
{
    size_t n = c->n < most ? c->n : most;
    for (size_t i = 0; i < n; i++) {
        size_t from = c->n * i / n, to = c->n * (i + 1) / n;
        struct span *s = &spans[i];
        *s = c->spans[from];
        for (size_t k = from + 1; k < to; k++)
            span_join(s, &c->spans[k]);
    }
    return n;
}

static void numbers_put(struct arena *a, struct value *v, const char *name, const double *first,
                        size_t n)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < n; i++)
        value_push(a, list, value_float(a, first[i * (sizeof(struct span) / sizeof(double))]));
    value_put(a, v, name, list);
}

static struct value *curve_value(struct arena *a, const struct curve *c, size_t most)
{
    struct value *v = value_dict(a);
    struct span *spans = arena_alloc(a, (c->n < most ? c->n : most) * sizeof *spans + 1);
    size_t n = curve_thin(c, most, spans);
    value_put(a, v, "key", value_str(a, c->key));
    value_put(a, v, "of", value_int(a, c->of));
    numbers_put(a, v, "x", &spans->x, n);
    numbers_put(a, v, "last", &spans->last, n);
    if (c->of > (int64_t)n) {
        numbers_put(a, v, "min", &spans->min, n);
        numbers_put(a, v, "max", &spans->max, n);
    }
    return v;
}

static bool curve_is_there(const struct curves_reading *c, const char *key)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->curves[i].key, key) == 0)
            return true;
    return false;
}

int document_rows_curves(struct runs *r, struct arena *a, const struct runs_run *run,
                         const struct document_curves *q, const struct document_work *w,
                         struct value **ret, struct err *err)
{
    struct curves_reading c = {.work = w, .q = q};
    struct value *list = value_list(a);
    if (q->keys->list.n > DOCUMENT_ROWS_CURVES)
        return err_set(err, ERR_LIMIT, "ask for at most %d curves at once", DOCUMENT_ROWS_CURVES);
    c.keys[0] = *q->x ? q->x : q->stream == RUNS_EVENTS ? "_runtime" : "_step";
    for (size_t i = 0; i < q->keys->list.n; i++) {
        const struct value *key = q->keys->list.items[i];
        if (key->kind != VALUE_STR || curve_is_there(&c, key->s.ptr))
            continue;
        c.curves[c.n++] = (struct curve){.key = key->s.ptr, .per = 1};
        c.keys[c.n] = key->s.ptr;
    }
    int rc = rows_read(r, run, q->stream, w, curves_take, &c, err);
    for (size_t i = 0; i < c.n; i++) {
        if (rc == 0)
            value_push(a, list, curve_value(a, &c.curves[i], q->points));
        mem_free(c.curves[i].spans);
    }
    *ret = value_dict(a);
    value_put(a, *ret, "x", value_str(a, q->x));
    value_put(a, *ret, "curves", list);
    return rc;
}
