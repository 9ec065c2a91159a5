/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/files/trial_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static const struct agent_key key = {.sweep = "aaaa", .trial = 3, .attempt = 2};
static struct arena a;
static struct message answer;
static int64_t list_ms = 60000;

static const char *at(const char *path)
{
    return arena_printf(&a, "%s/trials/aaaa/%s", scratch_dir(), path);
}

static void put(const char *path, const char *text)
{
    char *whole = arena_strdup(&a, at(path));
    for (char *slash = whole + strlen(scratch_dir()) + 1; (slash = strchr(slash, '/'));
         *slash++ = '/') {
        *slash = '\0';
        mkdir(whole, 0700);
    }
    int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void ask(const char *path, uint64_t from, uint64_t max)
{
    answer = (struct message){.type = MESSAGE_FILES, .path = path, .from = from, .max = max};
    trial_files_answer(&a, scratch_dir(), &key, list_ms, &answer);
}

static bool has(const char *path)
{
    for (size_t i = 0; i < answer.rows->list.n; i++)
        if (strcmp(answer.rows->list.items[i]->list.items[0]->s.ptr, path) == 0)
            return true;
    return false;
}

static void refused(const char *path)
{
    ask(path, 0, 100);
    ASSERT_STR(answer.error, "ERR_NOT_FOUND");
    ASSERT(!answer.bytes && !answer.rows);
}

TEST(trial_files_are_listed_and_read)
{
    arena_init(&a);
    refused("");
    put("3/a.txt", "0123456789");
    put("3/x/step_4.pt", "model");
    put("4/other", "another trial");
    ask("", 0, 0);
    ASSERT_STR(answer.error, "");
    ASSERT(answer.rows->list.n == 2 && answer.left_out == 0 && answer.end);
    ASSERT(has("a.txt") && has("x/step_4.pt"));
    const struct value *row = answer.rows->list.items[has("a.txt") ? 0 : 1];
    ASSERT(row->list.n == 3 && row->list.items[1]->i > 0 && row->list.items[2]->i > 1000000000000);
    ask("a.txt", 2, 3);
    ASSERT_STR(answer.error, "");
    ASSERT_STR(answer.bytes, "MjM0");
    ASSERT(answer.from == 2 && answer.to == 5 && answer.size == 10 && !answer.end && !answer.rows);
    ask("a.txt", 8, 100);
    ASSERT_STR(answer.bytes, "ODk=");
    ASSERT(answer.to == 10 && answer.end);
    ask("a.txt", 1000, 100);
    ASSERT(answer.to == 1000 && answer.end && *answer.bytes == '\0');
    ask("x/step_4.pt", 0, 100);
    ASSERT_STR(answer.bytes, "bW9kZWw=");
    arena_done(&a);
}

TEST(trial_files_outside_of_the_folder_are_not_reached)
{
    static const char *const links[] = {"3/up", "3/file", "3/x/self"},
                             *const to[] = {"..", "../4/other", "."},
                             *const bad[] = {"..",           "../4/other", "up/4/other", "file",
                                             "x/self/inner", "x/../inner", "./inner",    "x//inner",
                                             "/etc/passwd",  "x",          "x/",         "pipe",
                                             "none",         "x/inner/",   "up"};
    arena_init(&a);
    put("3/x/inner", "inner");
    put("4/other", "another trial");
    for (size_t i = 0; i < 3; i++)
        ASSERT_EQ(symlink(to[i], at(links[i])), 0);
    ASSERT_EQ(mkfifo(at("3/pipe"), 0600), 0);
    ask("", 0, 0);
    ASSERT(answer.rows->list.n == 1 && has("x/inner"));
    ASSERT_EQ(answer.left_out, 4);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i]);
    /* The folder itself, in place of which the training may put a link. */
    ASSERT_EQ(rename(at("3"), at("5")), 0);
    ASSERT_EQ(symlink("4", at("3")), 0);
    refused("");
    refused("other");
    const struct agent_key up = {.sweep = "..", .trial = 3};
    answer = (struct message){.path = ""};
    trial_files_answer(&a, scratch_dir(), &up, list_ms, &answer);
    ASSERT_STR(answer.error, "ERR_NOT_FOUND");
    arena_done(&a);
}

TEST(trial_files_with_hostile_names_are_counted)
{
    arena_init(&a);
    put("3/good \xc3\xa9 \"<b>", "x");
    put("3/bad\xff", "x");
    put("3/line\nbreak", "x");
    put("3/esc\x1b[31m/inside", "x");
    ask("", 0, 0);
    ASSERT(answer.rows->list.n == 1 && has("good \xc3\xa9 \"<b>"));
    ASSERT_EQ(answer.left_out, 3);
    ask("good \xc3\xa9 \"<b>", 0, 9);
    ASSERT_STR(answer.bytes, "eA==");
    arena_done(&a);
}

TEST(trial_files_have_a_depth_and_a_number)
{
    arena_init(&a);
    put("3/1/2/3/4/5/6/7/in", "x");
    put("3/1/2/3/4/5/6/7/8/out", "x");
    ask("", 0, 0);
    ASSERT(answer.rows->list.n == 1 && has("1/2/3/4/5/6/7/in") && answer.left_out == 1);
    ask("1/2/3/4/5/6/7/in", 0, 9);
    ASSERT_STR(answer.error, "");
    refused("1/2/3/4/5/6/7/8/out");
    for (int i = 0; i < LIMIT_TRIAL_FILES + 9; i++)
        put(arena_printf(&a, "3/many/%d", i), "");
    ask("", 0, 0);
    ASSERT(answer.rows->list.n == LIMIT_TRIAL_FILES && answer.left_out == 11 && answer.end);
    char folder[201];
    memset(folder, 'd', 200);
    folder[200] = '\0';
    for (int i = 0; i < LIMIT_TRIAL_FILES; i++)
        put(arena_printf(&a, "3/%s/%d", folder, i), "");
    rename(at("3/many"), at("6"));
    ask("", 0, 0);
    size_t bytes = 0;
    for (size_t i = 0; i < answer.rows->list.n; i++)
        bytes += answer.rows->list.items[i]->list.items[0]->s.len;
    ASSERT(bytes <= LIMIT_TRIAL_FILES_LIST_BYTES && bytes > LIMIT_TRIAL_FILES_LIST_BYTES - 300);
    arena_done(&a);
}

TEST(trial_files_have_a_time)
{
    arena_init(&a);
    put("3/a", "x");
    list_ms = 0;
    ask("", 0, 0);
    ASSERT(*answer.error == '\0' && answer.rows->list.n == 0 && !answer.end);
    ask("a", 0, 9); /* a file is not a list */
    ASSERT_STR(answer.bytes, "eA==");
    arena_done(&a);
}

TEST(trial_files_come_in_pieces)
{
    arena_init(&a);
    char *text = arena_alloc(&a, LIMIT_TRIAL_FILES_PIECE_BYTES + 11);
    memset(text, 'x', LIMIT_TRIAL_FILES_PIECE_BYTES + 10);
    text[LIMIT_TRIAL_FILES_PIECE_BYTES + 10] = '\0';
    put("3/large", text);
    ask("large", 0, UINT64_MAX);
    ASSERT(answer.to == LIMIT_TRIAL_FILES_PIECE_BYTES && !answer.end);
    ask("large", answer.to, UINT64_MAX);
    ASSERT(answer.to == LIMIT_TRIAL_FILES_PIECE_BYTES + 10 && answer.end);
    arena_done(&a);
}
