/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store.h"

#include <sys/stat.h>

#include "base/json.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/store_kit.h"

TEST(store_tidy_folds_chunks_and_changes_nothing_else)
{
    struct past h;
    const char *dir = scratch_dir();
    past_init(&h, 21);
    struct store *s = kit_open(dir);
    for (int i = 0; i < 1500; i++) {
        kit_append(s, past_next(&h));
        if (i % 5 == 4)
            kit_commit(s, &h.books);
    }
    kit_commit(s, &h.books);
    int64_t chunks = kit_number(dir, "SELECT count(*) FROM chunk");
    int64_t points = kit_number(dir, "SELECT sum(points) FROM chunk");
    int64_t bytes = kit_number(dir, "SELECT sum(to_byte - from_byte) FROM chunk");
    int64_t bad = kit_number(dir, "SELECT sum(bad_lines) FROM chunk");
    while (store_tidy(s))
        ;
    ASSERT(kit_number(dir, "SELECT count(*) FROM chunk") < chunks);
    ASSERT_EQ(kit_number(dir, "SELECT sum(points) FROM chunk"), points);
    ASSERT_EQ(kit_number(dir, "SELECT sum(to_byte - from_byte) FROM chunk"), bytes);
    ASSERT_EQ(kit_number(dir, "SELECT sum(bad_lines) FROM chunk"), bad);
    kit_compare(s, &h.books);
    store_close(s);
    past_done(&h);
}

/* An agent may say any count: what it lost stays readable. */
TEST(store_tidy_adds_counts_that_would_overflow)
{
    struct past h;
    const char *dir = scratch_dir();
    past_init(&h, 21);
    struct store *s = kit_open(dir);
    for (int i = 0; i < 1500; i++) {
        kit_append(s, past_next(&h));
        if (i % 5 == 4)
            kit_commit(s, &h.books);
    }
    kit_commit(s, &h.books);
    kit_change(dir, "UPDATE chunk SET bad_lines = 1 << 53, long_lines = 1 << 53");
    while (store_tidy(s))
        ;
    ASSERT_EQ(kit_number(dir, "SELECT max(bad_lines) FROM chunk"), INT64_C(1) << 53);
    ASSERT_EQ(kit_number(dir, "SELECT max(long_lines) FROM chunk"), INT64_C(1) << 53);
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
    struct store *s = kit_open(dir);
    struct fact f = {.kind = FACT_SWEEP_CREATED};
    while ((f = *past_next(&h)).kind != FACT_SWEEP_CREATED)
        kit_append(s, &f);
    kit_append(s, &f);
    kit_commit(s, &h.books);
    struct value *text =
        value_strn(&h.arena, memset(arena_alloc(&h.arena, 1 << 20), 'x', 1 << 20), 1 << 20);
    struct value *params = value_dict(&h.arena);
    value_put(&h.arena, params, "x", text);
    snprintf(path, sizeof path, "%s/besom.db-wal", dir);
    for (uint64_t i = 0; i < 60; i++) {
        struct book_sweep *sweep = books_sweep(&h.books, "s0");
        struct fact p = {.kind = FACT_PROPOSED,
                         .seq = h.books.seq + 1,
                         .sweep = "s0",
                         .trial = sweep->proposed,
                         .params = params};
        ASSERT_EQ(books_apply(&h.books, &p, NULL), 0);
        kit_append(s, &p);
        kit_commit(s, &h.books);
        while (i < 30 ? store_trim_log(s)
                      : store_tidy(s)) /* while facts are read, it does not fold */
            ;
        ASSERT_EQ(stat(path, &st), 0);
        ASSERT(st.st_size < 24 << 20);
    }
    store_close(s);
    past_done(&h);
}

static void report_in(struct store *s, struct books *b, uint64_t trial, enum fact_stream stream)
{
    struct book_attempt *at = &books_trial(books_sweep(b, "s"), trial)->attempt;
    struct arena a;
    struct fact f = {.kind = FACT_METRICS,
                     .seq = b->seq + 1,
                     .sweep = "s",
                     .trial = trial,
                     .attempt = 1,
                     .stream = stream,
                     .from = at->offset[stream],
                     .to = at->offset[stream] + 10,
                     .next_step = at->next_step};
    static const char lines[] = "{\"loss\":1}\n{\"loss\":2}\n{\"loss\":3}\n{\"loss\":4}\n";
    arena_init(&a);
    points_parse(&a, lines, sizeof lines - 1, 0, NULL, &f.next_step, &f.points);
    ASSERT_EQ(books_apply(b, &f, NULL), 0);
    kit_append(s, &f);
    arena_done(&a);
}

