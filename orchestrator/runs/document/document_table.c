/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/runs/document/document_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_span.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_content.h"

struct row {
    struct json_span text, cell; /* cell: what it is sorted by */
    double number;
    enum { ROW_NUMBER, ROW_TEXT, ROW_NOTHING } kind;
};

struct table {
    struct arena *arena;
    struct json_span columns;
    struct row *rows;
    size_t n, cap;
};

static int table_index(struct table *t, struct json_span whole, struct err *err)
{
    struct json_span data, none, row;
    struct json_walk w;
    if (!json_span_find(whole, "columns", &t->columns) || *t->columns.at != '[' ||
        !json_span_find(whole, "data", &data) || !json_span_enter(data, &w))
        return err_set(err, ERR_UNSUPPORTED, "this file is not a table with columns and data");
    while (json_span_next(&w, &none, &row)) {
        if (t->n == LIMIT_RUNS_TABLE_ROWS)
            return err_set(err, ERR_LIMIT, "this table has more than %d rows: download its file",
                           LIMIT_RUNS_TABLE_ROWS);
        t->rows = mem_grow(t->rows, &t->cap, t->n + 1, sizeof *t->rows);
        t->rows[t->n++] = (struct row){.text = row};
    }
    return 0;
}

static bool item_at(struct json_span list, int64_t at, struct json_span *ret)
{
    struct json_walk w;
    struct json_span none;
    if (!json_span_enter(list, &w))
        return false;
    do {
        if (!json_span_next(&w, &none, ret))
            return false;
    } while (at-- > 0);
    return true;
}

/* Names of columns may be numbers. */
static int64_t column_find(const struct table *t, const char *name)
{
    struct json_walk w;
    struct json_span none, column;
    json_span_enter(t->columns, &w);
    for (int64_t i = 0; json_span_next(&w, &none, &column); i++) {
        size_t len = (size_t)(column.end - column.at);
        if (json_span_is(column, name) ||
            (len == strlen(name) && memcmp(column.at, name, len) == 0))
            return i;
    }
    return -1;
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
    return ret ? sign * ret : (a->text.at > b->text.at) - (a->text.at < b->text.at);
}

static int table_sort(struct table *t, const struct document_table *q, struct err *err)
{
    bool descending = q->descending;
    int64_t at = column_find(t, q->sort);
    if (at < 0)
        return err_set(err, ERR_USAGE, "the table has no column %.100s", q->sort);
    for (size_t i = 0; i < t->n; i++) {
        struct row *row = &t->rows[i];
        bool there = item_at(row->text, at, &row->cell);
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

static int table_read(struct arena *a, const char *text, uint64_t size,
                      const struct document_table *q, struct value *out, struct err *err)
{
    struct table t = {.arena = a};
    struct value *rows = value_list(a);
    int rc = table_index(&t, json_span_of(text, (size_t)size), err);
    if (rc == 0 && *q->sort)
        rc = table_sort(&t, q, err);
    if (rc == 0) {
        for (uint64_t i = q->skip; i < t.n && i - q->skip < q->limit; i++)
            value_push(a, rows, span_parse(a, t.rows[i].text));
        value_put(a, out, "columns", span_parse(a, t.columns));
        value_put(a, out, "total", value_int(a, (int64_t)t.n));
        value_put(a, out, "rows", rows);
    }
    mem_free(t.rows);
    return rc;
}

/* The run's own file has no media in its cells. */
static int table_find(struct runs *r, struct arena *a, const char *dir, const struct runs_run *run,
                      const struct document_table *q, struct runs_file *ret, int64_t *ret_artifact,
                      struct err *err)
{
    const char *name;
    *ret_artifact = 0;
    if (*q->place && document_content_refers(r, a, q->place, ret_artifact, &name) &&
        document_content_of_artifact(r, a, dir, *ret_artifact, name, ret, NULL) == 0) {
        *ret_artifact = ret->owner; /* another may have it */
        return 0;
    }
    *ret_artifact = 0;
    return document_content_of_run(r, a, run, q->path, ret, err);
}

int document_table_make(struct runs *r, struct arena *a, const char *dir,
                        const struct runs_run *run, const struct document_table *q,
                        struct value **ret, struct err *err)
{
    struct runs_file f;
    char *text = NULL;
    uint64_t size = 0;
    int64_t artifact;
    int rc = table_find(r, a, dir, run, q, &f, &artifact, err);
    if (rc == 0)
        rc = document_content_read(dir, &f, LIMIT_RUNS_TABLE_BYTES, &text, &size, err);
    if (rc != 0)
        return rc;
    *ret = value_dict(a);
    value_put(a, *ret, "artifact", artifact ? value_int(a, artifact) : value_null(a));
    rc = table_read(a, text, size, q, *ret, err);
    mem_free(text);
    return rc;
}
