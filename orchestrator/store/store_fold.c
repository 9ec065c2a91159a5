/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/mem.h"
#include "orchestrator/store/store_inside.h"

/* Small chunks of an attempt that has ended become one, in the place of the last of them. Only runs
 * of one stream are joined: the order of the points in time is what the books were folded from.
 * What the facts say stays the same, and so this needs no fact. */

enum { POINTS_A_CHUNK = 1000, POINTS_A_STEP = 4000, BYTES_A_CHUNK = 1 << 20, ATTEMPTS_A_STEP = 64 };

struct run {
    uint64_t first, last; /* seq */
    int64_t stream;
    uint64_t from, to, bad, dropped, too_long;
    size_t chunks;
    bool damaged; /* the next chunk cannot be read: it is left for `besom check` to find */
    struct points points;
    size_t cap, bytes;
};

static void add_points(struct arena *a, struct run *run, const struct points *ps)
{
    if (run->points.n + ps->n > run->cap) {
        run->cap = 2 * (run->points.n + ps->n);
        struct point *items = arena_alloc(a, run->cap * sizeof *items);
        if (run->points.n)
            memcpy(items, run->points.items, run->points.n * sizeof *items);
        run->points.items = items;
    }
    if (ps->n)
        memcpy(run->points.items + run->points.n, ps->items, ps->n * sizeof *ps->items);
    run->points.n += ps->n;
}

/* Whether the chunk in st goes on where the run ends and fits; then it is added. */
static int add_chunk(struct store *s, struct run *run, sqlite3_stmt *st)
{
    size_t n = (size_t)store_sql_get_u64(st, 4), bytes = (size_t)sqlite3_column_bytes(st, 8);
    if (run->chunks &&
        (sqlite3_column_int64(st, 1) != run->stream || store_sql_get_u64(st, 2) != run->to ||
         run->points.n + n > POINTS_A_CHUNK || run->bytes + bytes > BYTES_A_CHUNK))
        return 0;
    struct points ps;
    run->damaged = chunk_decode(s->fold.codec, &s->fold.scratch, sqlite3_column_blob(st, 8), bytes,
                                &ps, NULL) < 0;
    if (run->damaged)
        return 0;
    if (!run->chunks) {
        run->first = store_sql_get_u64(st, 0);
        run->stream = sqlite3_column_int64(st, 1);
        run->from = store_sql_get_u64(st, 2);
    }
    run->last = store_sql_get_u64(st, 0);
    run->to = store_sql_get_u64(st, 3);
    run->bad += store_sql_get_u64(st, 5);
    run->dropped += store_sql_get_u64(st, 6);
    run->too_long += store_sql_get_u64(st, 7);
    run->bytes += bytes;
    run->chunks++;
    add_points(&s->fold.scratch, run, &ps);
    return 1;
}

static int read_run(struct store *s, const struct store_attempt *of, struct run *run,
                    struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_FOLD_READ, &st, err);
    if (rc < 0)
        return rc;
    store_sql_u64(st, 1, of->row);
    store_sql_u64(st, 2, of->number);
    store_sql_u64(st, 3, of->after);
    while ((rc = store_sql_step(st, err)) > 0 && (rc = add_chunk(s, run, st)) > 0)
        ;
    sqlite3_reset(st);
    return rc;
}

static int write_run(struct store *s, const struct store_attempt *of, const struct run *run,
                     struct err *err)
{
    sqlite3_stmt *st;
    buf_clear(&s->fold.blob);
    int rc = chunk_encode(s->fold.codec, &run->points, &s->fold.blob, NULL);
    if (rc < 0)
        return 0;
    if (!s->begun && (rc = store_sql_exec(s->db, "BEGIN IMMEDIATE", err)) < 0)
        return rc;
    s->begun = true;
    if ((rc = store_use(s, STORE_FOLD_DROP, &st, err)) < 0)
        return rc;
    store_sql_u64(st, 1, of->row);
    store_sql_u64(st, 2, of->number);
    store_sql_u64(st, 3, run->first);
    store_sql_u64(st, 4, run->last);
    if ((rc = store_sql_run(st, err)) < 0 || (rc = store_use(s, STORE_FOLD_PUT, &st, err)) < 0)
        return rc;
    store_sql_u64(st, 1, run->last);
    store_sql_u64(st, 2, run->from);
    store_sql_u64(st, 3, run->points.n);
    store_sql_u64(st, 4, run->bad);
    store_sql_u64(st, 5, run->dropped);
    store_sql_u64(st, 6, run->too_long);
    sqlite3_bind_blob64(st, 7, buf_str(&s->fold.blob), s->fold.blob.len, SQLITE_STATIC);
    return store_sql_run(st, err);
}

/* Joined chunks lose their place among the facts of other trials. Where trials are compared as they
 * report, decisions rest on that place (orchestrator/core/replay.h): there nothing is joined. */
static int keeps_order(struct store *s, uint64_t sweep, struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_FOLD_ORDERED, &st, err);
    if (rc < 0)
        return rc;
    store_sql_u64(st, 1, sweep);
    if ((rc = store_sql_step(st, err)) > 0)
        rc = sqlite3_column_int(st, 0);
    sqlite3_reset(st);
    return rc;
}

/* Folds one run of chunks; 1 where the attempt may have more, and how many points it cost. */
static int fold_attempt(struct store *s, struct store_attempt *of, size_t *points, struct err *err)
{
    struct run run = {0};
    int rc = keeps_order(s, of->row >> STORE_NUMBER_BITS, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = read_run(s, of, &run, err);
    if (rc == 0 && run.chunks > 1)
        rc = write_run(s, of, &run, err);
    arena_clear(&s->fold.scratch);
    *points += run.points.n;
    of->after = run.last;
    return rc < 0 ? rc : run.chunks > 0 && !run.damaged;
}

int store_fold_step(struct store *s, struct err *err)
{
    size_t points = 0;
    int rc = 0;
    for (size_t i = 0; i < ATTEMPTS_A_STEP && points < POINTS_A_STEP && s->ended_n; i++) {
        if ((rc = fold_attempt(s, &s->ended[s->ended_n - 1], &points, err)) < 0)
            return rc;
        s->ended_n -= rc == 0;
    }
    if (s->begun && (rc = store_sql_exec(s->db, "COMMIT", err)) < 0)
        return rc;
    s->begun = false;
    return s->ended_n > 0;
}
