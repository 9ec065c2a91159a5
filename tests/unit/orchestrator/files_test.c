/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/files/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/tls/digest.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static void hash_of(const char *text, char ret[FILES_HASH_CHARS + 1])
{
    struct digest d;
    struct digesting *g = digest_new();
    digest_add(g, text, strlen(text));
    digest_end(g, &d);
    memcpy(ret, d.sha256, FILES_HASH_CHARS + 1);
}

/* Stores a text as it is stored when it arrives; the code of files_take. */
static int text_store(struct files *f, const char *text)
{
    char part[FILES_PATH_BYTES], hash[FILES_HASH_CHARS + 1];
    struct err err = {0};
    int fd = -1;
    ASSERT_EQ(files_begin(f, part, &fd, &err), 0);
    ASSERT_EQ(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    hash_of(text, hash);
    int rc = files_take(f, part, hash, strlen(text), &err);
    ASSERT_EQ(files_sync(f, &err), 0);
    files_drop(part);
    ASSERT(access(part, F_OK) != 0);
    return rc;
}

static bool text_is_there(const char *text)
{
    char hash[FILES_HASH_CHARS + 1], *bytes = NULL;
    uint64_t size = 0;
    struct err err = {0};
    hash_of(text, hash);
    int rc = files_read(scratch_dir(), hash, 1000, &bytes, &size, &err);
    bool good = rc == 0 && size == strlen(text) && memcmp(bytes, text, size) == 0;
    if (rc == 0)
        mem_free(bytes);
    return good;
}

static void text_age(const char *text)
{
    char hash[FILES_HASH_CHARS + 1], path[FILES_PATH_BYTES];
    const struct timespec old[2] = {{1, 0}, {1, 0}};
    hash_of(text, hash);
    files_path(scratch_dir(), hash, path);
    ASSERT_EQ(utimensat(AT_FDCWD, path, old, 0), 0);
}

TEST(files_store_content_once)
{
    scratch_clear(scratch_dir());
    struct files *f = files_new(scratch_dir(), 0);
    ASSERT_EQ(text_store(f, "one"), 0);
    ASSERT_EQ(text_store(f, "one"), 0);
    ASSERT_EQ(text_store(f, ""), 0);
    ASSERT(text_is_there("one") && text_is_there("") && !text_is_there("two"));
    char hash[FILES_HASH_CHARS + 1], *bytes;
    uint64_t size;
    struct err err = {0};
    hash_of("one", hash);
    ASSERT(files_is_hash(hash) && !files_is_hash("../x") && !files_is_hash(""));
    ASSERT_EQ(files_read(scratch_dir(), hash, 2, &bytes, &size, &err), ERR_LIMIT);
    files_free(f);
}

TEST(files_have_a_quota)
{
    struct err err = {0};
    uint64_t room = 0;
    scratch_clear(scratch_dir());
    struct files *f = files_new(scratch_dir(), 10);
    ASSERT_EQ(text_store(f, "1234567"), 0);
    ASSERT_EQ(text_store(f, "1234567"), 0);
    ASSERT_EQ(text_store(f, "abcd"), ERR_LIMIT);
    ASSERT_EQ(files_check_room(f, 4, &room, &err), ERR_LIMIT);
    ASSERT_EQ(files_check_room(f, 3, &room, &err), 0);
    ASSERT_EQ(room, 3);
    ASSERT_EQ(files_check_room(f, UINT64_MAX, &room, &err), ERR_LIMIT);
    ASSERT_EQ(text_store(f, "abc"), 0);
    ASSERT_EQ(files_check_room(f, 0, &room, &err), ERR_LIMIT);
    files_free(f);
    f = files_new(scratch_dir(), 10); /* another process counts what there is */
    ASSERT_EQ(text_store(f, "x"), ERR_LIMIT);
    files_free(f);
}

struct wanted {
    const char *text; /* that is referred to */
    struct files *f;  /* not NULL: the text comes again while it is asked about */
    const char *again;
};

static bool text_is_wanted(void *arg, const char *hash)
{
    struct wanted *w = arg;
    char text_hash[FILES_HASH_CHARS + 1];
    hash_of(w->text, text_hash);
    if (w->f)
        ASSERT_EQ(text_store(w->f, w->again), 0);
    return strcmp(hash, text_hash) == 0;
}

TEST(files_nothing_uses_are_collected)
{
    struct err err = {0};
    struct files_freed freed;
    struct wanted w = {.text = "kept"};
    scratch_clear(scratch_dir());
    struct files *f = files_new(scratch_dir(), 0);
    ASSERT_EQ(files_collect(scratch_dir(), text_is_wanted, &w, false, &freed, &err), 0);
    ASSERT_EQ(freed.freed + freed.kept, 0);
    ASSERT_EQ(text_store(f, "kept"), 0);
    ASSERT_EQ(text_store(f, "old"), 0);
    ASSERT_EQ(text_store(f, "young"), 0);
    text_age("kept");
    text_age("old");
    ASSERT_EQ(files_collect(scratch_dir(), text_is_wanted, &w, true, &freed, &err), 0);
    ASSERT(freed.freed == 1 && freed.freed_bytes == 3 && freed.kept == 2 && text_is_there("old"));
    ASSERT_EQ(files_collect(scratch_dir(), text_is_wanted, &w, false, &freed, &err), 0);
    ASSERT(freed.freed == 1 && freed.kept == 2 && freed.kept_bytes == 9);
    ASSERT(text_is_there("kept") && text_is_there("young") && !text_is_there("old"));
    files_free(f);
}

/* Between the look at a file and its removal, the same content comes. */
TEST(files_that_come_while_they_are_collected_stay)
{
    struct err err = {0};
    struct files_freed freed;
    scratch_clear(scratch_dir());
    struct files *f = files_new(scratch_dir(), 0);
    struct wanted w = {.text = "", .f = f, .again = "again"};
    ASSERT_EQ(text_store(f, "again"), 0);
    text_age("again");
    ASSERT_EQ(files_collect(scratch_dir(), text_is_wanted, &w, false, &freed, &err), 0);
    ASSERT_EQ(freed.freed, 0);
    ASSERT(text_is_there("again"));
    files_free(f);
}

TEST(files_of_earlier_processes_that_never_arrived_go)
{
    struct err err = {0};
    char part[FILES_PATH_BYTES], next[FILES_PATH_BYTES];
    int fd = -1;
    scratch_clear(scratch_dir());
    struct files *f = files_new(scratch_dir(), 0);
    ASSERT_EQ(files_begin(f, part, &fd, &err), 0);
    close(fd);
    files_free(f);
    f = files_new(scratch_dir(), 0);
    ASSERT_EQ(files_begin(f, next, &fd, &err), 0);
    close(fd);
    ASSERT_EQ(files_begin(f, part, &fd, &err), 0);
    close(fd);
    ASSERT(strcmp(part, next) != 0 && access(next, F_OK) == 0 && access(part, F_OK) == 0);
    files_free(f);
}
