/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store on this disk: facts and metric points made durable, opening a store of 100,000 trials,
 * and the memory it then keeps. */
#define _GNU_SOURCE
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "orchestrator/store/store.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_proposals.h"

enum {
    TRIALS = 100000,
    TRIALS_A_COMMIT = 3, /* with four facts a trial: about ten a commit */
    BATCH_BYTES = 128 << 10,
    BATCHES = 60,
};

static char dir[] = "store-bench-XXXXXX";
static struct books books;
static struct store *store;
static struct arena arena;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(name);
}

static void clean_up(void)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static _Noreturn void fail(const struct err *err)
{
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static void put(struct fact f)
{
    struct err err;
    f.sweep = "bench";
    f.time_ms = 1700000000000;
    f.agent = "local";
    f.seq = books.seq + 1;
    if (books_apply(&books, &f, &err) < 0 || store_append(store, &f, &err) < 0)
        fail(&err);
}

static void commit(void)
{
    struct err err;
    if (store_commit(store, &books, &err) < 0)
        fail(&err);
    books_sweep_out(&books);
}

static void open_store(void)
{
    struct err err;
    books_init(&books);
    if (store_open(dir, true, &store, &err) < 0 || store_load(store, NULL, &books, &err) < 0)
        fail(&err);
}

static struct value *parsed(struct arena *a, const char *text)
{
    struct value *v;
    struct err err;
    if (json_parse(a, text, strlen(text), &v, &err) < 0)
        fail(&err);
    return v;
}

static void trial(uint64_t n, const struct value *params)
{
    static const char line[] = "{\"step\":1,\"loss\":0.25}\n";
    struct fact metrics = {.kind = FACT_METRICS, .trial = n, .attempt = 1, .to = sizeof line - 1};
    put((struct fact){.kind = FACT_PROPOSED, .trial = n, .cursor = n, .params = params});
    put((struct fact){.kind = FACT_LAUNCHED, .trial = n, .attempt = 1});
    points_parse(&arena, line, sizeof line - 1, 0, NULL, &metrics.next_step, &metrics.points);
    put(metrics);
    put((struct fact){.kind = FACT_ENDED,
                      .trial = n,
                      .attempt = 1,
                      .reason = REASON_OK,
                      .state = TRIAL_FINISHED});
    arena_clear(&arena);
}

static void bench_trials(void)
{
    struct arena keep;
    arena_init(&keep);
    const struct value *params = parsed(
        &keep,
        "{\"lr\":0.0012345678901234,\"batch\":64,\"optimizer\":\"adam\",\"model\":{\"depth\":4}}");
    put((struct fact){
        .kind = FACT_SWEEP_CREATED,
        .path = "/sweep.yaml",
        .workdir = "/",
        .content = parsed(
            &keep, "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{\"name\":\"loss\","
                   "\"goal\":\"minimize\"},\"parameters\":{\"lr\":{\"min\":0.0,\"max\":1.0}}}")});
    double begin = now();
    for (uint64_t i = 0; i < TRIALS; i++) {
        trial(i, params);
        if (i % TRIALS_A_COMMIT == 0) {
            commit();
            store_tidy(store);
        }
    }
    commit();
    double took = now() - begin;
    printf("store: facts durable, 12 a commit\t%.0f\ta second\t\n", 4 * TRIALS / took);
    printf("store: no-op trials durable\t%.0f\ta second\t1000\n", TRIALS / took);
    arena_done(&keep);
}

static long memory_kb(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void count_proposal(void *arg, const struct view_proposal *p)
{
    (void)p;
    ++*(int *)arg;
}

/* As a strategy is made from the store. */
static void count_proposals(int wanted)
{
    struct view *view;
    struct err err = {0};
    uint64_t seq;
    int n = 0;
    if (view_open(dir, &view, &err) < 0 ||
        view_proposals(view, "bench", NULL, &seq, count_proposal, &n, &err) < 0)
        fail(&err);
    view_close(view);
    if (n != wanted) {
        err_set(&err, ERR_STATE, "%d proposals read back, not %d", n, wanted);
        fail(&err);
    }
}

/* Once after an opening, a part between any two commits. */
static void bench_looking_through(int chunks)
{
    double begin = now();
    while (store_tidy(store))
        ;
    printf("store: its %d chunks looked through for what to join\t%.3f\ts\t\n", chunks,
           now() - begin);
}

static void bench_opening(void)
{
    long before = memory_kb();
    double begin = now();
    open_store();
    printf("store: opening and loading one of 100,000 trials\t%.4f\ts\t1\n", now() - begin);
    begin = now();
    count_proposals(TRIALS);
    printf("store: its 100,000 proposals read back\t%.3f\ts\t\n", now() - begin);
    printf("store: memory of that\t%.1f\tMB\t\n", (double)(memory_kb() - before) / 1024);
    bench_looking_through(TRIALS);
}

static void make_lines(struct buf *text, size_t bytes)
{
    buf_clear(text);
    for (int step = 0; text->len < bytes; step++)
        buf_addf(text, "{\"step\":%d,\"loss\":%.17g,\"acc\":%.6g,\"lr\":%g}\n", step,
                 1.0 / (step + 1.1), 1 - 1.0 / (step + 2.0), 0.001);
}

static uint64_t log_batch(uint64_t n, const struct buf *text)
{
    const struct book_attempt *at = &books_trial(books_sweep(&books, "bench"), n)->attempt;
    struct fact f = {.kind = FACT_METRICS, .trial = n, .attempt = 1, .from = at->offset[0]};
    f.to = f.from + text->len;
    f.next_step = at->next_step;
    points_parse(&arena, buf_str(text), text->len, 0, NULL, &f.next_step, &f.points);
    uint64_t points = f.points.n;
    put(f);
    arena_clear(&arena);
    return points;
}

static void bench_points(void)
{
    struct buf text;
    uint64_t points = 0, live = 0;
    buf_init(&text, SIZE_MAX);
    make_lines(&text, BATCH_BYTES);
    put((struct fact){.kind = FACT_PROPOSED, .trial = TRIALS, .params = value_dict(&arena)});
    put((struct fact){.kind = FACT_LAUNCHED, .trial = TRIALS, .attempt = 1});
    commit();
    double begin = now();
    for (int i = 0; i < BATCHES; i++) {
        points += log_batch(TRIALS, &text);
        commit();
        store_tidy(store);
    }
    printf("store: metric points of 3 values durable, 128 KiB a commit\t%.0f\ta second\t100000\n",
           (double)points / (now() - begin));
    make_lines(&text, 100);
    begin = now();
    for (int i = 0; i < 2000; i++) {
        live += log_batch(TRIALS, &text);
        commit();
    }
    printf("store: the same, two lines a commit\t%.0f\ta second\t\n",
           (double)live / (now() - begin));
    buf_done(&text);
}

static long log_kb(void)
{
    struct stat st;
    char path[100];
    snprintf(path, sizeof path, "%s/besom.db-wal", dir);
    return stat(path, &st) == 0 ? (long)(st.st_size / 1024) : 0;
}

/* A trial of 5,000 metrics: lines of all of them first, then lines of ten that take turns. How far
 * the log grows while nobody empties it. */
static void bench_names(void)
{
    enum { NAMES = 5000, WIDE_BATCHES = 500, SOME = 10 };
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (int names = NAMES; names >= SOME; names = names == NAMES ? SOME : 0) {
        uint64_t n = TRIALS + (names == NAMES ? 1 : 2);
        put((struct fact){.kind = FACT_PROPOSED, .trial = n, .params = value_dict(&arena)});
        put((struct fact){.kind = FACT_LAUNCHED, .trial = n, .attempt = 1});
        commit();
        store_close(store);
        books_done(&books);
        open_store();
        double begin = now();
        for (int i = 0, from = 0; i < WIDE_BATCHES; i++) {
            buf_clear(&text);
            int k = i == 0 ? NAMES : names; /* the first line has all */
            for (int j = 0; j < k; j++)
                buf_addf(&text, "%s\"layer.%d.norm\":%g",
                         j % 2000 ? ","
                         : j      ? "}\n{"
                                  : "{",
                         (from + j) % NAMES, i + 0.5 * j);
            from += k;
            buf_adds(&text, "}\n");
            log_batch(n, &text);
            commit();
        }
        printf("store: log after 500 batches, each of %d of a trial's 5,000 metrics\t%.1f\tMB\t\n",
               names, (double)log_kb() / 1024);
        printf("store: these batches\t%.0f\ta second\t\n", WIDE_BATCHES / (now() - begin));
    }
    buf_done(&text);
}

static int count(void *arg, const struct value *trial_)
{
    (void)trial_;
    ++*(int *)arg;
    return 0;
}

static void bench_looking(void)
{
    struct view *v;
    struct err err;
    struct view_query best = {.sort = "objective", .limit = 10}, lr = {.sort = "lr", .limit = 10};
    int n = 0;
    double begin = now();
    if (view_open(dir, &v, &err) < 0 || view_trials(v, "bench", &best, count, &n, &err) < 0)
        fail(&err);
    printf("store: the 10 best of 100,000 trials, beside the writer\t%.3f\ts\t\n", now() - begin);
    begin = now();
    if (view_trials(v, "bench", &lr, count, &n, &err) < 0)
        fail(&err);
    printf("store: 10 by a parameter\t%.3f\ts\t\n", now() - begin);
    view_close(v);
}

/* Ten times as many trials, copied as rows: to write them takes minutes. */
static void copy_trials(void)
{
    static const char *const copies[] = {
        "INSERT INTO trial SELECT id + ?1, state, reason, cursor + ?1, params, why, attempts, "
        "agent,"
        " slot, failed, lost, created, started, ended, objective, objective_step, step, ran,"
        " iterations, iteration_step, iteration_best, lost_on, current FROM trial WHERE (id & "
        "1099511627775) < ?2",
        "INSERT INTO attempt SELECT trial + ?1, number, state, stop, reason, agent, slot, "
        "launched,"
        " ended, code, signal, text, file_bytes, stdout_bytes, next_step, points, bad_lines,"
        " log_dropped, ran, dropped_values, stop_why, long_lines, stdout_dropped, rewrites,"
        " grant, system_bytes, samples, aside FROM attempt WHERE (trial & 1099511627775) < ?2",
        "INSERT INTO metric SELECT trial + ?1, place, key, value FROM metric"
        " WHERE (trial & 1099511627775) < ?2",
        "INSERT INTO fact SELECT seq + ?3, time, kind, sweep, trial + ?1,"
        " attempt, body FROM fact WHERE trial < ?2 AND seq < 10000000",
        "INSERT INTO chunk SELECT seq + ?3, trial + ?1, attempt, stream,"
        " from_byte, to_byte, points, bad_lines, dropped_values, long_lines, next_step, data"
        " FROM chunk WHERE (trial & 1099511627775) < ?2 AND seq < 10000000",
    };
    sqlite3 *db;
    sqlite3_stmt *st;
    char path[100];
    snprintf(path, sizeof path, "%s/besom.db", dir);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        exit(1);
    static const char others[] = /* the bench's own later trials */
        "PRAGMA synchronous=OFF; UPDATE sweep SET proposed=1000000;"
        "DELETE FROM trial WHERE (id & 1099511627775) >= 100000;"
        "DELETE FROM attempt WHERE (trial & 1099511627775) >= 100000;"
        "DELETE FROM metric WHERE (trial & 1099511627775) >= 100000;"
        "DELETE FROM chunk WHERE (trial & 1099511627775) >= 100000;"
        "DELETE FROM fact WHERE trial >= 100000";
    if (sqlite3_exec(db, others, NULL, NULL, NULL) != SQLITE_OK)
        exit(1);
    for (int times = 1; times < 10; times++)
        for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
            if (sqlite3_prepare_v2(db, copies[i], -1, &st, NULL) != SQLITE_OK)
                exit(1);
            sqlite3_bind_int(st, 1, times * TRIALS);
            sqlite3_bind_int(st, 2, TRIALS);
            sqlite3_bind_int(st, 3, times * 10000000);
            if (sqlite3_step(st) != SQLITE_DONE)
                exit(1);
            sqlite3_finalize(st);
        }
    sqlite3_close(db);
}

static void bench_million(void)
{
    copy_trials();
    double begin = now();
    open_store();
    printf("store: opening and loading one of 1,000,000 trials\t%.4f\ts\t2\n", now() - begin);
    begin = now();
    count_proposals(10 * TRIALS);
    printf("store: its 1,000,000 proposals read back\t%.3f\ts\t\n", now() - begin);
    bench_looking_through(10 * TRIALS);
    store_close(store);
    books_done(&books);
}

int main(void)
{
    if (!mkdtemp(dir))
        return 1;
    atexit(clean_up);
    open_store();
    bench_trials();
    store_close(store);
    books_done(&books);
    bench_opening();
    bench_points();
    bench_names();
    bench_looking();
    store_close(store);
    books_done(&books);
    bench_million();
    arena_done(&arena);
    return 0;
}
