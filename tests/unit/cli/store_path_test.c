/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/store_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char root[] = "/tmp/besom-store-path-XXXXXX";
static char out[PATH_MAX];
static struct err err;

static const char *under(const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", root, name);
    return path;
}

/* root/a/b, in which we are. */
static void begin(void)
{
    ASSERT(mkdtemp(root) != NULL);
    ASSERT_EQ(mkdir(under("/a"), 0700), 0);
    ASSERT_EQ(mkdir(under("/a/b"), 0700), 0);
    ASSERT_EQ(chdir(under("/a/b")), 0);
}

TEST(given_is_made_absolute)
{
    bool made = false;
    begin();
    ASSERT_EQ(store_path_choose("here/store", out, &made, &err), 0);
    ASSERT_STR(out, under("/a/b/here/store"));
    ASSERT(made);
    ASSERT_EQ(store_path_find("../b", out, &err), 0);
    ASSERT_STR(out, under("/a/b/../b"));
    ASSERT_EQ(store_path_find("/srv/store", out, &err), 0);
    ASSERT_STR(out, "/srv/store");
}

TEST(nearest_above_is_taken)
{
    bool made = true;
    begin();
    ASSERT_EQ(store_path_find(NULL, out, &err), ERR_NOT_FOUND);
    ASSERT_EQ(store_path_choose(NULL, out, &made, &err), 0);
    ASSERT_STR(out, under("/a/b/.besom"));
    ASSERT(made);
    ASSERT_EQ(mkdir(under("/.besom"), 0700), 0);
    ASSERT_EQ(store_path_choose(NULL, out, &made, &err), 0);
    ASSERT_STR(out, under("/.besom"));
    ASSERT(!made);
    ASSERT_EQ(mkdir(under("/a/.besom"), 0700), 0);
    ASSERT_EQ(store_path_find(NULL, out, &err), 0);
    ASSERT_STR(out, under("/a/.besom"));
}

TEST(a_path_beyond_the_limit_is_refused)
{
    static char given[PATH_MAX + 10];
    begin();
    memset(given, 'x', sizeof given - 1);
    ASSERT_EQ(store_path_find(given, out, &err), ERR_USAGE);
    memset(given, 'x', PATH_MAX - 10);
    given[PATH_MAX - 10] = '\0';
    ASSERT_EQ(store_path_find(given, out, &err), ERR_USAGE);
}
