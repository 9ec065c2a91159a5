/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/store/chunk.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_inside.h"

/* Lines of one step are merged into one point, wherever they are. Nearly always steps ascend, and
 * points pass through one at a time. Otherwise all points of the attempt are held and sorted. */

struct held {
    uint64_t seq;
    char *data;
    size_t len;
};

/* Reads all chunks of an attempt at once, still compressed: the function that gets the points may
 * write to a slow pipe, and no read transaction may be open meanwhile. */
struct reader {
    struct view *v;
    struct held *chunks; /* of one attempt */
    size_t n, cap, next;
    uint32_t attempt;
    bool samples; /* of what it used, in place of its metrics */
    view_point_fn fn;
    void *arg;
    struct arena chunk; /* the points of one chunk */
    struct arena one;   /* the point that lines are merged into */
    struct value *metrics;
    struct point sum; /* its step and time */
    bool ended;       /* fn asked to stop */
};

static void point_give(struct reader *r)
{
    if (r->metrics && !r->ended) {
        struct value *v = point_value(&r->one, &r->sum, r->attempt);
        value_put(&r->one, v, "metrics", r->metrics);
        r->ended = r->fn(r->arg, v) != 0;
    }
    r->metrics = NULL;
    arena_clear(&r->one);
}

static void point_add(struct reader *r, const struct point *p)
{
    if (r->metrics && p->step != r->sum.step)
        point_give(r);
    if (!r->metrics)
        r->metrics = value_dict(&r->one);
    r->sum = (struct point){.step = p->step, .time_ms = p->time_ms};
    for (size_t i = 0; i < p->n; i++)
        value_put(&r->one, r->metrics, p->keys[i], value_float(&r->one, p->values[i]));
}

/* The points of the next chunk; 0 if there is none. */
static int next_chunk(struct reader *r, struct points *ps, struct err *err)
{
    struct err why;
    if (r->next == r->n)
        return 0;
    const struct held *c = &r->chunks[r->next++];
    if (chunk_decode(r->v->codec, &r->chunk, c->data, c->len, ps, &why) < 0)
        return err_set(err, why.code, "chunk %llu: %s", (unsigned long long)c->seq, why.text);
    return 1;
}

static int are_ascending(struct reader *r, bool *ret, struct err *err)
{
    struct points ps;
    int64_t step = INT64_MIN;
    int rc;
    *ret = true;
    while ((rc = next_chunk(r, &ps, err)) > 0) {
        for (size_t i = 0; i < ps.n && *ret; i++) {
            *ret = ps.items[i].step >= step;
            step = ps.items[i].step;
        }
        arena_clear(&r->chunk);
        if (!*ret)
            break;
    }
    r->next = 0;
    return rc < 0 ? rc : 0;
}

static int pass_through(struct reader *r, struct err *err)
{
    struct points ps;
    int rc = 0;
    while (!r->ended && (rc = next_chunk(r, &ps, err)) > 0) {
        for (size_t i = 0; i < ps.n && !r->ended; i++)
            point_add(r, &ps.items[i]);
        arena_clear(&r->chunk);
    }
    point_give(r);
    return r->ended || rc >= 0 ? 0 : rc;
}

struct placed {
    struct point point;
    size_t place; /* keeps points of one step in their order */
};

static int by_step(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->point.step != y->point.step)
        return x->point.step < y->point.step ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int sort_first(struct reader *r, struct err *err)
{
    struct points ps;
    struct placed *all = NULL;
    size_t n = 0, cap = 0;
    int rc;
    while ((rc = next_chunk(r, &ps, err)) > 0) {
        all = mem_grow(all, &cap, n + ps.n, sizeof *all);
        for (size_t i = 0; i < ps.n; i++, n++)
            all[n] = (struct placed){ps.items[i], n};
    }
    if (n)
        qsort(all, n, sizeof *all, by_step);
    for (size_t i = 0; i < n && !r->ended && rc == 0; i++)
        point_add(r, &all[i].point);
    point_give(r);
    mem_free(all);
    return rc;
}

