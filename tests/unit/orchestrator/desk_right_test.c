/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_right.h"

#include <string.h>

#include "orchestrator/wandb/desk_file.h"
#include "protocol/wandb/wandb_value.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static unsigned char key[DESK_RIGHT_KEY_BYTES];

static const char *query_of(struct arena *a, const struct desk_right *right)
{
    return strchr(desk_right_url(a, key, "http://h", right), '?') + 1;
}

TEST(desk_right_is_what_was_given)
{
    static const char *const names[] = {"a", "deep/er/ü %&=+?#.txt", "put run 1 2 x", "\x01\x7f"};
    struct err err = {0};
    struct arena a;
    arena_init(&a);
    scratch_clear(scratch_dir());
    ASSERT_EQ(desk_right_key(scratch_dir(), key, &err), 0);
    unsigned char again[DESK_RIGHT_KEY_BYTES];
    ASSERT_EQ(desk_right_key(scratch_dir(), again, &err), 0);
    ASSERT_EQ(memcmp(key, again, sizeof key), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct desk_right right = {i % 2 == 0, "run", 12, names[i], 1000}, got;
        const char *query = query_of(&a, &right);
        ASSERT_EQ(desk_right_read(&a, key, query, right.put, 1000, &got, &err), 0);
        ASSERT_STR(got.name, names[i]);
        ASSERT_STR(got.kind, "run");
        ASSERT_EQ(got.n, 12);
        ASSERT_EQ(desk_right_read(&a, key, query, right.put, 1001, &got, &err), ERR_PERMISSION);
        ASSERT_EQ(desk_right_read(&a, key, query, !right.put, 1000, &got, &err), ERR_PERMISSION);
        again[0] ^= 1;
        ASSERT_EQ(desk_right_read(&a, again, query, right.put, 1000, &got, &err), ERR_PERMISSION);
        again[0] ^= 1;
    }
    arena_done(&a);
}

/* Whatever byte of the URL is changed, it gives no right to something else. */
TEST(desk_right_cannot_be_changed)
{
    struct err err = {0};
    struct arena a;
    struct desk_right right = {true, "run", 12, "name 1", 123456}, got;
    arena_init(&a);
    memset(key, 7, sizeof key);
    const char *query = query_of(&a, &right);
    for (size_t i = 0; query[i]; i++)
        for (int c = ' '; c < 127; c++) {
            char *bad = arena_strdup(&a, query);
            bad[i] = (char)c;
            if (desk_right_read(&a, key, bad, true, 0, &got, &err) != 0)
                continue;
            ASSERT_STR(got.name, right.name);
            ASSERT_STR(got.kind, right.kind);
            ASSERT(got.n == right.n && got.until_ms == right.until_ms);
        }
    for (size_t len = 0; len < strlen(query); len++)
        ASSERT_EQ(desk_right_read(&a, key, arena_strndup(&a, query, len), true, 0, &got, &err),
                  ERR_PERMISSION);
    arena_done(&a);
}

TEST(desk_file_names_stay_below_their_folder)
{
    static const char *const good[] = {"a", "a/b", "...", "a..b", ".hidden", "ü", "a/ b"};
    static const char *const bad[] = {"",   "/",    "/a",    "a/",   "a//b", ".",
                                      "..", "../a", "a/./b", "a/..", "a\n"};
    struct err err = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ASSERT_EQ(desk_file_check_name(good[i], &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_EQ(desk_file_check_name(bad[i], &err), ERR_USAGE);
}

TEST(wandb_value_prints_times)
{
    struct arena a;
    arena_init(&a);
    ASSERT_STR(wandb_value_time(&a, 0), "1970-01-01T00:00:00Z");
    ASSERT_STR(wandb_value_time(&a, 951782400000), "2000-02-29T00:00:00Z");
    ASSERT_STR(wandb_value_time(&a, 1735689599999), "2024-12-31T23:59:59Z");
    ASSERT_STR(wandb_value_time(&a, 4107542400000), "2100-03-01T00:00:00Z");
    arena_done(&a);
}
