/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/runs/runs_query.h"

#include <stdlib.h>

#include "base/mem.h"
#include "orchestrator/runs/runs_sql.h"
#include "orchestrator/runs/runs_value.h"

static struct value *project_value(struct arena *a, sqlite3_stmt *st)
{
    static const char *const names[] = {"number", "created", "runs", "running", "last"};
    struct value *v = value_dict(a);
    value_put(a, v, "entity", value_str(a, store_sql_get_text(st, 0)));
    value_put(a, v, "project", value_str(a, store_sql_get_text(st, 1)));
    for (int i = 0; i < 5; i++) {
        int64_t n = runs_sql_get_int(st, i + 2);
        bool is_time = i == 1 || i == 4;
        value_put(a, v, names[i], is_time ? value_float(a, (double)n / 1000) : value_int(a, n));
    }
    return v;
}

int runs_query_projects(struct runs *r, struct arena *a, const char *entity, struct value **ret,
                        struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "SELECT entity, project.name, project.n, project.created, count(run.n),"
                          " coalesce(sum(state IN ('running', 'preempting')), 0),"
                          " coalesce(max(run.created), project.created) AS last"
                          " FROM project LEFT JOIN run ON run.project = project.n"
                          " WHERE ?1 IS NULL OR entity=?1"
                          " GROUP BY project.n ORDER BY last DESC, project.n DESC",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, entity);
    *ret = value_list(a);
    while ((rc = store_sql_step(st, err)) > 0)
        value_push(a, *ret, project_value(a, st));
    sqlite3_reset(st);
    return rc;
}

struct found {
    int64_t n;
    struct wandb_scalar keys[]; /* of the order */
};

struct finding {
    struct runs *runs;
    const struct runs_query *q;
    struct arena *arena, scratch;
    struct found **items;
    size_t n, cap;
    struct err *err;
};

static struct found *found_make(struct finding *f, const struct runs_run *run,
                                const struct value *v)
{
    size_t n = f->q->order ? f->q->order->n : 0;
    struct wandb_scalar keys[WANDB_ORDER_KEYS];
    struct found *ret = arena_alloc(f->arena, sizeof *ret + n * sizeof *keys);
    ret->n = run->n;
    if (n > 0)
        wandb_order_take(f->q->order, v, keys);
    for (size_t i = 0; i < n; i++) {
        ret->keys[i] = keys[i];
        if (keys[i].text)
            ret->keys[i].text = arena_strdup(f->arena, keys[i].text);
    }
    return ret;
}

static bool part_is_read(const struct runs_query *q, enum wandb_field_part part)
{
    return (q->filter && wandb_filter_reads(q->filter, part)) ||
           (q->order && wandb_order_reads(q->order, part));
}

static int run_consider(void *arg, const struct runs_run *run)
{
    struct finding *f = arg;
    struct value *v;
    const struct runs_value_parts parts = {part_is_read(f->q, WANDB_FIELD_CONFIG),
                                           part_is_read(f->q, WANDB_FIELD_SUMMARY)};
    int rc = runs_value_make(f->runs, &f->scratch, run, parts, &v, f->err);
    if (rc != 0)
        return rc;
    rc = f->q->filter ? wandb_filter_match(f->q->filter, v) : 1;
    if (rc < 0)
        return err_set(f->err, rc, "filters: a regular expression takes too long on run %.60s",
                       run->name);
    if (rc > 0) {
        f->items = mem_grow(f->items, &f->cap, f->n + 1, sizeof *f->items);
        f->items[f->n++] = found_make(f, run, v);
    }
    arena_clear(&f->scratch);
    return 0;
}

/* Equal runs are in the order in which they were created; with the newest first, those of one moment too. */
static int found_compare(const void *left, const void *right, void *arg)
{
    const struct found *a = *(struct found *const *)left, *b = *(struct found *const *)right;
    const struct wandb_order *order = arg;
    int ret = wandb_order_compare(order, a->keys, b->keys);
    int created = (a->n > b->n) - (a->n < b->n);
    bool newest_first = order->keys[0].descending && order->keys[0].field.is_time;
    return ret != 0 ? ret : newest_first ? -created : created;
}

int runs_query_find(struct runs *r, struct arena *a, const struct runs_query *q, int64_t **ret,
                    size_t *ret_n, struct err *err)
{
    struct finding f = {.runs = r, .q = q, .arena = a, .err = err};
    arena_init(&f.scratch);
    int rc = runs_run_each(r, q->entity, q->project, run_consider, &f, err);
    if (rc == 0 && q->order && q->order->n > 0 && f.n > 1)
        qsort_r(f.items, f.n, sizeof *f.items, found_compare, (void *)(uintptr_t)q->order);
    *ret = arena_alloc(a, f.n * sizeof **ret + 1);
    *ret_n = f.n;
    for (size_t i = 0; i < f.n; i++)
        (*ret)[i] = f.items[i]->n;
    mem_free(f.items);
    arena_done(&f.scratch);
    return rc;
}
