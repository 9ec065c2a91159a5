/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was acknowledged is in the store, whatever fails: each write and sync in turn, the process
 * before each of them, the power at each of them. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/store/store.h"
#include "orchestrator/store/check/store_check.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/view/view.h"
#include "tests/fault/fault_vfs.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"
#include "tests/unit/orchestrator/scratch.h"

enum { COMMITS = 10, FACTS_A_COMMIT = 4, SEED = 31, REOPENED_AT = 6 };

/* The books after each commit, as text: [0] before the first. */
static char *dumps[COMMITS + 1];

static void dump(struct buf *out, const struct books *b)
{
    buf_clear(out);
    past_dump(out, b);
}

static void make_dumps(void)
{
    struct past h;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    past_init(&h, SEED);
    for (int i = 0; i <= COMMITS; i++) {
        dump(&text, &h.books);
        dumps[i] = strdup(buf_str(&text));
        for (int k = 0; k < FACTS_A_COMMIT; k++)
            past_next(&h);
        books_sweep_out(&h.books);
    }
    past_done(&h);
    buf_done(&text);
}

static void free_dumps(void)
{
    for (int i = 0; i <= COMMITS; i++)
        free(dumps[i]);
}

static int commit_some(struct store *s, struct past *h, struct err *err)
{
    int rc = 0;
    for (int k = 0; k < FACTS_A_COMMIT && rc == 0; k++)
        rc = store_append(s, past_next(h), err);
    if (rc == 0)
        rc = store_commit(s, &h->books, err);
    if (rc == 0)
        books_sweep_out(&h->books);
    return rc;
}

/* A failure is for good: were anything acknowledged after it, it might rest on what was lost. */
static void expect_refusal(struct store *s, struct past *h)
{
    struct err err;
    ASSERT_EQ(store_append(s, past_next(h), &err), 0); /* it is only kept in memory */
    ASSERT(store_commit(s, &h->books, &err) < 0);
    ASSERT(!store_tidy(s));
}

static void checkpoint(struct store *s)
{
    s->wal_pages = 1 << 20;
    while (store_tidy(s))
        ;
}

static int reopen(const char *dir, struct store **ret, struct err *err)
{
    struct books loaded;
    books_init(&loaded);
    int rc = store_open(dir, false, ret, err);
    if (rc == 0)
        rc = store_load(*ret, NULL, &loaded, err);
    books_done(&loaded);
    return rc;
}

/* Runs the history and counts in *acked the commits that were acknowledged. 0, or what failed. */
static int run(const char *dir, const char *pragma, volatile int *acked)
{
    struct past h;
    struct store *s = NULL;
    struct err err = {0};
    int rc = store_open(dir, true, &s, &err);
    past_init(&h, SEED);
    for (*acked = 0; rc == 0 && *acked < COMMITS;) {
        if (pragma && sqlite3_exec(s->db, pragma, NULL, NULL, NULL) != SQLITE_OK)
            FAIL("%s", pragma);
        if ((rc = commit_some(s, &h, &err)) < 0) {
            ASSERT(strstr(err.text, dir) != NULL);
            expect_refusal(s, &h);
            break;
        }
        ++*acked;
        if (*acked % 4 == 0)
            checkpoint(s);
        if (*acked == REOPENED_AT) {
            store_close(s);
            s = NULL;
            rc = reopen(dir, &s, &err);
        }
    }
    if (s)
        store_close(s);
    past_done(&h);
    return rc;
}

/* Which dump the store in dir holds; -1 if it cannot be opened or holds another. */
static int find_dump(const char *dir, struct buf *text)
{
    struct store *s;
    struct books b;
    struct err err;
    int found = -1;
    buf_clear(text);
    if (store_open(dir, true, &s, &err) < 0) {
        buf_adds(text, err.text);
        return -1;
    }
    books_init(&b);
    if (store_load(s, NULL, &b, &err) == 0)
        dump(text, &b);
    for (int i = COMMITS; i >= 0 && found < 0; i--)
        if (strcmp(buf_str(text), dumps[i]) == 0)
            found = i;
    books_done(&b);
    store_close(s);
    return found;
}

static void collect(void *arg, bool counts, const char *problem)
{
    (void)counts;
    buf_addf(arg, "%s\n", problem);
}

static void expect(const char *dir, int acked, const char *what, uint64_t at)
{
    struct buf text;
    struct store_check found;
    struct err err;
    buf_init(&text, SIZE_MAX);
    int got = find_dump(dir, &text);
    if (got != acked && got != acked + 1)
        FAIL("%s at operation %llu: %d commits acknowledged, the store holds %d: %s", what,
             (unsigned long long)at, acked, got, buf_str(&text));
    buf_clear(&text);
    if (store_check(dir, collect, &text, &found, &err) < 0)
        FAIL("%s at operation %llu: %s\n%s", what, (unsigned long long)at, err.text,
             buf_str(&text));
    buf_done(&text);
}

