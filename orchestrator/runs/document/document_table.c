/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_table.h"

#include <string.h>

#include "base/json.h"
#include "base/json_span.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_content.h"
#include "orchestrator/runs/document/document_grid.h"
#include "orchestrator/runs/document/document_join.h"
#include "orchestrator/runs/document/document_order.h"

#define SECOND "%s (2)" /* a column of the second table whose name the first one has too */

/* Of two tables side by side, or of one. */
struct table {
    struct arena *arena;
    struct document_grid grids[2];
    size_t sides, columns[2]; /* how many columns each side has */
    const char **names;       /* of all columns */
    struct document_pair *pairs;
    size_t n, *places; /* which of the pairs is at each place; NULL: as they are */
    struct document_work *work;
};

/* Names of columns may be numbers. */
static const char *name_of(struct arena *a, struct json_span v)
{
    const char *text = json_span_text(a, v);
    return text ? text : arena_strndup(a, v.at, (size_t)(v.end - v.at));
}

static int names_read(struct table *t, struct err *err)
{
    struct json_span none, column;
    struct map seen;
    size_t n = 0, cap = 0, bytes = 0;
    const char **names = NULL;
    for (size_t side = 0; side < t->sides; side++)
        bytes += (size_t)(t->grids[side].columns.end - t->grids[side].columns.at);
    if (bytes > LIMIT_RUNS_TABLE_PAGE_BYTES)
        return err_set(err, ERR_LIMIT, "the names of the columns are too long: download the table");
    map_init(&seen);
    for (size_t side = 0; side < t->sides; side++) {
        struct json_walk w;
        if (!json_span_enter(t->grids[side].columns, &w))
            continue;
        for (; n < LIMIT_WANDB_VALUES && json_span_next(&w, &none, &column); n++) {
            const char *name = name_of(t->arena, column);
            if (side == 1 && map_find(&seen, name, strlen(name)))
                name = arena_printf(t->arena, SECOND, name);
            map_put(&seen, name, strlen(name), t);
            names = mem_grow(names, &cap, n + 1, sizeof *names);
            names[n] = name;
            t->columns[side]++;
        }
    }
    map_done(&seen);
    t->names = arena_alloc(t->arena, (n + 1) * sizeof *names);
    for (size_t i = 0; i < n; i++)
        t->names[i] = names[i];
    mem_free(names);
    return n < LIMIT_WANDB_VALUES ? 0 : err_set(err, ERR_LIMIT, "this table has too many columns");
}

/* Of the columns of one side; as the table was logged. */
static int column_find(const struct table *t, size_t side, const char *name, size_t *ret,
                       struct err *err)
{
    size_t from = side == 0 ? 0 : t->columns[0];
    for (size_t i = 0; i < t->columns[side]; i++)
        if (strcmp(t->names[from + i], name) == 0)
            return *ret = i, 0;
    return err_set(err, ERR_USAGE, "the table has no column %.100s", name);
}

static int table_sort(struct table *t, const struct document_table *q, struct err *err)
{
    struct document_order o = {.pairs = t->pairs, .n = t->n, .descending = q->descending};
    size_t key = 0;
    int rc = column_find(t, o.side, q->sort, &key, t->sides == 2 ? NULL : err);
    if (rc != 0 && t->sides == 2)
        rc = column_find(t, ++o.side, q->sort, &key, err);
    if (rc != 0)
        return rc;
    const struct document_grid *of = &t->grids[o.side];
    const struct document_side side = {.rows = of->rows, .n = of->n, .key = key};
    t->places = mem_alloc((t->n + 1) * sizeof *t->places);
    return document_order(&o, &side, t->work, t->places, err);
}

static struct value *span_parse(struct arena *a, struct json_span v)
{
    struct value *parsed;
    int rc = json_parse_within(a, v.at, (size_t)(v.end - v.at), LIMIT_WANDB_VALUES, &parsed, NULL);
    return rc == 0 ? parsed : value_null(a);
}

/* The cells of one table are as they were logged; of two, each has as many as it has columns. */
static struct value *row_value(const struct table *t, struct arena *a,
                               const struct document_pair *pair)
{
    if (t->sides == 1)
        return span_parse(a, *pair->side[0]);
    struct value *cells = value_list(a);
    for (size_t side = 0; side < 2; side++) {
        const struct json_span *of = pair->side[side];
        const struct value *v = of ? span_parse(a, *of) : NULL;
        for (size_t i = 0; i < t->columns[side]; i++)
            value_push(a, cells,
                       v && v->kind == VALUE_LIST && i < v->list.n ? v->list.items[i]
                                                                   : value_null(a));
    }
    return cells;
}

/* A cell of two tables that is missing is written too. */
static size_t row_bytes(const struct table *t, const struct document_pair *pair)
{
    size_t bytes = t->sides == 2 ? (t->columns[0] + t->columns[1]) * strlen("null,") : 0;
    for (size_t side = 0; side < t->sides; side++)
        if (pair->side[side])
            bytes += (size_t)(pair->side[side]->end - pair->side[side]->at);
    return bytes;
}

