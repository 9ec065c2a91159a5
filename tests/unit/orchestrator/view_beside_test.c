/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking at a store beside its writer, after it, and where there is none. */
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

static size_t count_sweeps(struct view *v)
{
    struct value *list;
    struct err err;
    if (view_sweeps(v, &kit_arena, &list, &err) < 0)
        FAIL("%s", err.text);
    return list->list.n;
}

/* Whether the writer can start its log anew: no reader is in the midst of it. */
static int log_is_free(void *arg, const struct value *v)
{
    char path[300];
    sqlite3 *db;
    sqlite3_stmt *st;
    int *seen = arg;
    (void)v;
    snprintf(path, sizeof path, "%s/besom.db", scratch_dir());
    ASSERT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_prepare_v2(db, "PRAGMA wal_checkpoint(TRUNCATE)", -1, &st, NULL), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(st), SQLITE_ROW);
    ASSERT_EQ(sqlite3_column_int(st, 0), 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    ++*seen;
    return 0;
}

/* What is handed out may be printed into a pipe that nobody reads. */
TEST(view_reads_nothing_while_it_hands_out)
{
    static const struct view_query queries[] = {
        {0}, {.descending = true}, {.sort = "objective"}, {.sort = "lr", .limit = 5}};
    struct view *v;
    struct err err = {0};
    const char *dir = scratch_dir();
    kit_fill(dir);
    ASSERT_EQ(view_open(dir, &v, &err), 0);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        int seen = 0;
        ASSERT_EQ(view_trials(v, "abd456", &queries[i], log_is_free, &seen, &err), 0);
        ASSERT_EQ(seen, queries[i].limit ? 5 : 12);
    }
    for (uint64_t trial = 0; trial < 3; trial++) {
        int seen = 0;
        ASSERT_EQ(view_points(v, "abd456", trial, 0, log_is_free, &seen, &err), 0);
        ASSERT(seen > 1);
    }
    kit_end(v);
}

TEST(view_sees_what_is_committed_beside_the_writer)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    ASSERT_EQ(count_sweeps(v), 2);
    kit_create("s3", NULL);
    ASSERT_EQ(count_sweeps(v), 2);
    kit_commit();
    ASSERT_EQ(count_sweeps(v), 3);
    store_close(kit_store);
    ASSERT_EQ(count_sweeps(v), 3);
    view_close(v);
    v = kit_open(dir);
    ASSERT_EQ(count_sweeps(v), 3);
    struct err err;
    ASSERT_EQ(store_open(dir, false, &kit_store, &err), 0);
    kit_end(v);
}

/* After a kill the log holds the newest facts: looking must not need a writer first. */
TEST(view_reads_what_a_killed_writer_left)
{
    const char *dir = scratch_dir();
    pid_t pid = fork();
    if (pid == 0) {
        kit_fill(dir);
        _exit(0);
    }
    ASSERT(waitpid(pid, NULL, 0) == pid);
    struct view *v = kit_open(dir);
    ASSERT_EQ(count_sweeps(v), 2);
    view_close(v);
    arena_done(&kit_arena);
}

static int look_as_nobody(const char *dir, bool left_open)
{
    struct view *v;
    struct err err = {0};
    if (getuid() == 0 && setuid(65534) < 0)
        return 3;
    int rc = view_open(dir, &v, &err);
    if (left_open && rc < 0)
        return rc == ERR_PERMISSION && strstr(err.text, "besom check") ? 0 : 4;
    if (rc < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 5;
    }
    rc = count_sweeps(v) == 2 ? 0 : 6;
    view_close(v);
    arena_done(&kit_arena);
    return rc;
}

/* A folder that may only be read, on a closed store: there is no log, and none can be made. */
TEST(view_reads_a_folder_without_write_permission)
{
    const char *dir = scratch_dir();
    char path[300];
    snprintf(path, sizeof path, "%s/besom.db", dir);
    for (int left_open = 0; left_open < 2; left_open++) {
        scratch_clear(dir);
        pid_t pid = fork();
        if (pid == 0) {
            kit_fill(dir);
            if (!left_open)
                kit_end(NULL);
            _exit(0);
        }
        ASSERT(waitpid(pid, NULL, 0) == pid);
        if (left_open) {
            char shm[300];
            snprintf(shm, sizeof shm, "%s-shm", path);
            unlink(shm);
        }
        ASSERT_EQ(chmod(path, 0644), 0);
        ASSERT_EQ(chmod(dir, 0555), 0);
        pid = fork();
        if (pid == 0)
            _exit(look_as_nobody(dir, left_open));
        int status;
        ASSERT(waitpid(pid, &status, 0) == pid);
        ASSERT_EQ(chmod(dir, 0700), 0);
        ASSERT_EQ(WEXITSTATUS(status), 0);
    }
}

TEST(view_says_where_there_is_no_store)
{
    struct view *v;
    struct err err = {0};
    ASSERT_EQ(view_open("/nonexistent/x", &v, &err), ERR_NOT_FOUND);
    ASSERT(strstr(err.text, "/nonexistent/x") && strstr(err.text, "besom run"));
    char path[300];
    const char *dir = scratch_dir();
    snprintf(path, sizeof path, "%s/besom.db", dir);
    FILE *f = fopen(path, "w");
    ASSERT(f && fputs("this is a text and not a database, and it is long enough to see", f) >= 0);
    fclose(f);
    ASSERT_EQ(view_open(dir, &v, &err), ERR_DAMAGED);
    ASSERT(strstr(err.text, path));
}
