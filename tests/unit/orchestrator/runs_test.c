/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "orchestrator/runs/runs_answer.h"
#include "orchestrator/runs/runs_check.h"
#include "orchestrator/runs/runs_lines.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static struct runs *runs;
static struct arena arena;
static struct runs_run run;

static void runs_begin_one(void)
{
    struct err err = {0};
    scratch_clear(scratch_dir());
    arena_init(&arena);
    ASSERT_EQ(runs_open(scratch_dir(), &runs, &err), 0);
    run = (struct runs_run){.entity = "e",
                            .project = "p",
                            .name = "one",
                            .display = "one",
                            .tags = "[]",
                            .state = RUNS_RUNNING,
                            .created = 1000,
                            .heartbeat = 1000};
    ASSERT_EQ(runs_run_add(runs, &run, &err), 0);
}

static void runs_end(void)
{
    runs_close(runs, false);
    arena_done(&arena);
}

static void lines_put(enum runs_stream stream, int64_t first, const char *text)
{
    struct err err = {0};
    int64_t n = 1;
    for (const char *at = text; *at; at++)
        n += *at == '\n';
    ASSERT_EQ(
        runs_lines_put(runs, run.n, stream, first, n, text, strlen(text), &run.lines[stream], &err),
        0);
}

static bool line_add(void *arg, int64_t number, const char *text, size_t len)
{
    buf_addf(arg, "%lld:%.*s ", (long long)number, (int)len, text);
    return true;
}

/* "0:a 1:b ": the lines of a range. */
static const char *lines_of(enum runs_stream stream, int64_t from, int64_t to)
{
    struct buf out;
    struct err err = {0};
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(runs_lines_read(runs, run.n, stream, &(struct runs_lines_range){from, to}, line_add,
                              &out, &err),
              0);
    const char *ret = arena_strndup(&arena, buf_str(&out), out.len);
    buf_done(&out);
    return ret;
}

static void check_is_good(void)
{
    struct runs_check found;
    struct err err = {0};
    ASSERT_EQ(runs_run_beat(runs, &run, &err), 0);
    ASSERT_EQ(runs_check(scratch_dir(), NULL, NULL, &found, &err), 0);
    ASSERT_EQ(found.problems, 0);
}

TEST(lines_that_come_again_replace_those_that_are_there)
{
    runs_begin_one();
    lines_put(RUNS_HISTORY, 0, "a\nb\nc");
    lines_put(RUNS_HISTORY, 0, "a\nb\nc");
    lines_put(RUNS_HISTORY, 3, "d\ne");
    lines_put(RUNS_HISTORY, 2, "C\nD"); /* the end of one chunk and the begin of the next */
    ASSERT_STR(lines_of(RUNS_HISTORY, 0, 99), "0:a 1:b 2:C 3:D 4:e ");
    lines_put(RUNS_HISTORY, 1, "x"); /* in the middle of one */
    ASSERT_STR(lines_of(RUNS_HISTORY, 0, 99), "0:a 1:x 2:C 3:D 4:e ");
    ASSERT_STR(lines_of(RUNS_HISTORY, 1, 3), "1:x 2:C ");
    lines_put(RUNS_HISTORY, 0, "1\n2\n3\n4\n5\n6");
    ASSERT_STR(lines_of(RUNS_HISTORY, 0, 99), "0:1 1:2 2:3 3:4 4:5 5:6 ");
    ASSERT_EQ(run.lines[RUNS_HISTORY], 6);
    ASSERT_STR(lines_of(RUNS_LOG, 0, 99), "");
    check_is_good();
    runs_end();
}

TEST(lines_may_be_missing_between_others)
{
    runs_begin_one();
    lines_put(RUNS_LOG, 5, "f\n\n"); /* two of them are empty */
    lines_put(RUNS_LOG, 1, "b\nc");
    ASSERT_STR(lines_of(RUNS_LOG, 0, 99), "1:b 2:c 5:f 6: 7: ");
    ASSERT_EQ(run.lines[RUNS_LOG], 8);
    lines_put(RUNS_LOG, 2, "C\nD\nE\nF");
    ASSERT_STR(lines_of(RUNS_LOG, 0, 99), "1:b 2:C 3:D 4:E 5:F 6: 7: ");
    ASSERT_STR(lines_of(RUNS_LOG, 4, 6), "4:E 5:F ");
    check_is_good();
    runs_end();
}

