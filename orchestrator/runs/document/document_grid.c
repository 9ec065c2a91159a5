/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/document/document_grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/runs/document/document_content.h"

struct grid_part {
    const char *name;
    long long increment, time; /* of "INCREMENT-TIME.KEY.table.json" */
};

struct grid_parts {
    struct arena *arena;
    const char *folder; /* "": any */
    struct grid_part *parts;
    size_t n, cap;
};

static int file_read(struct document_grid *g, const char *dir, const struct runs_file *f,
                     struct json_span *ret, struct err *err)
{
    uint64_t size = 0;
    char *text = NULL;
    if ((uint64_t)f->size > LIMIT_RUNS_TABLE_BYTES - g->bytes)
        return err_set(err, ERR_LIMIT, "this table is larger than %d MiB: download it",
                       LIMIT_RUNS_TABLE_BYTES >> 20);
    int rc = document_content_read(dir, f, LIMIT_RUNS_TABLE_BYTES, &text, &size, err);
    if (rc != 0)
        return rc;
    g->bytes += size;
    g->texts = mem_grow(g->texts, &g->files_cap, g->files + 1, sizeof *g->texts);
    g->texts[g->files++] = text;
    *ret = json_span_of(text, (size_t)size);
    return 0;
}

static int rows_add(struct document_grid *g, struct json_span whole, struct err *err)
{
    struct json_span columns, data, none, row;
    struct json_walk w;
    if (!json_span_find(whole, "columns", &columns) || *columns.at != '[' ||
        !json_span_find(whole, "data", &data) || !json_span_enter(data, &w))
        return err_set(err, ERR_UNSUPPORTED, "this file is not a table with columns and data");
    size_t bytes = (size_t)(columns.end - columns.at);
    if (!g->columns.at)
        g->columns = columns;
    else if ((size_t)(g->columns.end - g->columns.at) != bytes ||
             memcmp(g->columns.at, columns.at, bytes) != 0)
        return err_set(err, ERR_UNSUPPORTED, "the parts of this table have different columns");
    while (json_span_next(&w, &none, &row)) {
        int rc = document_work_add(g->work, (size_t)(row.end - row.at), err);
        if (rc != 0)
            return rc;
        if (g->n == LIMIT_RUNS_TABLE_ROWS)
            return err_set(err, ERR_LIMIT, "this table has more than %d rows: download its file",
                           LIMIT_RUNS_TABLE_ROWS);
        g->rows = mem_grow(g->rows, &g->cap, g->n + 1, sizeof *g->rows);
        g->rows[g->n++] = row;
    }
    return 0;
}

/* The text of this member; NULL if it is missing or not a text. */
static const char *text_of(struct arena *a, struct json_span whole, const char *key)
{
    struct json_span v;
    return json_span_find(whole, key, &v) ? json_span_text(a, v) : NULL;
}

static bool text_is(const char *text, const char *wanted)
{
    return text && strcmp(text, wanted) == 0;
}

static bool part_take(void *arg, const struct runs_file *f)
{
    static const char end[] = ".table.json";
    struct grid_parts *p = arg;
    size_t len = strlen(f->name);
    if (strncmp(f->name, p->folder, strlen(p->folder)) != 0)
        return false;
    if (len < strlen(end) || strcmp(f->name + len - strlen(end), end) != 0)
        return true;
    struct grid_part part = {.name = arena_strdup(p->arena, f->name)};
    char *rest;
    part.increment = strtoll(part.name, &rest, 10);
    part.time = *rest == '-' ? strtoll(rest + 1, NULL, 10) : 0;
    p->parts = mem_grow(p->parts, &p->cap, p->n + 1, sizeof *p->parts);
    p->parts[p->n++] = part;
    return p->n <= DOCUMENT_GRID_PARTS;
}

static int part_compare(const void *left, const void *right)
{
    const struct grid_part *a = left, *b = right;
    if (a->increment != b->increment)
        return a->increment < b->increment ? -1 : 1;
    return (a->time > b->time) - (a->time < b->time);
}

static int parts_read(struct runs *r, struct document_grid *g, const char *dir,
                      struct grid_parts *p, struct err *err)
{
    if (p->n > DOCUMENT_GRID_PARTS)
        return err_set(err, ERR_LIMIT, "this table has more than %d parts: download them",
                       DOCUMENT_GRID_PARTS);
    if (p->n == 0)
        return err_set(err, ERR_NOT_FOUND, "this table has no parts");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < p->n; i++) {
        struct runs_file f;
        struct json_span whole;
        rc = document_content_of_artifact(r, p->arena, dir, g->artifact, p->parts[i].name, &f, err);
        if (rc == 0)
            rc = file_read(g, dir, &f, &whole, err);
        if (rc == 0)
            rc = rows_add(g, whole, err);
    }
    return rc;
}

/* folder "": all tables of the artifact, by their increments. */
static int parts_add(struct runs *r, struct arena *a, const char *dir, struct document_grid *g,
                     const char *folder, struct err *err)
{
    struct grid_parts p = {.arena = a, .folder = folder};
    int rc = runs_file_list(r, a, RUNS_FILE_ARTIFACT, g->artifact, folder, part_take, &p, err);
    if (rc == 0 && !*folder && p.n > 0)
        qsort(p.parts, p.n, sizeof *p.parts, part_compare);
    if (rc == 0)
        rc = parts_read(r, g, dir, &p, err);
    mem_free(p.parts);
    return rc;
}

/* One key for both tables, or a list of two. */
static int joined_read(struct arena *a, struct json_span whole, struct document_grid *g,
                       struct err *err)
{
    struct json_span keys, item;
    g->joined[0] = text_of(a, whole, "table1");
    g->joined[1] = text_of(a, whole, "table2");
    g->keys[0] = g->keys[1] = text_of(a, whole, "join_key");
    bool lists = !g->keys[0] && json_span_find(whole, "join_key", &keys);
    for (size_t i = 0; lists && i < 2; i++)
        g->keys[i] = json_span_item(keys, i, &item) ? json_span_text(a, item) : NULL;
    return g->joined[0] && g->joined[1] && g->keys[0] && g->keys[1]
               ? 0
               : err_set(err, ERR_UNSUPPORTED, "this file does not name two tables and their key");
}

int document_grid_read(struct runs *r, struct arena *a, const char *dir, const struct runs_file *f,
                       struct document_work *w, struct document_grid *ret, struct err *err)
{
    struct json_span whole;
    *ret =
        (struct document_grid){.artifact = f->kind == RUNS_FILE_ARTIFACT ? f->owner : 0, .work = w};
    int rc = file_read(ret, dir, f, &whole, err);
    if (rc != 0)
        return rc;
    const char *type = text_of(a, whole, "_type"), *folder = text_of(a, whole, "parts_path");
    if (text_is(type, "joined-table"))
        return joined_read(a, whole, ret, err);
    if (text_is(type, "partitioned-table") && folder && *folder)
        return parts_add(r, a, dir, ret, arena_printf(a, "%s/", folder), err);
    if (ret->artifact && text_is(text_of(a, whole, "log_mode"), "INCREMENTAL"))
        return parts_add(r, a, dir, ret, "", err);
    return rows_add(ret, whole, err);
}

void document_grid_done(struct document_grid *g)
{
    for (size_t i = 0; i < g->files; i++)
        mem_free(g->texts[i]);
    mem_free(g->texts);
    mem_free(g->rows);
    *g = (struct document_grid){0};
}
