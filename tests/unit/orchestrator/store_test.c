/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/store/store.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_proposals.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"
#include "tests/unit/orchestrator/scratch.h"

static struct store *opened(const char *dir)
{
    struct store *s;
    struct err err;
    if (store_open(dir, true, &s, &err) < 0)
        FAIL("%s", err.text);
    return s;
}

static void append(struct store *s, const struct fact *f)
{
    struct err err;
    if (store_append(s, f, &err) < 0)
        FAIL("%s", err.text);
}

static void commit(struct store *s, struct books *b)
{
    struct err err;
    if (store_commit(s, b, &err) < 0)
        FAIL("%s", err.text);
    books_sweep_out(b);
}

static void compare(struct store *s, const struct books *b)
{
    struct books loaded;
    struct buf want, got;
    struct err err;
    buf_init(&want, SIZE_MAX);
    buf_init(&got, SIZE_MAX);
    books_init(&loaded);
    if (store_load(s, NULL, &loaded, &err) < 0)
        FAIL("%s", err.text);
    past_dump(&want, b);
    past_dump(&got, &loaded);
    ASSERT_STR(buf_str(&got), buf_str(&want));
    books_done(&loaded);
    buf_done(&want);
    buf_done(&got);
}

/* The rows are the checkpoint of the fold: loading them is folding the facts, at every commit. */
TEST(store_load_gives_what_the_facts_fold_into)
{
    const char *dir = scratch_dir();
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct past h;
        past_init(&h, seed);
        scratch_clear(dir);
        struct store *s = opened(dir);
        for (int i = 0; i < 250; i++) {
            append(s, past_next(&h));
            if (rng_below(&h.rng, 4))
                continue;
            commit(s, &h.books);
            while (rng_below(&h.rng, 2) && store_tidy(s))
                ;
            if (rng_below(&h.rng, 10) == 0) {
                store_close(s);
                s = opened(dir);
            }
            compare(s, &h.books);
        }
        store_close(s);
        past_done(&h);
    }
}

TEST(store_kept_nothing_of_an_open_transaction)
{
    struct past h;
    struct buf before, after;
    const char *dir = scratch_dir();
    past_init(&h, 7);
    struct store *s = opened(dir);
    for (int i = 0; i < 50; i++)
        append(s, past_next(&h));
    commit(s, &h.books);
    buf_init(&before, SIZE_MAX);
    buf_init(&after, SIZE_MAX);
    past_dump(&before, &h.books);
    for (int i = 0; i < 50; i++)
        append(s, past_next(&h));
    store_close(s);
    s = opened(dir);
    struct books loaded;
    books_init(&loaded);
    ASSERT_EQ(store_load(s, NULL, &loaded, NULL), 0);
    past_dump(&after, &loaded);
    ASSERT_STR(buf_str(&after), buf_str(&before));
    books_done(&loaded);
    store_close(s);
    buf_done(&before);
    buf_done(&after);
    past_done(&h);
}

static void run_until_killed(const char *dir, int commits)
{
    struct past h;
    past_init(&h, 11);
    struct store *s = opened(dir);
    for (int i = 0;; i++) {
        append(s, past_next(&h));
        if (i % 3)
            continue;
        if (commits-- == 0)
            kill(getpid(), SIGKILL);
        commit(s, &h.books);
        store_tidy(s);
    }
}