/* Puts and cuts at random places, compared with an array of lines. */
TEST(lines_are_what_a_list_would_hold)
{
    enum { MOST = 40, STEPS = 3000 };
    char model[MOST][16] = {{0}};
    struct err err = {0};
    uint64_t random = 12345;
    runs_begin_one();
    ASSERT_EQ(runs_begin(runs, &err), 0);
    for (int step = 0; step < STEPS; step++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        int first = (int)(random >> 33) % (MOST - 8), n = 1 + (int)(random >> 50) % 8;
        struct buf text;
        buf_init(&text, SIZE_MAX);
        if (random >> 60 == 0) {
            ASSERT_EQ(runs_lines_cut(runs, run.n, RUNS_LOG, first, &err), 0);
            run.lines[RUNS_LOG] = first < run.lines[RUNS_LOG] ? first : run.lines[RUNS_LOG];
            memset(model[first], 0, sizeof *model * (size_t)(MOST - first));
        }
        for (int i = 0; random >> 60 != 0 && i < n; i++) {
            snprintf(model[first + i], sizeof *model, "%d.%d", step, i);
            buf_addf(&text, "%s%s", i ? "\n" : "", model[first + i]);
        }
        if (text.len > 0)
            lines_put(RUNS_LOG, first, buf_str(&text));
        buf_clear(&text);
        for (int i = 0; i < MOST; i++)
            if (model[i][0])
                buf_addf(&text, "%d:%s ", i, model[i]);
        ASSERT_STR(lines_of(RUNS_LOG, 0, MOST), buf_str(&text));
        buf_done(&text);
    }
    ASSERT_EQ(runs_commit(runs, &err), 0);
    check_is_good();
    runs_end();
}

TEST(lines_are_cut_at_any_of_them)
{
    struct err err = {0};
    runs_begin_one();
    lines_put(RUNS_HISTORY, 0, "a\nb\nc");
    lines_put(RUNS_HISTORY, 3, "d\ne");
    ASSERT_EQ(runs_lines_cut(runs, run.n, RUNS_HISTORY, 2, &err), 0);
    ASSERT_STR(lines_of(RUNS_HISTORY, 0, 99), "0:a 1:b ");
    ASSERT_EQ(runs_lines_cut(runs, run.n, RUNS_HISTORY, 0, &err), 0);
    ASSERT_STR(lines_of(RUNS_HISTORY, 0, 99), "");
    runs_end();
}

/* Long texts become several chunks, of which those are read that may hold a step. */
TEST(lines_of_long_texts_are_found_by_their_step)
{
    struct buf text, out;
    struct err err = {0};
    enum { ROWS = 100000 };
    runs_begin_one();
    buf_init(&text, SIZE_MAX);
    for (int i = 0; i < ROWS; i++)
        buf_addf(&text, "%s{\"loss\":%d,\"_step\":%d}", i ? "\n" : "", i, 2 * i);
    ASSERT_EQ(runs_lines_put(runs, run.n, RUNS_HISTORY, 0, ROWS, buf_str(&text), text.len,
                             &run.lines[RUNS_HISTORY], &err),
              0);
    buf_done(&text);
    ASSERT_STR(lines_of(RUNS_HISTORY, ROWS - 1, ROWS), "99999:{\"loss\":99999,\"_step\":199998} ");
    ASSERT_STR(lines_of(RUNS_HISTORY, 50000, 50001), "50000:{\"loss\":50000,\"_step\":100000} ");
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(runs_lines_read_steps(runs, run.n, 100000, 100002, line_add, &out, &err), 0);
    ASSERT(strstr(buf_str(&out), " 50000:{"));
    ASSERT(!strstr(buf_str(&out), "\"_step\":0}"));
    buf_done(&out);
    check_is_good();
    runs_end();
}