static void report(struct store *s, struct books *b, uint64_t trial)
{
    report_in(s, b, trial, FACT_STREAM_FILE);
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
    kit_append(s, &f);
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
        kit_append(s, &f);
    }
    arena_done(&a);
}

/* An attempt that runs for long does not wait for its end. */
TEST(store_tidy_folds_the_full_runs_of_an_attempt_under_way)
{
    const char *dir = scratch_dir();
    struct books b;
    struct store *s = kit_open(dir);
    begin_trials(s, &b, 1);
    for (int i = 0; i < 1000; i++) {
        report(s, &b, 0);
        kit_commit(s, &b);
        if (i % 10 == 0)
            while (store_tidy(s))
                ;
    }
    ASSERT(kit_number(dir, "SELECT count(*) FROM chunk") < 320);
    ASSERT_EQ(kit_number(dir, "SELECT sum(points) FROM chunk"), 4000);
    ASSERT_EQ(kit_number(dir, "SELECT max(points) FROM chunk"), 1000);
    ASSERT_EQ(kit_number(dir, "SELECT sum(to_byte - from_byte) FROM chunk"), 10000);
    kit_compare(s, &b);
    store_close(s);
    books_done(&b);
}

/* Samples of what it uses come between its metrics, and keep neither from being joined. */
TEST(store_tidy_folds_samples_apart_from_metrics)
{
    const char *dir = scratch_dir();
    struct books b;
    struct store *s = kit_open(dir);
    begin_trials(s, &b, 2);
    for (int i = 0; i < 520; i++) {
        report(s, &b, 0);
        if (i % 2 == 0)
            report_in(s, &b, 0, FACT_STREAM_SYSTEM);
        kit_commit(s, &b);
        if (i % 10 == 0)
            while (store_tidy(s))
                ;
    }
    ASSERT_EQ(kit_number(dir, "SELECT max(points) FROM chunk WHERE stream=0"), 1000);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM chunk WHERE stream=2"), 260);
    const struct book_attempt *at = &books_trial(books_sweep(&b, "s"), 0)->attempt;
    ASSERT_EQ(at->points, 2080);
    ASSERT_EQ(at->samples, 1040);
    report_in(s, &b, 1, FACT_STREAM_SYSTEM);
    end(s, &b, 0);
    end(s, &b, 1);
    kit_commit(s, &b);
    while (store_tidy(s))
        ;
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM chunk WHERE stream=0"), 3);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM chunk WHERE stream=2"), 3);
    ASSERT_EQ(kit_number(dir, "SELECT sum(points) FROM chunk"), 4 * (520 + 261));
    kit_compare(s, &b);
    store_close(s);
    books_done(&b);
}

/* One chunk from before an opening and one from after it: the store that saw one joins both. */
TEST(store_tidy_folds_an_attempt_that_outlives_an_opening)
{
    const char *dir = scratch_dir();
    struct books b, loaded;
    struct store *s = kit_open(dir);
    begin_trials(s, &b, 2);
    report(s, &b, 0);
    kit_commit(s, &b);
    store_close(s);
    s = kit_open(dir);
    books_init(&loaded);
    ASSERT_EQ(store_load(s, NULL, &loaded, NULL), 0);
    while (store_tidy(s))
        ;
    for (uint64_t i = 0; i < 2; i++) {
        report(s, &b, i);
        end(s, &b, i);
    }
    kit_commit(s, &b);
    while (store_tidy(s))
        ;
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM chunk"), 2);
    ASSERT_EQ(kit_number(dir, "SELECT max(points) FROM chunk"), 8);
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
    struct store *s = kit_open(dir);
    begin_trials(s, &b, TRIALS);
    for (uint64_t i = 0; i < TRIALS; i++)
        for (int n = 0; n < REPORTS; n++)
            report(s, &b, i);
    for (uint64_t i = 0; i < TRIALS; i++)
        end(s, &b, i);
    kit_commit(s, &b);
    store_close(s);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM chunk"), TRIALS * REPORTS);
    s = kit_open(dir);
    int steps = 0;
    while (store_tidy(s))
        steps++;
    ASSERT(steps > 2);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM chunk"), TRIALS);
    ASSERT_EQ(kit_number(dir, "SELECT sum(points) FROM chunk"), 4 * TRIALS * REPORTS);
    store_close(s);
    books_done(&b);
}
