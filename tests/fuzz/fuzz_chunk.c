/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a metrics file go the whole way: into points, into facts that the books take, into durable
 * chunks, and back. Nothing in them may make the store fail, and what comes back is what went in. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/json.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/check/store_check.h"
#include "orchestrator/store/store_inside.h"
#include "tests/fuzz/fuzz.h"

static char dir[] = "/tmp/besom-fuzz-XXXXXX";
static struct store *store;
static struct books books;
static unsigned sweeps;

static void remove_dir(void)
{
    static const char *const names[] = {"besom.db", "besom.db-wal", "besom.db-shm", "lock"};
    store_close(store);
    books_done(&books);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

static void record(struct fact *f)
{
    f->seq = books.seq + 1;
    check(books_apply(&books, f, NULL) == 0);
    check(store_append(store, f, NULL) == 0);
}

/* A sweep a file, with one trial that runs. */
static void start(const char *id, struct arena *a)
{
    static const char spec[] = "{\"method\":\"grid\",\"program\":\"t\",\"metric\":{\"name\":\"a\"},"
                               "\"parameters\":{\"x\":{\"values\":[1]}}}";
    struct value *content;
    check(json_parse(a, spec, strlen(spec), &content, NULL) == 0);
    record(&(struct fact){
        .kind = FACT_SWEEP_CREATED, .sweep = id, .path = "/p", .workdir = "/", .content = content});
    record(&(struct fact){.kind = FACT_PROPOSED, .sweep = id, .params = value_dict(a)});
    record(&(struct fact){.kind = FACT_LAUNCHED, .sweep = id, .attempt = 1, .agent = "here"});
}

static bool is_same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void compare(const struct points *want, const struct points *got)
{
    check(got->n == want->n);
    for (size_t i = 0; i < want->n; i++) {
        const struct point *p = &want->items[i], *q = &got->items[i];
        check(p->step == q->step && p->time_ms == q->time_ms && p->n == q->n);
        for (size_t k = 0; k < p->n; k++) {
            /* Mostly at the same place: a search for each would take too long. */
            double f = k < q->n ? q->values[k] : 0;
            bool found = k < q->n && strcmp(p->keys[k], q->keys[k]) == 0;
            check((found || point_find(q, p->keys[k], &f)) && is_same(f, p->values[k]));
        }
    }
}

/* The chunk of this fact as the file has it. */
static void compare_chunk(const struct fact *f, struct arena *a)
{
    sqlite3_stmt *st = NULL;
    struct points got;
    check(store_sql_use(store->db, &st, "SELECT points, bad_lines, data FROM chunk WHERE seq=?",
                        NULL) == 0);
    store_sql_u64(st, 1, f->seq);
    check(store_sql_step(st, NULL) == 1);
    check(store_sql_get_u64(st, 0) == f->points.n && store_sql_get_u64(st, 1) == f->points.bad);
    check(chunk_decode(store->codec, a, sqlite3_column_blob(st, 2),
                       (size_t)sqlite3_column_bytes(st, 2), &got, NULL) == 0);
    compare(&f->points, &got);
    sqlite3_finalize(st);
}

static void say(void *arg, bool counts, const char *problem)
{
    (void)arg, (void)counts;
    fprintf(stderr, "%s\n", problem);
}

static void begin(void)
{
    struct err err = {0};
    check(mkdtemp(dir));
    atexit(remove_dir);
    books_init(&books);
    check(store_open(dir, true, &store, &err) == 0);
    check(store_sql_exec(store->db, "PRAGMA synchronous=OFF", &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct fact facts[64];
    size_t n = 0, at = 0;
    char id[16];
    if (!store)
        begin();
    arena_init(&a);
    snprintf(id, sizeof id, "s%u", ++sweeps);
    start(id, &a);
    struct book_trial *t = books_trial(books_sweep(&books, id), 0);
    const struct point_names names = {&t->last, "a"};
    while (at < size && n < 64) {
        struct fact *f = &facts[n++];
        *f = (struct fact){
            .kind = FACT_METRICS, .sweep = id, .attempt = 1, .next_step = t->attempt.next_step};
        f->from = t->attempt.offset[0];
        size_t took = points_parse(&a, (const char *)data + at, size - at, 7, &names, &f->next_step,
                                   &f->points);
        check(took > 0);
        at += took;
        f->to = at;
        record(f);
    }
    check(t->last.live <= LIMIT_METRIC_KEYS);
    record(&(struct fact){.kind = FACT_ENDED,
                          .sweep = id,
                          .attempt = 1,
                          .reason = REASON_OK,
                          .state = TRIAL_FINISHED});
    record(&(struct fact){.kind = FACT_SWEEP_STATE, .sweep = id, .state = SWEEP_CANCELLED});
    check(store_commit(store, &books, NULL) == 0);
    for (size_t i = 0; i < n; i++)
        compare_chunk(&facts[i], &a);
    while (store_tidy(store))
        ;
    books_sweep_out(&books);
    arena_done(&a);
    if (sweeps % 500 == 1) {
        struct store_check found;
        check(store_check(dir, say, NULL, &found, NULL) == 0);
    }
    return 0;
}
