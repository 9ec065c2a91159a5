/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/curves/view_curve.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/core/grant.h"
#include "orchestrator/store/chunk.h"
#include "orchestrator/view/view_inside.h"

/* The attempts of a trial as clocks. */
struct clock {
    uint32_t attempt;
    int64_t launched_ms;
    double before, gpus_before; /* seconds that earlier ones ran, and times their GPUs */
    double gpus;
};

struct clocks {
    struct clock *items;
    size_t n, cap;
};

static int clocks_read(struct view *v, uint64_t row, struct clocks *cs, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct clock next = {0};
    struct arena a;
    arena_init(&a);
    int rc = store_sql_use(v->db, &st,
                           "SELECT number, launched, ended, ran, grant, slot FROM attempt"
                           " WHERE trial=? ORDER BY number",
                           err);
    if (rc == 0)
        store_sql_u64(st, 1, row);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct grant g;
        const char *text = store_sql_get_text_or_null(st, 4);
        uint64_t launched = store_sql_get_u64(st, 1), ended = store_sql_get_u64(st, 2);
        double ran = !store_sql_is_null(st, 3)  ? (double)store_sql_get_u64(st, 3)
                     : store_sql_is_null(st, 2) ? 0
                     : ended > launched         ? (double)(ended - launched)
                                                : 0;
        bool good = grant_parse(&a, (uint32_t)store_sql_get_u64(st, 5), text, &g);
        next.attempt = (uint32_t)store_sql_get_u64(st, 0);
        next.launched_ms = (int64_t)launched;
        next.gpus = !good ? 1 : g.gpus_n ? grant_gpu_milli(&g) / 1000.0 : g.slots_n;
        cs->items = mem_grow(cs->items, &cs->cap, cs->n + 1, sizeof *cs->items);
        cs->items[cs->n++] = next;
        next.before += ran / 1000;
        next.gpus_before += ran / 1000 * next.gpus;
    }
    sqlite3_finalize(st);
    arena_done(&a);
    return rc;
}

static double sample_x(const struct clocks *cs, const struct curve_sample *s, enum view_curve_x x)
{
    if (x == VIEW_CURVE_WALL)
        return (double)s->time_ms / 1000;
    for (size_t i = 0; i < cs->n; i++) {
        const struct clock *k = &cs->items[i];
        double ran = (double)(s->time_ms - k->launched_ms) / 1000;
        ran = ran > 0 ? ran : 0; /* clocks of hosts differ */
        if (k->attempt == s->attempt)
            return x == VIEW_CURVE_TIME ? k->before + ran : (k->gpus_before + ran * k->gpus) / 3600;
    }
    return NAN;
}

static int curve_place(struct view *v, uint64_t row, enum view_curve_x x, struct curve *c,
                       struct err *err)
{
    struct clocks cs = {0};
    int rc = clocks_read(v, row, &cs, err);
    for (size_t i = 0; rc == 0 && i < c->n; i++)
        c->items[i].x = sample_x(&cs, &c->items[i], x);
    mem_free(cs.items);
    return rc;
}

static void columns_add(struct curve *c, uint32_t attempt, const struct chunk_columns *k, bool x)
{
    for (size_t i = 0; i < k->n; i++) {
        struct curve_sample s = {
            .step = k->steps[i], .time_ms = k->times_ms[i], .attempt = attempt};
        s.has_y = k->has[0][i];
        s.y = s.has_y ? k->values[0][i] : NAN;
        s.has_x = x && k->has[1][i];
        s.x = s.has_x ? k->values[1][i] : NAN;
        if (s.has_x || s.has_y)
            curve_add(c, &s);
    }
}

static int chunks_read(struct view *v, uint64_t row, const struct view_curve *q, struct curve *c,
                       struct err *err)
{
    const char *const names[] = {q->metric, q->x_metric};
    bool x = q->x == VIEW_CURVE_METRIC, same = x && strcmp(q->metric, q->x_metric) == 0;
    size_t names_n = x && !same ? 2 : 1;
    struct arena a;
    arena_init(&a);
    int rc = store_sql_use(
        v->db, &v->curve_chunks,
        /* Later attempts than the one that counts were superseded. */
        "SELECT attempt, data FROM chunk WHERE trial = ?1 AND stream != 2"
        " AND attempt <= (SELECT current FROM trial WHERE id = ?1) ORDER BY attempt, seq",
        err);
    sqlite3_stmt *st = v->curve_chunks;
    if (rc == 0)
        store_sql_u64(st, 1, row);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct chunk_columns k;
        rc = chunk_decode_columns(v->codec, &a, sqlite3_column_blob(st, 1),
                                  (size_t)sqlite3_column_bytes(st, 1), names, names_n, &k, err);
        if (rc == 0)
            columns_add(c, (uint32_t)store_sql_get_u64(st, 0), &k, names_n == 2);
        arena_clear(&a);
    }
    for (size_t i = 0; same && i < c->n; i++) {
        c->items[i].x = c->items[i].y;
        c->items[i].has_x = true;
    }
    sqlite3_reset(st);
    arena_done(&a);
    return rc;
}

static int row_find(struct view *v, const char *sweep, uint64_t number, uint64_t *ret,
                    struct err *err)
{
    int rc = store_sql_use(v->db, &v->curve_row,
                           "SELECT t.id FROM sweep s JOIN trial t ON t.id = s.n << 40 | ?2"
                           " WHERE s.id = ?1",
                           err);
    sqlite3_stmt *st = v->curve_row;
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, number);
        rc = store_sql_step(st, err);
    }
    if (rc == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no trial %s-%llu", sweep,
                     (unsigned long long)number);
    *ret = rc > 0 ? store_sql_get_u64(st, 0) : 0;
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int view_curve_read(struct view *v, const char *sweep, uint64_t number, const struct view_curve *q,
                    struct curve *ret, struct err *err)
{
    uint64_t row = 0;
    *ret = (struct curve){.needs_x = q->x == VIEW_CURVE_METRIC};
    int rc = row_find(v, sweep, number, &row, err);
    if (rc == 0)
        rc = chunks_read(v, row, q, ret, err);
    if (rc != 0)
        return rc;
    curve_end(ret);
    if (q->x != VIEW_CURVE_STEP && q->x != VIEW_CURVE_METRIC)
        rc = curve_place(v, row, q->x, ret, err);
    curve_order(ret);
    return rc;
}
