/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/runs/document/document_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_span.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_content.h"
#include "orchestrator/runs/document/document_grid.h"
#include "orchestrator/runs/document/document_join.h"

#define SECOND "%s (2)" /* a column of the second table whose name the first one has too */

struct row {
    struct document_pair pair;
    size_t at;             /* its place as it was logged */
    struct json_span cell; /* what it is sorted by */
    double number;
    enum { ROW_NUMBER, ROW_TEXT, ROW_NOTHING } kind;
};

/* Of two tables side by side, or of one. */
struct table {
    struct arena *arena;
    struct document_grid grids[2];
    size_t sides, columns[2]; /* how many columns each side has */
    const char **names;       /* of all columns */
    struct row *rows;
    size_t n;
};

/* Names of columns may be numbers. */
static const char *name_of(struct arena *a, struct json_span v)
{
    struct value *text = NULL;
    size_t len = (size_t)(v.end - v.at);
    return json_parse(a, v.at, len, &text, NULL) == 0 && text->kind == VALUE_STR
               ? text->s.ptr
               : arena_strndup(a, v.at, len);
}

static int names_read(struct table *t, struct err *err)
{
    struct json_span none, column;
    struct map seen;
    size_t n = 0, cap = 0;
    const char **names = NULL;
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

static int row_compare(const void *left, const void *right, void *arg)
{
    const struct row *a = left, *b = right;
    int sign = *(const bool *)arg ? -1 : 1, ret = 0;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind == ROW_NUMBER)
        ret = (a->number > b->number) - (a->number < b->number);
    if (a->kind == ROW_TEXT) {
        size_t left_n = (size_t)(a->cell.end - a->cell.at),
               right_n = (size_t)(b->cell.end - b->cell.at);
        ret = memcmp(a->cell.at, b->cell.at, left_n < right_n ? left_n : right_n);
        ret = ret ? ret : (left_n > right_n) - (left_n < right_n);
    }
    return ret ? sign * ret : (a->at > b->at) - (a->at < b->at);
}

static int table_sort(struct table *t, const struct document_table *q, struct err *err)
{
    bool descending = q->descending;
    size_t side = 0, at = 0;
    int rc = column_find(t, side, q->sort, &at, NULL);
    if (rc != 0 && t->sides == 2)
        rc = column_find(t, ++side, q->sort, &at, NULL);
    if (rc != 0)
        return err_set(err, ERR_USAGE, "the table has no column %.100s", q->sort);
    for (size_t i = 0; i < t->n; i++) {
        struct row *row = &t->rows[i];
        const struct json_span *of = row->pair.side[side];
        bool there = of && json_span_item(*of, at, &row->cell);
        bool number = there && json_span_number(row->cell, &row->number);
        row->kind = number ? (isnan(row->number) ? ROW_NOTHING : ROW_NUMBER)
                    : there && *row->cell.at == '"' ? ROW_TEXT
                                                    : ROW_NOTHING;
    }
    qsort_r(t->rows, t->n, sizeof *t->rows, row_compare, &descending);
    return 0;
}

static struct value *span_parse(struct arena *a, struct json_span v)
{
    struct value *parsed;
    int rc = json_parse_within(a, v.at, (size_t)(v.end - v.at), LIMIT_WANDB_VALUES, &parsed, NULL);
    return rc == 0 ? parsed : value_null(a);
}

/* The cells of one table are as they were logged; of two, each has as many as it has columns. */
static struct value *row_value(struct table *t, const struct row *row)
{
    struct arena *a = t->arena;
    if (t->sides == 1)
        return span_parse(a, *row->pair.side[0]);
    struct value *cells = value_list(a);
    for (size_t side = 0; side < 2; side++) {
        const struct json_span *of = row->pair.side[side];
        const struct value *v = of ? span_parse(a, *of) : NULL;
        for (size_t i = 0; i < t->columns[side]; i++)
            value_push(a, cells,
                       v && v->kind == VALUE_LIST && i < v->list.n ? v->list.items[i]
                                                                   : value_null(a));
    }
    return cells;
}

static void table_write(struct table *t, const struct document_table *q, struct value *out)
{
    struct arena *a = t->arena;
    struct value *rows = value_list(a), *columns = value_list(a), *artifacts = value_list(a);
    for (uint64_t i = q->skip; i < t->n && i - q->skip < q->limit; i++)
        value_push(a, rows, row_value(t, &t->rows[i]));
    for (size_t side = 0, at = 0; side < t->sides; side++)
        for (size_t i = 0; i < t->columns[side]; i++) {
            int64_t artifact = t->grids[side].artifact;
            value_push(a, columns, value_str(a, t->names[at++]));
            value_push(a, artifacts, artifact ? value_int(a, artifact) : value_null(a));
        }
    value_put(a, out, "artifacts", artifacts);
    value_put(a, out, "columns", columns);
    value_put(a, out, "total", value_int(a, (int64_t)t->n));
    value_put(a, out, "rows", rows);
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
    struct document_pair *pairs = NULL;
    int rc = 0;
    t->n = t->grids[0].n;
    for (size_t i = 0; rc == 0 && i < 2; i++) {
        sides[i] = (struct document_side){.rows = t->grids[i].rows, .n = t->grids[i].n};
        if (t->sides == 2)
            rc = key_find(t, i, keys[i], &sides[i].key, err);
    }
    if (rc == 0 && t->sides == 2)
        rc = document_join(&sides[0], &sides[1], &pairs, &t->n, err);
    if (rc == 0)
        t->rows = mem_alloc((t->n + 1) * sizeof *t->rows);
    for (size_t i = 0; rc == 0 && i < t->n; i++)
        t->rows[i] = (struct row){
            .pair = pairs ? pairs[i] : (struct document_pair){{&sides[0].rows[i], NULL}}, .at = i};
    mem_free(pairs);
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
            rc = document_grid_read(r, t->arena, dir, &f, &t->grids[i], err);
        if (rc == 0 && t->grids[i].joined[0])
            rc = err_set(err, ERR_UNSUPPORTED, "a joined table of joined tables is not shown");
    }
    return rc;
}

int document_table_make(struct runs *r, struct arena *a, const char *dir,
                        const struct runs_run *run, const struct document_table *q,
                        struct value **ret, struct err *err)
{
    struct table t = {.arena = a, .sides = 1};
    struct document_grid joined = {0};
    struct runs_file f;
    int rc = table_find(r, a, dir, run, q, &f, err);
    if (rc == 0)
        rc = document_grid_read(r, a, dir, &f, &t.grids[0], err);
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
    *ret = value_dict(a);
    if (rc == 0)
        table_write(&t, q, *ret);
    mem_free(t.rows);
    document_grid_done(&joined);
    document_grid_done(&t.grids[0]);
    document_grid_done(&t.grids[1]);
    return rc;
}
