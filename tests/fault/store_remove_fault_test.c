/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep is removed whole or not at all, whatever fails: each write and sync in turn, the process
 * before each of them. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/store/check/store_check.h"
#include "orchestrator/store/store_remove.h"
#include "orchestrator/view/view.h"
#include "tests/fault/fault_vfs.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/ended_sweeps.h"
#include "tests/unit/orchestrator/scratch.h"

static void fill(const char *dir)
{
    struct store *s;
    struct books b;
    struct err err = {0};
    books_init(&b);
    if (store_open(dir, true, &s, &err) != 0 || ended_sweeps_add(s, &b, 'a', 3, &err) != 0)
        FAIL("%s", err.text);
    store_close(s);
    books_done(&b);
}

static int drop(const char *dir)
{
    struct store *s = NULL;
    struct err err = {0};
    int rc = store_open(dir, false, &s, &err);
    if (rc == 0)
        rc = store_remove(s, "b", "local user me", 1800000000000, &err);
    store_close(s);
    return rc;
}

static void problem_add(void *arg, bool counts, const char *problem)
{
    (void)counts;
    buf_addf(arg, "%s\n", problem);
}

/* How many sweeps the store has. It must be sound. */
static size_t sweeps_of(const char *dir, const char *what, uint64_t at)
{
    struct store_check found;
    struct view *v;
    struct value *list;
    struct store *s;
    struct arena a;
    struct buf text;
    struct err err = {0};
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    if (store_open(dir, false, &s, &err) != 0) /* recovers */
        FAIL("%s at operation %llu: %s", what, (unsigned long long)at, err.text);
    bool was = store_remove_was(s, "b");
    store_close(s);
    if (store_check(dir, problem_add, &text, &found, &err) != 0)
        FAIL("%s at operation %llu: %s\n%s", what, (unsigned long long)at, err.text,
             buf_str(&text));
    ASSERT_EQ(view_open(dir, &v, &err), 0);
    ASSERT_EQ(view_sweeps(v, &a, &list, &err), 0);
    size_t n = list->list.n;
    view_close(v);
    ASSERT_EQ(found.trials, n * ENDED_SWEEPS_TRIALS);
    ASSERT_EQ(n, was ? 2 : 3);
    arena_done(&a);
    buf_done(&text);
    return n;
}

static void fail_each(enum fault_kind kind, const char *what)
{
    const char *dir = scratch_dir();
    size_t kept = 0, gone = 0;
    for (uint64_t at = 0, fired = 1; fired; at++) {
        scratch_clear(dir);
        fill(dir);
        fault_vfs_install(dir);
        fault_vfs_arm(kind, at);
        int rc = drop(dir);
        fired = fault_vfs_fired();
        fault_vfs_disarm();
        size_t n = sweeps_of(dir, what, at);
        ASSERT(rc == 0 ? n == 2 : true);
        kept += n == 3;
        gone += n == 2;
    }
    ASSERT(kept > 2 && gone > 1); /* both sides of the commit were tried */
}

TEST(removal_survives_each_write_that_fails)
{
    fail_each(FAULT_WRITE, "write error");
}

TEST(removal_survives_each_sync_that_fails)
{
    fail_each(FAULT_SYNC, "sync error");
}

TEST(removal_survives_a_kill_before_each_operation)
{
    const char *dir = scratch_dir();
    size_t kept = 0, gone = 0;
    int status = 9 << 8;
    for (uint64_t at = 0; WEXITSTATUS(status) == 9; at++) {
        scratch_clear(dir);
        fill(dir);
        fault_vfs_install(dir);
        pid_t pid = fork();
        if (pid == 0) {
            fault_vfs_arm(FAULT_DIE, at);
            _exit(drop(dir) != 0);
        }
        ASSERT(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
        size_t n = sweeps_of(dir, "kill", at);
        kept += n == 3;
        gone += n == 2;
    }
    ASSERT_EQ(WEXITSTATUS(status), 0);
    ASSERT(kept > 2 && gone > 1);
}