static int hold_chunks(struct reader *r, uint64_t row, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(
        r->v->db, &st,
        "SELECT seq, data FROM chunk WHERE trial=? AND attempt=? AND (stream=2)=? ORDER BY seq",
        err);
    if (rc == 0) {
        store_sql_u64(st, 1, row);
        store_sql_u64(st, 2, r->attempt);
        store_sql_u64(st, 3, r->samples);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        r->chunks = mem_grow(r->chunks, &r->cap, r->n + 1, sizeof *r->chunks);
        struct held *c = &r->chunks[r->n++];
        c->seq = store_sql_get_u64(st, 0);
        c->len = (size_t)sqlite3_column_bytes(st, 1);
        c->data = mem_alloc(c->len + 1);
        if (c->len > 0)
            memcpy(c->data, sqlite3_column_blob(st, 1), c->len);
    }
    sqlite3_finalize(st);
    return rc;
}

static void free_chunks(struct reader *r)
{
    for (size_t i = 0; i < r->n; i++)
        mem_free(r->chunks[i].data);
    r->n = r->next = 0;
}

static int read_attempt(struct reader *r, uint64_t row, struct err *err)
{
    bool ascending;
    int rc = hold_chunks(r, row, err);
    if (rc == 0)
        rc = are_ascending(r, &ascending, err);
    if (rc == 0)
        rc = ascending ? pass_through(r, err) : sort_first(r, err);
    free_chunks(r);
    arena_done(&r->chunk);
    arena_done(&r->one);
    return rc;
}

/* Finds the row of the trial and the number of its attempts, or returns ERR_NOT_FOUND. */
static int find_trial(struct view *v, const char *sweep, uint64_t number, uint64_t *row,
                      uint32_t *attempts, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc =
        store_sql_use(v->db, &st,
                      "SELECT t.id, attempts FROM sweep s JOIN trial t ON t.id = s.n << 40 | ?2"
                      " WHERE s.id = ?1",
                      err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, number);
        rc = store_sql_step(st, err);
    }
    if (rc == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no trial %s-%llu", sweep,
                     (unsigned long long)number);
    if (rc > 0) {
        *row = store_sql_get_u64(st, 0);
        *attempts = (uint32_t)store_sql_get_u64(st, 1);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int points_read(struct view *v, bool samples, const char *sweep, uint64_t number,
                       uint32_t attempt, view_point_fn fn, void *arg, struct err *err)
{
    struct reader r = {.v = v, .samples = samples, .fn = fn, .arg = arg};
    uint64_t row = 0;
    uint32_t attempts = 0;
    if (v->remote)
        return v->remote->points(v->remote, samples ? "samples" : "points", sweep, number, attempt,
                                 fn, arg, err);
    int rc = find_trial(v, sweep, number, &row, &attempts, err);
    if (rc == 0 && attempt > attempts)
        rc = err_set(err, ERR_NOT_FOUND, "trial %s-%llu has had %u attempt%s", sweep,
                     (unsigned long long)number, attempts, attempts == 1 ? "" : "s");
    for (r.attempt = 1; rc == 0 && r.attempt <= attempts && !r.ended; r.attempt++) {
        if (attempt && attempt != r.attempt)
            continue;
        rc = read_attempt(&r, row, err);
    }
    mem_free(r.chunks);
    return rc;
}

int view_points(struct view *v, const char *sweep, uint64_t number, uint32_t attempt,
                view_point_fn fn, void *arg, struct err *err)
{
    return points_read(v, false, sweep, number, attempt, fn, arg, err);
}

int view_samples(struct view *v, const char *sweep, uint64_t number, uint32_t attempt,
                 view_point_fn fn, void *arg, struct err *err)
{
    return points_read(v, true, sweep, number, attempt, fn, arg, err);
}
