/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/store/store.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/view/view.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/store_kit.h"

TEST(store_kept_nothing_of_an_open_transaction)
{
    struct past h;
    struct buf before, after;
    const char *dir = scratch_dir();
    past_init(&h, 7);
    struct store *s = kit_open(dir);
    for (int i = 0; i < 50; i++)
        kit_append(s, past_next(&h));
    kit_commit(s, &h.books);
    buf_init(&before, SIZE_MAX);
    buf_init(&after, SIZE_MAX);
    past_dump(&before, &h.books);
    for (int i = 0; i < 50; i++)
        kit_append(s, past_next(&h));
    store_close(s);
    s = kit_open(dir);
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

TEST(store_takes_no_log_of_another_database)
{
    const char *dir = scratch_dir();
    char path[300];
    struct err err = {0};
    struct store *s = kit_open(dir);
    store_close(s);
    snprintf(path, sizeof path, "%s/besom.db-wal", dir);
    FILE *f = fopen(path, "a");
    ASSERT(f && fputs("what is left of a log", f) > 0 && fclose(f) == 0);
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(unlink(path), 0);
    ASSERT_EQ(store_open(dir, true, &s, &err), ERR_DAMAGED);
    ASSERT(strstr(err.text, "besom.db-wal") != NULL);
}

static void run_until_killed(const char *dir, int commits)
{
    struct past h;
    past_init(&h, 11);
    struct store *s = kit_open(dir);
    for (int i = 0;; i++) {
        kit_append(s, past_next(&h));
        if (i % 3)
            continue;
        if (commits-- == 0)
            kill(getpid(), SIGKILL);
        kit_commit(s, &h.books);
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
    struct store *s = kit_open(dir);
    ASSERT_EQ(store_epoch(s), 2);
    kit_compare(s, &h.books);
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
    struct store *s = kit_open(dir);
    char id[40];
    snprintf(id, sizeof id, "%s", store_id(s));
    ASSERT_EQ(strlen(id), 32);
    ASSERT_EQ(store_epoch(s), 1);
    store_close(s);
    s = kit_open(dir);
    ASSERT_STR(store_id(s), id);
    ASSERT_EQ(store_epoch(s), 2);
    store_close(s);
}

TEST(store_second_writer_is_told_who_holds_it)
{
    const char *dir = scratch_dir();
    struct store *s = kit_open(dir), *second;
    struct err err = {0};
    char want[100];
    ASSERT_EQ(store_open(dir, true, &second, &err), ERR_BUSY);
    snprintf(want, sizeof want, "in use by process %ld on ", (long)getpid());
    ASSERT(strstr(err.text, want) && strstr(err.text, dir));
    ASSERT(strstr(err.text, "wait until it ends") && strstr(err.text, "--store DIR"));
    store_close(s);
    s = kit_open(dir);
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
    bool held;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err err = {0};
        scratch_clear(dir);
        if (strchr(names[i], '-'))
            store_close(kit_open(dir));
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
        ASSERT_EQ(mkfifo(path, 0600), 0);
        ASSERT_EQ(store_open(dir, true, &s, &err), ERR_DAMAGED);
        ASSERT(strstr(err.text, path) && strstr(err.text, "not a regular file"));
        if (i > 0)
            ASSERT_EQ(view_open(dir, &v, &err), ERR_DAMAGED);
        else
            ASSERT_EQ(store_lock_is_held(dir, &held, &err), 0); /* returns */
        ASSERT_EQ(unlink(path), 0);
    }
}

/* Who opens the store for a moment is waited for; who answers commands is not. */
TEST(store_lock_says_that_its_holder_stays)
{
    const char *dir = scratch_dir();
    struct err err = {0};
    char before[STORE_LOCK_HOLDER_BYTES], after[STORE_LOCK_HOLDER_BYTES], who[40];
    scratch_clear(dir);
    ASSERT_EQ(store_lock_stays(dir, &err), 0);
    struct store *s = kit_open(dir);
    store_lock_holder(dir, before);
    ASSERT_EQ(store_lock_stays(dir, &err), 0);
    store_stay(s);
    ASSERT_EQ(store_lock_stays(dir, &err), ERR_BUSY);
    snprintf(who, sizeof who, "in use by process %ld on ", (long)getpid());
    ASSERT(strstr(err.text, who));
    store_lock_holder(dir, after);
    ASSERT_STR(after, before);
    store_close(s);
    ASSERT_EQ(store_lock_stays(dir, &err), 0);
    store_close(kit_open(dir));
    ASSERT_EQ(store_lock_stays(dir, &err), 0);
}

/* A cleaner of folders, or somebody who takes it for stale, removes the file while it is held. */
TEST(store_lets_no_second_writer_in_whose_lock_was_removed)
{
    const char *dir = scratch_dir();
    struct err err = {0};
    struct store *other;
    char path[300];
    scratch_clear(dir);
    struct store *s = kit_open(dir);
    snprintf(path, sizeof path, "%s/lock", dir);
    ASSERT_EQ(unlink(path), 0);
    ASSERT_EQ(store_open(dir, false, &other, &err), ERR_BUSY);
    ASSERT(strstr(err.text, "was removed"));
    store_close(s);
    store_close(kit_open(dir));
}

/* Whoever takes the lock writes its name there: over whatever a link leads to. */
TEST(store_lock_that_is_a_link_is_refused)
{
    const char *dir = scratch_dir();
    struct err err = {0};
    struct store *s;
    bool held;
    char path[300], other[300], text[STORE_LOCK_HOLDER_BYTES] = "";
    scratch_clear(dir);
    snprintf(path, sizeof path, "%s/lock", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    FILE *f = fopen(other, "w");
    ASSERT(f && fputs("precious", f) >= 0 && fclose(f) == 0);
    ASSERT_EQ(symlink("other", path), 0);
    ASSERT_EQ(store_open(dir, true, &s, &err), ERR_DAMAGED);
    ASSERT(strstr(err.text, path) && strstr(err.text, "is a symbolic link"));
    ASSERT_EQ(store_lock_is_held(dir, &held, &err), ERR_DAMAGED);
    ASSERT(strstr(err.text, "is a symbolic link"));
    store_lock_holder(dir, text);
    ASSERT_EQ(strlen(text), 0);
    f = fopen(other, "r");
    ASSERT(f && fgets(text, sizeof text, f));
    fclose(f);
    ASSERT(strcmp(text, "precious") == 0);
    ASSERT_EQ(unlink(other), 0); /* nor is a file made where a link leads nowhere */
    ASSERT_EQ(store_open(dir, true, &s, &err), ERR_DAMAGED);
    ASSERT(access(other, F_OK) < 0);
}

TEST(store_of_another_program_is_refused)
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
    store_close(kit_open(path));
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

TEST(store_of_another_version_is_refused)
{
    const char *dir = scratch_dir();
    struct store *s;
    struct err err = {0};
    store_close(kit_open(dir));
    kit_change(dir, "PRAGMA user_version=99");
    ASSERT_EQ(store_open(dir, true, &s, &err), ERR_UNSUPPORTED);
    ASSERT(strstr(err.text, "99"));
    kit_change(dir, "PRAGMA user_version=2; PRAGMA application_id=5");
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
    struct store *s = kit_open(dir);
    kit_append(s, past_next(&h));
    kit_commit(s, &h.books);
    snprintf(path, sizeof path, "%s/besom.db", dir);
    snprintf(aside, sizeof aside, "%s/aside.db", dir);
    ASSERT_EQ(rename(path, aside), 0);
    kit_append(s, past_next(&h));
    ASSERT_EQ(store_commit(s, &h.books, &err), ERR_IO);
    ASSERT(strstr(err.text, "gone"));
    ASSERT_EQ(rename(aside, path), 0);
    ASSERT_EQ(store_commit(s, &h.books, &err), ERR_IO);
    ASSERT_EQ(store_append(s, past_next(&h), &err), 0);
    ASSERT_EQ(store_commit(s, &h.books, &err), ERR_IO);
    ASSERT(!store_tidy(s));
    store_close(s);
    s = kit_open(dir);
    store_close(s);
    ASSERT_EQ(kit_number(dir, "SELECT count(*) FROM fact"), 1);
    past_done(&h);
}