TEST(runs_that_fall_silent_have_crashed_or_were_preempted)
{
    struct err err = {0};
    struct runs_run one, two, three;
    runs_begin_one();
    two = three = run;
    two.name = "two";
    two.state = RUNS_PREEMPTING;
    two.marked = 900;
    three.name = "three";
    three.heartbeat = 5000;
    ASSERT_EQ(runs_run_add(runs, &two, &err), 0);
    ASSERT_EQ(runs_run_add(runs, &three, &err), 0);
    ASSERT_EQ(runs_run_end_silent(runs, 4000, 6000, &err), 0);
    ASSERT_EQ(runs_run_find(runs, &arena, "e", "p", "one", &one, &err), 0);
    ASSERT_EQ(runs_run_find(runs, &arena, "e", "p", "two", &two, &err), 0);
    ASSERT_EQ(runs_run_get(runs, &arena, three.n, &three, &err), 0);
    ASSERT_EQ(one.state, RUNS_CRASHED);
    ASSERT_EQ(one.ended, 6000);
    ASSERT_EQ(two.state, RUNS_PREEMPTED);
    ASSERT_EQ(two.marked, 900);
    ASSERT_EQ(three.state, RUNS_RUNNING);
    ASSERT_EQ(three.ended, 0);
    runs_end();
}

TEST(changes_that_fail_leave_nothing)
{
    struct err err = {0};
    struct runs_run found;
    runs_begin_one();
    ASSERT_EQ(runs_begin(runs, &err), 0);
    ASSERT_EQ(runs_write_begin(runs, &err), 0);
    lines_put(RUNS_LOG, 0, "kept");
    ASSERT_EQ(runs_write_end(runs, true, &err), 0);
    ASSERT_EQ(runs_write_begin(runs, &err), 0);
    lines_put(RUNS_LOG, 1, "undone");
    ASSERT_EQ(runs_write_end(runs, false, &err), 0);
    ASSERT_EQ(runs_commit(runs, &err), 0);
    ASSERT_STR(lines_of(RUNS_LOG, 0, 99), "0:kept ");
    ASSERT_EQ(runs_run_remove(runs, run.n, &err), 0);
    ASSERT_EQ(runs_run_get(runs, &arena, run.n, &found, &err), ERR_NOT_FOUND);
    found = run;
    found.n = 0;
    ASSERT_EQ(runs_run_add(runs, &found, &err), 0);
    ASSERT(found.n > run.n); /* its number is not used again: ids are made of it */
    ASSERT_STR(lines_of(RUNS_LOG, 0, 99), "");
    runs_end();
}

static void problem_count(void *arg, bool problem, const char *text)
{
    ASSERT(problem && strstr(text, "overlap"));
    ++*(int *)arg;
}

TEST(the_check_finds_lines_that_overlap)
{
    struct err err = {0};
    struct runs_check found;
    int64_t other = 0;
    int told = 0;
    runs_begin_one();
    lines_put(RUNS_LOG, 0, "a\nb");
    run.lines[RUNS_LOG] = 3;
    ASSERT_EQ(runs_run_beat(runs, &run, &err), 0);
    ASSERT_EQ(runs_lines_put(runs, run.n, RUNS_LOG, 1, 2, "x\ny", 3, &other, &err), 0);
    ASSERT_EQ(runs_check(scratch_dir(), problem_count, &told, &found, &err), 0);
    ASSERT_EQ(found.problems, 1);
    ASSERT_EQ(told, 1);
    runs_end();
}

static int skip_answers(const char *skip)
{
    struct err err = {0};
    struct value *v;
    arena_init(&arena);
    struct value *query = value_dict(&arena);
    value_put(&arena, query, "project", value_str(&arena, "p"));
    value_put(&arena, query, "skip", value_str(&arena, skip));
    int rc = runs_answer(NULL, &arena, "runs", query, &v, &err);
    arena_done(&arena);
    return rc;
}

/* The last one is 1 in 64 bits. */
TEST(runs_are_asked_with_whole_numbers_alone)
{
    static const char *const bad[] = {"", "x", "-1", "1e3", "18446744073709551617"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_EQ(skip_answers(bad[i]), ERR_USAGE);
    ASSERT_EQ(skip_answers("007"), 0);
}
