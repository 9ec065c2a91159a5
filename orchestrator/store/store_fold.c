/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_fold.h"

#include <string.h>

#include "base/mem.h"
#include "base/number/count.h"
#include "orchestrator/store/store_inside.h"
#include "sweep/fact.h"

/* Joins small chunks of an attempt into one, which takes the place of the last of them. Only
 * consecutive chunks of one stream are joined, because the books were folded from the points in
 * order of time. The facts say the same as before, so folding adds no fact. Full runs are joined
 * while the attempt runs, and the rest at its end or, if besom ended first, after the store is
 * opened again. The samples of what it uses are joined apart from its metrics, at its end: nothing is
 * decided from them. */

enum {
    POINTS_A_CHUNK = 1000,
    POINTS_A_STEP = 4000,
    BYTES_A_CHUNK = 1 << 20,
    ATTEMPTS_A_STEP = 64,
    CHUNKS_DUE = 64, /* of a running attempt */
    FIND_A_STEP = 4096,
    SAMPLES_FOLDED = 16 /* chunks of samples: not worth a search at each opening */
};

struct run {
    uint64_t first, last; /* seq */
    int64_t stream;
    uint64_t from, to, bad, dropped, too_long;
    size_t chunks;
    bool damaged; /* the next chunk cannot be read: `besom check` will report it */
    bool full;    /* the next chunk does not fit: no later one joins it */
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

/* Adds the chunk in st if it continues at the end of the run and fits; returns whether it did. */
static int add_chunk(struct store *s, struct run *run, sqlite3_stmt *st)
{
    size_t n = (size_t)store_sql_get_u64(st, 4), bytes = (size_t)sqlite3_column_bytes(st, 8);
    if (run->chunks &&
        (sqlite3_column_int64(st, 1) != run->stream || store_sql_get_u64(st, 2) != run->to ||
         run->points.n + n > POINTS_A_CHUNK || run->bytes + bytes > BYTES_A_CHUNK)) {
        run->full = true;
        return 0;
    }
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
    run->bad = count_add(run->bad, store_sql_get_u64(st, 5));
    run->dropped = count_add(run->dropped, store_sql_get_u64(st, 6));
    run->too_long = count_add(run->too_long, store_sql_get_u64(st, 7));
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
    store_sql_u64(st, 4, of->system);
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
    if (!s->begun && (rc = store_begin(s, err)) < 0)
        return rc;
    if ((rc = store_use(s, STORE_FOLD_DROP, &st, err)) < 0)
        return rc;
    store_sql_u64(st, 1, of->row);
    store_sql_u64(st, 2, of->number);
    store_sql_u64(st, 3, run->first);
    store_sql_u64(st, 4, run->last);
    store_sql_u64(st, 5, of->system);
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

/* Joined chunks lose their place among the facts of other trials. If decisions depend on that
 * place, because the sweep compares trials as they report (orchestrator/core/replay.h), nothing is
 * joined. */
static int keeps_order(struct store *s, uint64_t sweep, struct err *err)
{
    sqlite3_stmt *st;
    if (sweep == s->fold.sweep)
        return s->fold.ordered;
    int rc = store_use(s, STORE_FOLD_ORDERED, &st, err);
    if (rc < 0)
        return rc;
    store_sql_u64(st, 1, sweep);
    if ((rc = store_sql_step(st, err)) < 0)
        return rc;
    s->fold.sweep = sweep;
    s->fold.ordered = rc > 0 && sqlite3_column_int(st, 0);
    sqlite3_reset(st);
    return s->fold.ordered;
}

/* Folds one run of chunks and adds its points to *points. Returns 1 if the attempt may have more
 * runs. */
static int fold_attempt(struct store *s, struct store_attempt *of, size_t *points, struct err *err)
{
    struct run run = {0};
    int rc = of->system ? 0 : keeps_order(s, of->row >> STORE_NUMBER_BITS, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = read_run(s, of, &run, err);
    bool whole = of->ended || run.full;
    if (rc == 0 && run.chunks > 1 && whole)
        rc = write_run(s, of, &run, err);
    arena_clear(&s->fold.scratch);
    *points += run.points.n;
    if (whole)
        of->after = run.last;
    return rc < 0 ? rc : run.chunks > 0 && !run.damaged && whole;
}

static void fold_due(struct store *s, const struct store_attempt *of)
{
    s->fold.due = mem_grow(s->fold.due, &s->fold.due_cap, s->fold.due_n + 1, sizeof *s->fold.due);
    s->fold.due[s->fold.due_n++] = *of;
}

void store_fold_init(struct store *s)
{
    s->fold.codec = chunk_codec_new();
    buf_init(&s->fold.blob, SIZE_MAX);
    map_init(&s->fold.growing);
}

void store_fold_done(struct store *s)
{
    void *of;
    for (size_t at = 0; map_next(&s->fold.growing, &at, &of);)
        mem_free(of);
    map_done(&s->fold.growing);
    mem_free(s->fold.due);
    chunk_codec_free(s->fold.codec);
    arena_done(&s->fold.scratch);
    buf_done(&s->fold.blob);
}

/* Most attempts of short trainings have one chunk, so they need no read of the file. */
static void fold_note_end(struct store *s, const struct store_grown *grown,
                          const struct store_attempt *of)
{
    struct store_attempt last = {.row = grown->row, .number = grown->number, .ended = true};
    bool known = of && of->number == grown->number;
    if (!known || !of->counted || of->samples > 1)
        fold_due(s, &(struct store_attempt){
                        .row = grown->row, .number = grown->number, .ended = true, .system = true});
    if (known) {
        if (of->followed && of->chunks < 2)
            return;
        last.after = of->after;
    }
    fold_due(s, &last);
}

void store_fold_note(struct store *s, const struct store_grown *grown)
{
    struct store_attempt *of = map_find(&s->fold.growing, &grown->row, sizeof grown->row);
    if (grown->what == STORE_ENDED) {
        fold_note_end(s, grown, of);
        map_remove(&s->fold.growing, &grown->row, sizeof grown->row);
        mem_free(of);
        return;
    }
    if (!of) {
        of = mem_alloc(sizeof *of);
        map_put(&s->fold.growing, &grown->row, sizeof grown->row, of);
    }
    if (of->number != grown->number)
        *of = (struct store_attempt){.row = grown->row, .number = grown->number};
    if (grown->what == STORE_LAUNCHED)
        of->followed = of->counted = true;
    else if (grown->what == STORE_SAMPLED)
        of->samples++;
    else
        of->chunks++;
    if (of->chunks < CHUNKS_DUE)
        return;
    of->chunks = 0;
    of->followed = false;
    fold_due(s, of);
}

/* Keeps the place up to which a running attempt is folded. */
static void fold_keep_place(struct store *s, const struct store_attempt *of)
{
    struct store_attempt *growing = map_find(&s->fold.growing, &of->row, sizeof of->row);
    if (growing && growing->number == of->number)
        growing->after = of->after;
}

struct found {
    uint64_t row, chunks, points, samples; /* samples: chunks of them */
    uint32_t number;
};

/* An attempt without a row cannot get more chunks. */
static int found_is_ended(struct store *s, const struct found *f, struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_FOLD_ENDED, &st, err);
    if (rc < 0)
        return rc;
    store_sql_u64(st, 1, f->row);
    store_sql_u64(st, 2, f->number);
    if ((rc = store_sql_step(st, err)) < 0)
        return rc;
    bool ended = rc == 0 || sqlite3_column_int(st, 0);
    sqlite3_reset(st);
    return ended;
}

/* Folded metrics have few chunks: two neighbours together have more points than fit into one. */
static int found_take(struct store *s, const struct found *f, struct err *err)
{
    s->fold.row = f->row;
    s->fold.number = f->number;
    bool scattered = f->chunks > 1 + 2 * f->points / POINTS_A_CHUNK;
    if (!scattered && f->samples <= SAMPLES_FOLDED)
        return 0;
    int ended = found_is_ended(s, f, err);
    if (ended > 0 && f->samples > SAMPLES_FOLDED)
        fold_due(s, &(struct store_attempt){
                        .row = f->row, .number = f->number, .ended = true, .system = true});
    if (ended >= 0 && scattered)
        fold_due(s, &(struct store_attempt){.row = f->row, .number = f->number, .ended = ended});
    return ended < 0 ? ended : 0;
}

/* Finds attempts that were not folded before the store was opened, some thousand chunks at a time.
 * The last attempt of a step may have more chunks, so the next step begins with it. If it was the
 * only one, it is taken now, and folding reads the rest. */
static int fold_find(struct store *s, struct err *err)
{
    sqlite3_stmt *st;
    struct found f = {0};
    size_t chunks = 0, taken = 0;
    int rc = store_use(s, STORE_FOLD_FIND, &st, err);
    if (rc < 0)
        return rc;
    store_sql_u64(st, 1, s->fold.row);
    store_sql_u64(st, 2, s->fold.number);
    store_sql_u64(st, 3, FIND_A_STEP);
    while ((rc = store_sql_step(st, err)) > 0) {
        uint64_t row = store_sql_get_u64(st, 0);
        uint32_t number = (uint32_t)store_sql_get_u64(st, 1);
        if (f.chunks + f.samples > 0 && (row != f.row || number != f.number)) {
            if ((rc = found_take(s, &f, err)) < 0)
                break;
            taken++;
            f = (struct found){0};
        }
        bool system = store_sql_get_u64(st, 3) == FACT_STREAM_SYSTEM;
        f.row = row;
        f.number = number;
        f.chunks += !system;
        f.samples += system;
        f.points += system ? 0 : store_sql_get_u64(st, 2);
        chunks++;
    }
    sqlite3_reset(st);
    s->fold.found_all = chunks < FIND_A_STEP;
    if (rc == 0 && f.chunks + f.samples > 0 && (s->fold.found_all || !taken))
        rc = found_take(s, &f, err);
    return rc;
}

int store_fold_step(struct store *s, struct err *err)
{
    size_t points = 0;
    int rc = 0;
    if (s->fold.due_n == 0 && !s->fold.found_all && (rc = fold_find(s, err)) < 0)
        return rc;
    for (size_t i = 0; i < ATTEMPTS_A_STEP && points < POINTS_A_STEP && s->fold.due_n; i++) {
        struct store_attempt *of = &s->fold.due[s->fold.due_n - 1];
        if ((rc = fold_attempt(s, of, &points, err)) < 0)
            return rc;
        if (rc > 0)
            continue;
        fold_keep_place(s, of);
        s->fold.due_n--;
    }
    if (s->begun && (rc = store_end(s, err)) < 0)
        return rc;
    return s->fold.due_n > 0 || !s->fold.found_all;
}