static void kill_after(const char *dir, int commits)
{
    scratch_clear(dir);
    pid_t pid = fork();
    if (pid == 0)
        run_until_killed(dir, commits);
    int status;
    ASSERT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

static void compare_after_kill(const char *dir, int commits)
{
    struct past h;
    past_init(&h, 11);
    for (int i = 0; i < 3 * commits - 2; i++) {
        past_next(&h);
        if (i % 3 == 0)
            books_sweep_out(&h.books);
    }
    struct store *s = opened(dir);
    ASSERT_EQ(store_epoch(s), 2);
    compare(s, &h.books);
    store_close(s);
    past_done(&h);
}

TEST(store_opens_after_a_kill_at_any_commit)
{
    const char *dir = scratch_dir();
    for (int commits = 0; commits < 40; commits += 1 + commits / 8) {
        kill_after(dir, commits);
        compare_after_kill(dir, commits);
    }
}

/* The zeros that a busy store has behind what is in its log are no part of it. */
TEST(store_opens_a_log_that_is_longer_than_what_is_in_it)
{
    struct stat st;
    char path[4096];
    const char *dir = scratch_dir();
    kill_after(dir, 100);
    snprintf(path, sizeof path, "%s/besom.db-wal", dir);
    ASSERT_EQ(stat(path, &st), 0);
    char *tail = mem_alloc(1 << 16);
    FILE *f = fopen(path, "r");
    ASSERT(f && fseek(f, -(1 << 16), SEEK_END) == 0 && fread(tail, 1, 1 << 16, f) == 1 << 16);
    fclose(f);
    for (int i = 0; i < 1 << 16; i++)
        ASSERT_EQ(tail[i], 0);
    mem_free(tail);
    compare_after_kill(dir, 100);
}

TEST(store_has_an_id_for_life_and_an_epoch_for_each_opening)
{
    const char *dir = scratch_dir();
    struct store *s = opened(dir);
    char id[40];
    snprintf(id, sizeof id, "%s", store_id(s));
    ASSERT_EQ(strlen(id), 32);
    ASSERT_EQ(store_epoch(s), 1);
    store_close(s);
    s = opened(dir);
    ASSERT_STR(store_id(s), id);
    ASSERT_EQ(store_epoch(s), 2);
    store_close(s);
}

TEST(store_second_writer_is_told_who_holds_it)
{
    const char *dir = scratch_dir();
    struct store *s = opened(dir), *second;
    struct err err = {0};
    char want[100];
    ASSERT_EQ(store_open(dir, true, &second, &err), ERR_BUSY);
    snprintf(want, sizeof want, "in use by process %ld on ", (long)getpid());
    ASSERT(strstr(err.text, want) && strstr(err.text, dir));
    ASSERT(strstr(err.text, "wait for its end") && strstr(err.text, "--store DIR"));
    store_close(s);
    s = opened(dir);
    store_close(s);
}

/* Opening one, or reading it, would wait for whoever holds its other end. */
TEST(store_of_pipes_is_refused)
{
    static const char *const names[] = {"lock", "besom.db", "besom.db-wal", "besom.db-shm"};
    const char *dir = scratch_dir();
    struct store *s;
    struct view *v;
    char path[300];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err err = {0};
        scratch_clear(dir);
        if (strchr(names[i], '-'))
            store_close(opened(dir));
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
        ASSERT_EQ(mkfifo(path, 0600), 0);
        ASSERT_EQ(store_open(dir, true, &s, &err), ERR_DAMAGED);
        ASSERT(strstr(err.text, path) && strstr(err.text, "not a regular file"));
        if (i > 0)
            ASSERT_EQ(view_open(dir, &v, &err), ERR_DAMAGED);
        else
            store_lock_is_held(dir); /* returns */
        ASSERT_EQ(unlink(path), 0);
    }
}

TEST(store_that_is_none_is_refused)
{
    char path[300];
    struct store *s;
    struct err err = {0};
    const char *dir = scratch_dir();
    snprintf(path, sizeof path, "%s/none", dir);
    ASSERT_EQ(store_open(path, false, &s, &err), ERR_NOT_FOUND);
    ASSERT(strstr(err.text, path));
    ASSERT_EQ(store_open(dir, false, &s, &err), ERR_NOT_FOUND);
    snprintf(path, sizeof path, "%s/a/b/c", dir);
    store_close(opened(path));
    scratch_clear(dir);
    snprintf(path, sizeof path, "%s/besom.db", dir);
    FILE *f = fopen(path, "w");
    ASSERT(f);
    for (int i = 0; i < 1000; i++)
        fputs("not a database at all\n", f);
    fclose(f);
    ASSERT_EQ(store_open(dir, true, &s, &err), ERR_DAMAGED);
    ASSERT(strstr(err.text, path));
    snprintf(path, sizeof path, "%s/besom.db/x", dir);
    ASSERT(store_open(path, true, &s, &err) < 0);
}