static void fail_each(enum fault_kind kind, const char *what)
{
    const char *dir = scratch_dir();
    uint64_t at = 0;
    bool fired = true;
    make_dumps();
    for (; fired; at++) {
        int acked;
        scratch_clear(dir);
        fault_vfs_install(dir);
        fault_vfs_arm(kind, at);
        int rc = run(dir, NULL, &acked);
        fired = fault_vfs_fired();
        ASSERT(fired || (rc == 0 && acked == COMMITS));
        fault_vfs_disarm();
        expect(dir, acked, what, at);
    }
    ASSERT(at > 50);
    free_dumps();
}

TEST(store_survives_each_write_that_fails)
{
    fail_each(FAULT_WRITE, "write error");
}

TEST(store_survives_each_sync_that_fails)
{
    fail_each(FAULT_SYNC, "sync error");
}

TEST(store_survives_a_disk_that_fills_up_anywhere)
{
    fail_each(FAULT_FULL, "full disk");
}

/* Who only looks, and may not mend anything, finds no store yet or a good one. */
static void expect_looked_at(const char *dir, uint64_t at)
{
    struct view *v = NULL;
    struct err err = {0};
    int rc = view_open(dir, &v, &err);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        FAIL("looked at after a kill at operation %llu: %s", (unsigned long long)at, err.text);
    if (rc == 0)
        view_close(v);
}

TEST(store_survives_a_kill_before_each_operation)
{
    const char *dir = scratch_dir();
    volatile int *acked =
        mmap(NULL, sizeof *acked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT(acked != MAP_FAILED);
    make_dumps();
    int status = 9 << 8;
    uint64_t at = 0;
    for (; WEXITSTATUS(status) == 9; at++) {
        scratch_clear(dir);
        fault_vfs_install(dir);
        *acked = 0;
        pid_t pid = fork();
        if (pid == 0) {
            fault_vfs_arm(FAULT_DIE, at);
            _exit(run(dir, NULL, acked) < 0);
        }
        ASSERT(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
        expect_looked_at(dir, at);
        expect(dir, *acked, "kill", at);
    }
    ASSERT_EQ(WEXITSTATUS(status), 0);
    ASSERT(at > 50);
    free_dumps();
}

struct cutter {
    char dir[300];
    volatile int *acked;
    struct rng rng;
    struct buf text;
    int lost, damaged, cuts;
};

/* In the middle of the writer's work: takes the disk as a cut would leave it, and opens that. */
static void cut_power(void *arg)
{
    struct cutter *c = arg;
    for (int i = 0; i < 3; i++) {
        scratch_clear(c->dir);
        fault_vfs_cut(c->dir, i ? &c->rng : NULL);
        int got = find_dump(c->dir, &c->text);
        c->cuts++;
        c->damaged += got < 0;
        c->lost += got >= 0 && got != *c->acked && got != *c->acked + 1;
    }
}

static struct cutter cut_everywhere(const char *pragma)
{
    const char *dir = scratch_dir();
    char store[300];
    int acked = 0;
    struct cutter c = {.acked = &acked};
    make_dumps();
    rng_init(&c.rng, 1, 0, RNG_TEST);
    buf_init(&c.text, SIZE_MAX);
    snprintf(c.dir, sizeof c.dir, "%s/after", dir);
    snprintf(store, sizeof store, "%s/store", dir);
    ASSERT(mkdir(c.dir, 0700) == 0 && mkdir(store, 0700) == 0);
    fault_vfs_install(store);
    fault_vfs_on_operation(cut_power, &c);
    ASSERT_EQ(run(store, pragma, &acked), 0);
    fault_vfs_on_operation(NULL, NULL);
    buf_done(&c.text);
    free_dumps();
    return c;
}

TEST(store_survives_a_power_cut_at_each_operation)
{
    struct cutter c = cut_everywhere(NULL);
    if (c.lost || c.damaged)
        FAIL("%d cuts: %d lost what was acknowledged, %d stores damaged", c.cuts, c.lost,
             c.damaged);
    ASSERT(c.cuts > 150);
}

/* The rig has teeth: a store that does not sync its log at each commit loses in it. */
TEST(store_that_syncs_less_would_lose)
{
    struct cutter c = cut_everywhere("PRAGMA synchronous=NORMAL");
    ASSERT(c.lost > 20);
    ASSERT_EQ(c.damaged, 0);
}
