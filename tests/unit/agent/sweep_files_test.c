/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/sweep_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static void make(const char *dir, const char *path, size_t bytes)
{
    static const char text[8192];
    char at[400];
    snprintf(at, sizeof at, "%s/%s", dir, path);
    for (char *slash = at + strlen(dir) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        mkdir(at, 0700);
    }
    int fd = open(at, O_WRONLY | O_CREAT, 0600);
    ASSERT(fd >= 0 && write(fd, text, bytes) == (ssize_t)bytes);
    close(fd);
}

static bool is_there(const char *dir, const char *path)
{
    char at[400];
    struct stat st;
    snprintf(at, sizeof at, "%s/%s", dir, path);
    return lstat(at, &st) == 0;
}

static const char *store_make(void)
{
    const char *dir = scratch_dir();
    make(dir, "logs/abc/0-1.log", 5000);
    make(dir, "logs/abc/1-1.log", 1);
    make(dir, "logs/abcd/0-1.log", 1);
    make(dir, "trials/abc/0/deep/er/model", 8192);
    make(dir, "trials/abc/1/x", 1);
    make(dir, "trials/abc/.spare-0/x", 1);
    make(dir, "trials/abcd/0/x", 1);
    make(dir, "run/abc-0-1/metrics", 1);
    make(dir, "run/abcd-0-1/metrics", 1);
    return dir;
}

TEST(sweep_files_are_counted)
{
    struct sweep_files files;
    const char *dir = store_make();
    sweep_files_count(dir, "abc", &files);
    ASSERT(files.trials == 2 && files.logs == 2 && files.bytes >= 13000);
    sweep_files_count(dir, "none", &files);
    ASSERT(files.trials == 0 && files.logs == 0 && files.bytes == 0);
}

TEST(sweep_files_of_one_sweep_go)
{
    const char *dir = store_make();
    ASSERT_EQ(sweep_files_remove(dir, "abc", NULL), 0);
    ASSERT(!is_there(dir, "logs/abc") && !is_there(dir, "trials/abc") &&
           !is_there(dir, "run/abc-0-1"));
    ASSERT(is_there(dir, "logs/abcd/0-1.log") && is_there(dir, "trials/abcd/0/x") &&
           is_there(dir, "run/abcd-0-1/metrics"));
    ASSERT_EQ(sweep_files_remove(dir, "abc", NULL), 0);
}

TEST(sweep_files_removes_links_and_not_what_they_lead_to)
{
    char link[400], to[400];
    struct err err = {0};
    const char *dir = store_make();
    make(dir, "data/set", 1);
    snprintf(link, sizeof link, "%s/trials/abc/0/data", dir);
    snprintf(to, sizeof to, "%s/data", dir);
    ASSERT_EQ(symlink(to, link), 0);
    ASSERT_EQ(sweep_files_remove(dir, "abc", &err), 0);
    ASSERT(!is_there(dir, "trials/abc") && is_there(dir, "data/set"));
    ASSERT_EQ(sweep_files_remove(dir, "..", &err), ERR_USAGE);
    ASSERT_EQ(sweep_files_remove(dir, "", &err), ERR_USAGE);
    ASSERT(is_there(dir, "data/set"));
}

static bool is_abc(void *arg, const char *sweep)
{
    ++*(int *)arg;
    return strcmp(sweep, "abc") == 0;
}

TEST(sweep_files_tidy_removes_what_is_gone)
{
    const char *dir = store_make();
    int asked = 0;
    sweep_files_tidy(dir, is_abc, &asked);
    ASSERT(asked >= 3);
    ASSERT(!is_there(dir, "logs/abc") && !is_there(dir, "trials/abc"));
    ASSERT(is_there(dir, "logs/abcd/0-1.log") && is_there(dir, "trials/abcd/0/x"));
}