static void change(const char *dir, const char *sql)
{
    char path[300];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int64_t number(const char *dir, const char *sql)
{
    char path[300];
    sqlite3 *db;
    sqlite3_stmt *st;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ASSERT_EQ(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

TEST(store_of_another_version_is_refused)
{
    const char *dir = scratch_dir();
    struct store *s;
    struct err err = {0};
    store_close(opened(dir));
    change(dir, "PRAGMA user_version=99");
    ASSERT_EQ(store_open(dir, true, &s, &err), ERR_UNSUPPORTED);
    ASSERT(strstr(err.text, "99"));
    change(dir, "PRAGMA user_version=2; PRAGMA application_id=5");
    ASSERT_EQ(store_open(dir, true, &s, &err), ERR_DAMAGED);
}

/* A fact appended after a failure, or acknowledged by a commit after one, would be a lie. */
TEST(store_replaced_under_its_writer_fails_for_good)
{
    struct past h;
    struct err err = {0};
    char path[300], aside[300];
    const char *dir = scratch_dir();
    past_init(&h, 3);
    struct store *s = opened(dir);
    append(s, past_next(&h));
    commit(s, &h.books);
    snprintf(path, sizeof path, "%s/besom.db", dir);
    snprintf(aside, sizeof aside, "%s/aside.db", dir);
    ASSERT_EQ(rename(path, aside), 0);
    append(s, past_next(&h));
    ASSERT_EQ(store_commit(s, &h.books, &err), ERR_IO);
    ASSERT(strstr(err.text, "gone"));
    ASSERT_EQ(rename(aside, path), 0);
    ASSERT_EQ(store_commit(s, &h.books, &err), ERR_IO);
    ASSERT_EQ(store_append(s, past_next(&h), &err), 0);
    ASSERT_EQ(store_commit(s, &h.books, &err), ERR_IO);
    ASSERT(!store_tidy(s));
    store_close(s);
    s = opened(dir);
    store_close(s);
    ASSERT_EQ(number(dir, "SELECT count(*) FROM fact"), 1);
    past_done(&h);
}

TEST(store_tidy_folds_chunks_and_changes_nothing_else)
{
    struct past h;
    const char *dir = scratch_dir();
    past_init(&h, 21);
    struct store *s = opened(dir);
    for (int i = 0; i < 1500; i++) {
        append(s, past_next(&h));
        if (i % 5 == 4)
            commit(s, &h.books);
    }
    commit(s, &h.books);
    int64_t chunks = number(dir, "SELECT count(*) FROM chunk");
    int64_t points = number(dir, "SELECT sum(points) FROM chunk");
    int64_t bytes = number(dir, "SELECT sum(to_byte - from_byte) FROM chunk");
    int64_t bad = number(dir, "SELECT sum(bad_lines) FROM chunk");
    while (store_tidy(s))
        ;
    ASSERT(number(dir, "SELECT count(*) FROM chunk") < chunks);
    ASSERT_EQ(number(dir, "SELECT sum(points) FROM chunk"), points);
    ASSERT_EQ(number(dir, "SELECT sum(to_byte - from_byte) FROM chunk"), bytes);
    ASSERT_EQ(number(dir, "SELECT sum(bad_lines) FROM chunk"), bad);
    compare(s, &h.books);
    store_close(s);
    past_done(&h);
}

static void count_proposal(void *arg, const struct view_proposal *p)
{
    uint64_t *n = arg;
    ASSERT_EQ(p->number, *n);
    ASSERT(p->cursor <= INT64_MAX && p->params->kind == VALUE_DICT);
    ++*n;
}

TEST(store_tells_the_proposals_and_the_sweep_of_a_path)
{
    struct past h;
    char id[16];
    const char *dir = scratch_dir();
    past_init(&h, 5);
    struct store *s = opened(dir);
    ASSERT_EQ(store_sweep_of_path(s, "/data/u/sweep.yaml", id, NULL), ERR_NOT_FOUND);
    for (int i = 0; i < 400; i++)
        append(s, past_next(&h));
    commit(s, &h.books);
    void *value;
    const struct book_sweep *newest = NULL;
    struct view *view;
    ASSERT_EQ(view_open(dir, &view, NULL), 0);
    for (size_t at = 0; map_next(&h.books.sweeps, &at, &value);) {
        uint64_t n = 0, seq;
        newest = value;
        ASSERT_EQ(view_proposals(view, newest->id, &seq, count_proposal, &n, NULL), 0);
        ASSERT_EQ(seq, h.books.seq);
        ASSERT_EQ(n, newest->proposed);
    }
    view_close(view);
    ASSERT_EQ(store_sweep_of_path(s, "/data/u/sweep.yaml", id, NULL), 0);
    ASSERT_STR(id, newest->id);
    ASSERT_EQ(store_sweep_of_path(s, "/data/u/other.yaml", id, NULL), ERR_NOT_FOUND);
    store_close(s);
    past_done(&h);
}

/* The log starts anew: it does not grow with what was written. */
TEST(store_tidy_bounds_the_log)
{
    const char *dir = scratch_dir();
    struct past h;
    struct stat st;
    char path[300];
    past_init(&h, 9);
    struct store *s = opened(dir);
    struct fact f = {.kind = FACT_SWEEP_CREATED};
    while ((f = *past_next(&h)).kind != FACT_SWEEP_CREATED)
        append(s, &f);
    append(s, &f);
    commit(s, &h.books);
    struct value *text =
        value_strn(&h.arena, memset(arena_alloc(&h.arena, 1 << 20), 'x', 1 << 20), 1 << 20);
    struct value *params = value_dict(&h.arena);
    value_put(&h.arena, params, "x", text);
    for (uint64_t i = 0; i < 60; i++) {
        struct book_sweep *sweep = books_sweep(&h.books, "s0");
        struct fact p = {.kind = FACT_PROPOSED,
                         .seq = h.books.seq + 1,
                         .sweep = "s0",
                         .trial = sweep->proposed,
                         .params = params};
        ASSERT_EQ(books_apply(&h.books, &p, NULL), 0);
        append(s, &p);
        commit(s, &h.books);
        while (store_tidy(s))
            ;
    }
    snprintf(path, sizeof path, "%s/besom.db-wal", dir);
    ASSERT_EQ(stat(path, &st), 0);
    ASSERT(st.st_size < 24 << 20);
    store_close(s);
    past_done(&h);
}

/* A spec of another version: the other sweeps are loaded as they were. */
TEST(store_load_keeps_a_sweep_whose_spec_does_not_read)
{
    const char *dir = scratch_dir();
    struct past h;
    struct books loaded;
    struct err err;
    void *value;
    size_t good = 0, bad = 0;
    past_init(&h, 3);
    struct store *s = opened(dir);
    for (int i = 0; i < 120; i++)
        append(s, past_next(&h));
    commit(s, &h.books);
    store_close(s);
    change(dir,
           "UPDATE spec SET content=replace(content, '\"method\"', '\"methode\"')"
           " WHERE sweep=(SELECT min(n) FROM sweep WHERE state NOT IN ('finished','cancelled'))");
    s = opened(dir);
    books_init(&loaded);
    if (store_load(s, NULL, &loaded, &err) < 0)
        FAIL("%s", err.text);
    for (size_t at = 0; map_next(&loaded.sweeps, &at, &value);) {
        const struct book_sweep *b = value;
        good += !b->fault;
        bad += b->fault != NULL;
        ASSERT(b->spec);
    }
    ASSERT(bad == 1 && good > 0);
    books_done(&loaded);
    store_close(s);
    past_done(&h);
}

static void report(struct store *s, struct books *b, uint64_t trial)
{
    struct book_attempt *at = &books_trial(books_sweep(b, "s"), trial)->attempt;
    struct arena a;
    struct fact f = {.kind = FACT_METRICS,
                     .seq = b->seq + 1,
                     .sweep = "s",
                     .trial = trial,
                     .attempt = 1,
                     .from = at->offset[0],
                     .to = at->offset[0] + 10,
                     .next_step = at->next_step};
    static const char lines[] = "{\"loss\":1}\n{\"loss\":2}\n{\"loss\":3}\n{\"loss\":4}\n";
    arena_init(&a);
    points_parse(&a, lines, sizeof lines - 1, 0, NULL, &f.next_step, &f.points);
    ASSERT_EQ(books_apply(b, &f, NULL), 0);
    append(s, &f);
    arena_done(&a);
}

static void begin_trials(struct store *s, struct books *b, uint64_t n)
{
    static const char spec[] =
        "{\"method\":\"grid\",\"program\":\"t\",\"parameters\":{\"a\":{\"value\":1}}}";
    struct arena a;
    struct value *content;
    arena_init(&a);
    books_init(b);
    ASSERT_EQ(json_parse(&a, spec, strlen(spec), &content, NULL), 0);
    struct fact f = {
        .kind = FACT_SWEEP_CREATED, .sweep = "s", .path = "p", .workdir = "/", .content = content};
    for (uint64_t i = 0; i < 1 + 2 * n; i++) {
        if (i > 0)
            f = (struct fact){.kind = i <= n ? FACT_PROPOSED : FACT_LAUNCHED,
                              .sweep = "s",
                              .trial = (i - 1) % n,
                              .attempt = i > n,
                              .params = value_dict(&a),
                              .agent = "box"};
        f.seq = b->seq + 1;
        ASSERT_EQ(books_apply(b, &f, NULL), 0);
        append(s, &f);
    }
    arena_done(&a);
}

/* An attempt that runs for long does not wait for its end. */
TEST(store_tidy_folds_the_full_runs_of_an_attempt_under_way)
{
    const char *dir = scratch_dir();
    struct books b;
    struct store *s = opened(dir);
    begin_trials(s, &b, 1);
    for (int i = 0; i < 1000; i++) {
        report(s, &b, 0);
        commit(s, &b);
        if (i % 10 == 0)
            while (store_tidy(s))
                ;
    }
    ASSERT(number(dir, "SELECT count(*) FROM chunk") < 320);
    ASSERT_EQ(number(dir, "SELECT sum(points) FROM chunk"), 4000);
    ASSERT_EQ(number(dir, "SELECT max(points) FROM chunk"), 1000);
    ASSERT_EQ(number(dir, "SELECT sum(to_byte - from_byte) FROM chunk"), 10000);
    compare(s, &b);
    store_close(s);
    books_done(&b);
}

static void end(struct store *s, struct books *b, uint64_t trial)
{
    struct fact f = {.kind = FACT_ENDED,
                     .seq = b->seq + 1,
                     .sweep = "s",
                     .trial = trial,
                     .attempt = 1,
                     .reason = REASON_OK,
                     .state = TRIAL_FINISHED};
    ASSERT_EQ(books_apply(b, &f, NULL), 0);
    append(s, &f);
}

/* One chunk from before an opening and one from after it: the store that saw one joins both. */
TEST(store_tidy_folds_an_attempt_that_outlives_an_opening)
{
    const char *dir = scratch_dir();
    struct books b, loaded;
    struct store *s = opened(dir);
    begin_trials(s, &b, 2);
    report(s, &b, 0);
    commit(s, &b);
    store_close(s);
    s = opened(dir);
    books_init(&loaded);
    ASSERT_EQ(store_load(s, NULL, &loaded, NULL), 0);
    while (store_tidy(s))
        ;
    for (uint64_t i = 0; i < 2; i++) {
        report(s, &b, i);
        end(s, &b, i);
    }
    commit(s, &b);
    while (store_tidy(s))
        ;
    ASSERT_EQ(number(dir, "SELECT count(*) FROM chunk"), 2);
    ASSERT_EQ(number(dir, "SELECT max(points) FROM chunk"), 8);
    store_close(s);
    books_done(&loaded);
    books_done(&b);
}

/* Those that ended, or were under way, when besom did are found after the next opening. */
TEST(store_tidy_folds_what_was_left_before_the_opening)
{
    enum { TRIALS = 300, REPORTS = 30 };
    const char *dir = scratch_dir();
    struct books b;
    struct store *s = opened(dir);
    begin_trials(s, &b, TRIALS);
    for (uint64_t i = 0; i < TRIALS; i++)
        for (int n = 0; n < REPORTS; n++)
            report(s, &b, i);
    for (uint64_t i = 0; i < TRIALS; i++)
        end(s, &b, i);
    commit(s, &b);
    store_close(s);
    ASSERT_EQ(number(dir, "SELECT count(*) FROM chunk"), TRIALS * REPORTS);
    s = opened(dir);
    int steps = 0;
    while (store_tidy(s))
        steps++;
    ASSERT(steps > 2);
    ASSERT_EQ(number(dir, "SELECT count(*) FROM chunk"), TRIALS);
    ASSERT_EQ(number(dir, "SELECT sum(points) FROM chunk"), 4 * TRIALS * REPORTS);
    store_close(s);
    books_done(&b);
}

TEST(store_loads_a_sweep_with_damaged_trials_as_one_with_a_fault)
{
    static const char *const damages[] = {
        "UPDATE trial SET state='running' WHERE state='pending'",
        "UPDATE trial SET params='[1]' WHERE state IN ('pending', 'running')",
        "UPDATE sweep SET counts='{}'",
        "DELETE FROM trial WHERE state='pending'",
        "DELETE FROM spec",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct past h;
        struct books b;
        struct err err = {0};
        size_t faults = 0;
        void *sweep;
        char path[300];
        sqlite3 *db;
        const char *dir = scratch_dir();
        scratch_clear(dir);
        past_init(&h, 5);
        books_init(&b);
        struct store *s = opened(dir);
        for (int n = 0; n < 60; n++)
            append(s, past_next(&h));
        commit(s, &h.books);
        snprintf(path, sizeof path, "%s/besom.db", dir);
        ASSERT_EQ(sqlite3_open(path, &db), SQLITE_OK);
        ASSERT_EQ(sqlite3_exec(db, damages[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        ASSERT_EQ(store_load(s, NULL, &b, &err), 0);
        for (size_t at = 0; map_next(&b.sweeps, &at, &sweep);)
            faults += ((struct book_sweep *)sweep)->fault != NULL;
        ASSERT(faults > 0);
        books_done(&b);
        store_close(s);
        past_done(&h);
    }
}