/* Each row is parsed and written alone. *ret_next: the first one that is not there. */
static int rows_write(const struct table *t, const struct document_table *q, struct buf *out,
                      enum json_style style, size_t *ret_next, struct err *err)
{
    struct arena a;
    size_t at = q->skip < t->n ? (size_t)q->skip : t->n, from = at, sum = 0;
    int rc = 0;
    arena_init(&a);
    for (; rc == 0 && at < t->n && at - from < q->limit && !out->overflow; at++) {
        const struct document_pair *pair = &t->pairs[t->places ? t->places[at] : at];
        size_t bytes = row_bytes(t, pair);
        sum += bytes;
        if (sum > LIMIT_RUNS_TABLE_PAGE_BYTES)
            break;
        rc = document_work_add(t->work, bytes, err);
        if (at > from)
            buf_addc(out, ',');
        if (rc == 0)
            json_print(out, row_value(t, &a, pair), style);
        arena_clear(&a);
    }
    arena_done(&a);
    *ret_next = at;
    if (rc == 0 && at == from && at < t->n && q->limit > 0)
        return err_set(err, ERR_LIMIT,
                       "a row of this table is larger than %d MiB: download its file",
                       LIMIT_RUNS_TABLE_PAGE_BYTES >> 20);
    return rc;
}

static int table_print(const struct table *t, const struct document_table *q, struct buf *out,
                       enum json_style style, struct err *err)
{
    struct arena *a = t->arena;
    struct value *columns = value_list(a), *artifacts = value_list(a);
    size_t next;
    for (size_t side = 0, at = 0; side < t->sides; side++)
        for (size_t i = 0; i < t->columns[side]; i++) {
            int64_t artifact = t->grids[side].artifact;
            value_push(a, columns, value_str(a, t->names[at++]));
            value_push(a, artifacts, artifact ? value_int(a, artifact) : value_null(a));
        }
    buf_adds(out, "{\"artifacts\":");
    json_print(out, artifacts, style);
    buf_adds(out, ",\"columns\":");
    json_print(out, columns, style);
    buf_addf(out, ",\"total\":%zu,\"rows\":[", t->n);
    int rc = rows_write(t, q, out, style, &next, err);
    if (next < t->n)
        buf_addf(out, "],\"next\":%zu}", next);
    else
        buf_adds(out, "],\"next\":null}");
    return rc;
}

/* A name that both tables have is another one in the second. */
static int key_find(const struct table *t, size_t side, const char *key, size_t *ret,
                    struct err *err)
{
    if (side == 1 && column_find(t, side, arena_printf(t->arena, SECOND, key), ret, NULL) == 0)
        return 0;
    return column_find(t, side, key, ret, err);
}

static int rows_make(struct table *t, const char *const keys[2], struct err *err)
{
    struct document_side sides[2];
    int rc = 0;
    t->n = t->grids[0].n;
    for (size_t i = 0; rc == 0 && i < 2; i++) {
        sides[i] = (struct document_side){.rows = t->grids[i].rows, .n = t->grids[i].n};
        if (t->sides == 2)
            rc = key_find(t, i, keys[i], &sides[i].key, err);
    }
    if (rc == 0 && t->sides == 2)
        return document_join(&sides[0], &sides[1], t->work, &t->pairs, &t->n, err);
    t->pairs = mem_alloc((t->n + 1) * sizeof *t->pairs);
    for (size_t i = 0; rc == 0 && i < t->n; i++)
        t->pairs[i] = (struct document_pair){{&sides[0].rows[i], NULL}};
    return rc;
}

/* The run's own file has no media in its cells. */
static int table_find(struct runs *r, struct arena *a, const char *dir, const struct runs_run *run,
                      const struct document_table *q, struct runs_file *ret, struct err *err)
{
    const char *name;
    int64_t artifact;
    if (*q->place && document_content_refers(r, a, q->place, &artifact, &name) &&
        document_content_of_artifact(r, a, dir, artifact, name, ret, NULL) == 0)
        return 0;
    return document_content_of_run(r, a, run, *q->path ? q->path : q->place, ret, err);
}

static int sides_read(struct runs *r, const char *dir, struct table *t,
                      const struct document_grid *joined, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < 2; i++) {
        struct runs_file f;
        t->sides = i + 1;
        rc = document_content_of_artifact(r, t->arena, dir, joined->artifact, joined->joined[i], &f,
                                          err);
        if (rc == 0)
            rc = document_grid_read(r, t->arena, dir, &f, t->work, &t->grids[i], err);
        if (rc == 0 && t->grids[i].joined[0])
            rc = err_set(err, ERR_UNSUPPORTED, "a joined table of joined tables is not shown");
    }
    return rc;
}

int document_table_write(struct runs *r, struct arena *a, const char *dir,
                         const struct runs_run *run, const struct document_table *q,
                         struct document_work *w, struct buf *out, enum json_style style,
                         struct err *err)
{
    struct table t = {.arena = a, .sides = 1, .work = w};
    struct document_grid joined = {0};
    struct runs_file f;
    int rc = table_find(r, a, dir, run, q, &f, err);
    if (rc == 0)
        rc = document_grid_read(r, a, dir, &f, w, &t.grids[0], err);
    if (rc == 0 && t.grids[0].joined[0]) {
        joined = t.grids[0];
        t.grids[0] = (struct document_grid){0};
        rc = sides_read(r, dir, &t, &joined, err);
    }
    if (rc == 0)
        rc = names_read(&t, err);
    if (rc == 0)
        rc = rows_make(&t, joined.keys, err);
    if (rc == 0 && *q->sort)
        rc = table_sort(&t, q, err);
    if (rc == 0)
        rc = table_print(&t, q, out, style, err);
    mem_free(t.pairs);
    mem_free(t.places);
    document_grid_done(&joined);
    document_grid_done(&t.grids[0]);
    document_grid_done(&t.grids[1]);
    return rc;
}
