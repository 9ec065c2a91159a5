/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_remove.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "orchestrator/store/check/store_check.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/ended_sweeps.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/store_kit.h"

static void add(struct store *s, struct books *b, char first, size_t n)
{
    struct err err = {0};
    if (ended_sweeps_add(s, b, first, n, &err) != 0)
        FAIL("%s", err.text);
}

static void drop(struct store *s, struct books *b, const char *sweep)
{
    struct err err = {0};
    if (store_remove(s, sweep, NULL, 1800000000000, &err) != 0)
        FAIL("%s", err.text);
    b->seq++; /* of the fact that says so */
}

/* A new process opens the store, without the sweeps that have ended. */
static struct store *reopen(struct store *s, const char *dir, struct books *b)
{
    struct err err = {0};
    if (s)
        store_close(s);
    books_done(b);
    books_init(b);
    s = kit_open(dir);
    if (store_load(s, NULL, b, &err) != 0)
        FAIL("%s", err.text);
    return s;
}

static void print_problem(void *arg, bool counts, const char *problem)
{
    (void)arg, (void)counts;
    printf("%s\n", problem);
}

static void expect_clean(const char *dir, uint64_t trials)
{
    struct store_check found;
    struct err err = {0};
    if (store_check(dir, print_problem, NULL, &found, &err) != 0)
        FAIL("%s", err.text);
    ASSERT_EQ(found.trials, trials);
}

/* All that the store has on a sweep's behalf, as one text. */
static char *all_of(const char *dir, const char *sweep)
{
    char path[300], sql[2000];
    sqlite3 *db;
    sqlite3_stmt *st;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    snprintf(sql, sizeof sql,
             "SELECT (SELECT group_concat(seq || body, ';') FROM fact WHERE sweep='%s')"
             " || (SELECT group_concat(seq || hex(data), ';') FROM chunk"
             "     WHERE trial >> 40 = (SELECT n FROM sweep WHERE id='%s'))"
             " || (SELECT group_concat(id || state || params, ';') FROM trial"
             "     WHERE id >> 40 = (SELECT n FROM sweep WHERE id='%s'))",
             sweep, sweep, sweep);
    ASSERT_EQ(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(st), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(st, 0);
    char *copy = strdup(text ? text : "");
    sqlite3_finalize(st);
    sqlite3_close(db);
    return copy;
}

TEST(store_remove_takes_all_of_one_sweep_and_nothing_else)
{
    const char *dir = scratch_dir();
    struct books b;
    books_init(&b);
    struct store *s = kit_open(dir);
    add(s, &b, 'a', 3);
    char *a = all_of(dir, "a"), *c = all_of(dir, "c");
    ASSERT(strlen(a) > 500);
    drop(s, &b, "b");
    s = reopen(s, dir, &b);
    char *after = all_of(dir, "a");
    ASSERT_STR(after, a);
    free(after);
    after = all_of(dir, "c");
    ASSERT_STR(after, c);
    free(after);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM fact WHERE sweep='b'"), 1);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM trial WHERE id >> 40 = 2"), 0);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM chunk WHERE trial >> 40 = 2"), 0);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM attempt WHERE trial >> 40 = 2"), 0);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM metric WHERE trial >> 40 = 2"), 0);
    ASSERT(store_remove_was(s, "b") && !store_remove_was(s, "a") && !store_remove_was(s, "x"));
    expect_clean(dir, 2 * ENDED_SWEEPS_TRIALS);
    store_close(s);
    books_done(&b);
    free(a);
    free(c);
}

/* Not even where the newest is removed, and with it the highest number of a fact. */
TEST(store_remove_leaves_no_number_to_be_reused)
{
    const char *dir = scratch_dir();
    struct books b;
    books_init(&b);
    struct store *s = kit_open(dir);
    add(s, &b, 'a', 2);
    drop(s, &b, "a");
    drop(s, &b, "b");
    int64_t seq = kit_number(dir, "SELECT max(seq) FROM fact");
    s = reopen(s, dir, &b);
    ASSERT_EQ((int64_t)b.seq, seq);
    add(s, &b, 'c', 2);
    ASSERT_EQ(kit_number(dir, "SELECT min(n) FROM sweep"), 3);
    ASSERT_EQ(kit_number(dir, "SELECT min(trial) >> 40 FROM chunk"), 3);
    ASSERT(kit_number(dir, "SELECT min(seq) FROM fact WHERE sweep='c'") > seq);
    expect_clean(dir, 2 * ENDED_SWEEPS_TRIALS);
    store_close(s);
    books_done(&b);
}

TEST(store_remove_refuses_what_has_not_ended)
{
    const char *dir = scratch_dir();
    struct books b;
    struct err err = {0};
    books_init(&b);
    struct store *s = kit_open(dir);
    add(s, &b, 'a', 1);
    ASSERT_EQ(store_remove(s, "x", NULL, 0, &err), ERR_NOT_FOUND);
    kit_change(dir, "UPDATE sweep SET state='paused'");
    ASSERT_EQ(store_remove(s, "a", NULL, 0, &err), ERR_STATE);
    kit_change(dir,
               "UPDATE sweep SET state='cancelled'; UPDATE trial SET state='running' WHERE id = "
               "(SELECT max(id) FROM trial)");
    ASSERT_EQ(store_remove(s, "a", NULL, 0, &err), ERR_STATE);
    ASSERT(strstr(err.text, "sweep a has not ended") != NULL);
    kit_change(dir, "UPDATE trial SET state='finished'");
    ASSERT_EQ(store_remove(s, "a", NULL, 0, &err), 0);
    store_close(s);
    books_done(&b);
}

TEST(store_check_finds_facts_that_a_removal_left)
{
    const char *dir = scratch_dir();
    struct books b;
    struct store_check found;
    struct err err = {0};
    books_init(&b);
    struct store *s = kit_open(dir);
    add(s, &b, 'a', 2);
    store_close(s);
    kit_change(dir, "INSERT INTO fact SELECT 1000, 5, 'sweep_removed', 'b', NULL, NULL,"
                    " '{\"kind\":\"sweep_removed\",\"time\":5,\"sweep\":\"b\",\"n\":2}'");
    ASSERT_EQ(store_check(dir, print_problem, NULL, &found, &err), ERR_DAMAGED);
    kit_change(dir, "DELETE FROM fact WHERE seq = 1000;"
                    "UPDATE fact SET body = replace(body, '\"n\": 2', '\"n\": 1')");
    ASSERT_EQ(store_check(dir, print_problem, NULL, &found, &err), ERR_DAMAGED);
    books_done(&b);
}

TEST(store_remove_shrink_gives_space_back)
{
    const char *dir = scratch_dir();
    struct books b;
    struct stat before, after;
    char path[300];
    books_init(&b);
    struct store *s = kit_open(dir);
    add(s, &b, 'a', 2);
    kit_change(dir, "CREATE TABLE filler(x); INSERT INTO filler VALUES(zeroblob(4000000));");
    snprintf(path, sizeof path, "%s/besom.db", dir);
    store_close(s);
    ASSERT_EQ(stat(path, &before), 0);
    kit_change(dir, "DROP TABLE filler");
    s = reopen(NULL, dir, &b);
    store_remove_shrink(s);
    store_close(s);
    ASSERT_EQ(stat(path, &after), 0);
    ASSERT(after.st_size < before.st_size / 4);
    expect_clean(dir, 2 * ENDED_SWEEPS_TRIALS);
    books_done(&b);
}
