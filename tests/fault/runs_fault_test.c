/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was acknowledged is in runs.db, whatever fails: each write and sync in turn, the process before each
 * of them, the power at each of them. Afterwards the writer continues with the same lines. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/runs/runs_check.h"
#include "orchestrator/runs/runs_lines.h"
#include "tests/fault/fault_vfs.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

enum { COMMITS = 6, ROWS = 3, REOPENED_AT = 4 };

/* Commit number `at`: a run, then rows that overlap with those before. */
static int commit_one(struct runs *r, int at, struct err *err)
{
    struct arena a;
    char text[200] = "";
    struct runs_run run = {.entity = "e",
                           .project = "p",
                           .name = "one",
                           .display = "one",
                           .tags = "[]",
                           .state = RUNS_RUNNING};
    arena_init(&a);
    int rc = runs_begin(r, err);
    if (rc == 0)
        rc = runs_write_begin(r, err);
    if (rc == 0 && runs_run_find(r, &a, "e", "p", "one", &run, err) == ERR_NOT_FOUND)
        rc = runs_run_add(r, &run, err);
    int from = at == 0 ? 0 : at * ROWS - 1, to = (at + 1) * ROWS;
    for (int i = from; i < to; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s{\"_step\":%d}",
                 i > from ? "\n" : "", i);
    if (rc == 0)
        rc = runs_lines_put(r, run.n, RUNS_HISTORY, from, to - from, text, strlen(text),
                            &run.lines[RUNS_HISTORY], err);
    if (rc == 0)
        rc = runs_run_put_document(r, run.n, RUNS_SUMMARY, text, strlen(text), err);
    if (rc == 0)
        rc = runs_run_beat(r, &run, err);
    if (rc == 0)
        rc = runs_write_end(r, true, err);
    if (rc == 0)
        rc = runs_commit(r, err);
    arena_done(&a);
    return rc;
}

/* Commits from number *acked on. 0, or what failed. */
static int run_some(const char *dir, volatile int *acked)
{
    struct runs *r = NULL;
    struct err err = {0};
    int rc = runs_open(dir, &r, &err);
    while (rc == 0 && *acked < COMMITS) {
        rc = commit_one(r, *acked, &err);
        *acked += rc == 0;
        if (rc == 0 && *acked == REOPENED_AT) {
            runs_close(r, false);
            r = NULL;
            rc = runs_open(dir, &r, &err);
        }
    }
    runs_close(r, rc != 0);
    return rc;
}

static bool row_check(void *arg, int64_t number, const char *text, size_t len)
{
    char want[40];
    snprintf(want, sizeof want, "{\"_step\":%lld}", (long long)number);
    bool good = number == *(int64_t *)arg && strlen(want) == len && memcmp(text, want, len) == 0;
    *(int64_t *)arg = good ? number + 1 : -1000;
    return good;
}

static void problem_ignore(void *arg, bool problem, const char *text)
{
    (void)arg, (void)problem, (void)text;
}

/* How many commits runs.db holds; -1 if it is damaged. */
static int commits_held(const char *dir)
{
    struct arena a;
    struct runs *r = NULL;
    struct err err = {0};
    struct runs_run run;
    struct runs_check found = {0};
    int64_t rows = 0;
    const struct runs_lines_range all = {0, INT64_MAX};
    arena_init(&a);
    int rc = runs_open(dir, &r, &err);
    int found_rc = rc ? rc : runs_run_find(r, &a, "e", "p", "one", &run, &err);
    if (found_rc == 0)
        rc = runs_lines_read(r, run.n, RUNS_HISTORY, &all, row_check, &rows, &err);
    else if (found_rc != ERR_NOT_FOUND)
        rc = found_rc;
    if (rc == 0)
        rc = runs_check(dir, problem_ignore, NULL, &found, &err);
    runs_close(r, false);
    arena_done(&a);
    return rc != 0 || found.problems > 0 || rows % ROWS != 0 ? -1 : (int)(rows / ROWS);
}

static void expect_held(const char *dir, int acked, const char *what, uint64_t at)
{
    int held = commits_held(dir);
    if (held != acked && held != acked + 1)
        FAIL("%s at operation %llu: %d commits acknowledged, runs.db holds %d", what,
             (unsigned long long)at, acked, held);
}

static void file_make(const char *dir)
{
    struct runs *r;
    struct err err = {0};
    ASSERT_EQ(runs_open(dir, &r, &err), 0);
    runs_close(r, false);
}

/* made: the file is there before the first fault; making it takes half of the operations. */
static void fail_each(enum fault_kind kind, bool made, const char *what)
{
    const char *dir = scratch_dir();
    bool fired = true;
    uint64_t at = 0;
    for (; fired; at++) {
        int acked = 0;
        scratch_clear(dir);
        if (made)
            file_make(dir);
        fault_vfs_install(dir);
        fault_vfs_arm(kind, at);
        int rc = run_some(dir, &acked);
        fired = fault_vfs_fired();
        ASSERT(fired || (rc == 0 && acked == COMMITS));
        fault_vfs_disarm();
        expect_held(dir, acked, what, at);
        ASSERT_EQ(run_some(dir, &acked), 0); /* the client sends again what was not acknowledged */
        ASSERT_EQ(commits_held(dir), COMMITS);
    }
    ASSERT(at > 30);
}

TEST(runs_survive_each_write_that_fails)
{
    fail_each(FAULT_WRITE, false, "write error");
}

TEST(runs_survive_each_sync_that_fails)
{
    fail_each(FAULT_SYNC, true, "sync error");
}

TEST(runs_survive_a_disk_that_fills_up_anywhere)
{
    fail_each(FAULT_FULL, true, "full disk");
}

TEST(runs_survive_a_kill_before_each_operation)
{
    const char *dir = scratch_dir();
    volatile int *acked =
        mmap(NULL, sizeof *acked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT(acked != MAP_FAILED);
    int status = 9 << 8;
    uint64_t at = 0;
    for (; WEXITSTATUS(status) == 9; at++) {
        scratch_clear(dir);
        file_make(dir);
        fault_vfs_install(dir);
        *acked = 0;
        pid_t pid = fork();
        if (pid == 0) {
            fault_vfs_arm(FAULT_DIE, at);
            _exit(run_some(dir, acked) < 0);
        }
        ASSERT(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
        expect_held(dir, *acked, "kill", at);
    }
    ASSERT_EQ(WEXITSTATUS(status), 0);
    ASSERT(at > 30);
}

struct cutter {
    char dir[300];
    int acked;
    struct rng rng;
    int bad, cuts;
};

/* In the middle of the writer's work: takes the disk as a cut would leave it, and opens that. */
static void cut_power(void *arg)
{
    struct cutter *c = arg;
    for (int i = 0; i < 3; i++) {
        scratch_clear(c->dir);
        fault_vfs_cut(c->dir, i ? &c->rng : NULL);
        int held = commits_held(c->dir);
        c->cuts++;
        c->bad += held != c->acked && held != c->acked + 1;
    }
}

TEST(runs_survive_a_power_cut_at_each_operation)
{
    const char *dir = scratch_dir();
    char store[300];
    struct cutter c = {0};
    rng_init(&c.rng, 1, 0, RNG_TEST);
    snprintf(c.dir, sizeof c.dir, "%s/after", dir);
    snprintf(store, sizeof store, "%s/store", dir);
    ASSERT(mkdir(c.dir, 0700) == 0 && mkdir(store, 0700) == 0);
    fault_vfs_install(store);
    fault_vfs_on_operation(cut_power, &c);
    ASSERT_EQ(run_some(store, &c.acked), 0);
    fault_vfs_on_operation(NULL, NULL);
    if (c.bad)
        FAIL("%d of %d cuts damaged runs.db, or lost what was acknowledged", c.bad, c.cuts);
    ASSERT(c.cuts > 90);
}
