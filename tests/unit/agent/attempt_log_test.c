/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/attempt_log.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes/base64.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"

static const struct agent_key key = {.sweep = "aaaa", .trial = 3, .attempt = 2};
static struct buf out;
static struct attempt_log_piece piece;
static struct err err;

static void log_write_bytes(const char *bytes, size_t len)
{
    char path[200];
    snprintf(path, sizeof path, "%s/logs", scratch_dir());
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/logs/aaaa", scratch_dir());
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/logs/aaaa/3-2.log", scratch_dir());
    FILE *f = fopen(path, "wb");
    ASSERT(f && fwrite(bytes, 1, len, f) == len && fclose(f) == 0);
}

static int log_read(uint64_t from, uint64_t lines, uint64_t max)
{
    const struct attempt_log_query query = {from, lines, max};
    buf_done(&out);
    buf_init(&out, SIZE_MAX);
    err = (struct err){0};
    return attempt_log_read(scratch_dir(), &key, &query, &out, &piece, &err);
}

static void log_is(const char *text, uint64_t from, bool end)
{
    ASSERT(out.len == strlen(text) && memcmp(buf_str(&out), text, out.len) == 0);
    ASSERT_EQ(piece.from, from);
    ASSERT_EQ(piece.to, from + out.len);
    ASSERT_EQ(piece.end, end);
}

static const char *cause(struct arena *a, struct message end)
{
    end.cause = end.cause ? end.cause : "none";
    return attempt_log_cause(a, scratch_dir(), &key, &end);
}

TEST(the_cause_of_a_failure_is_in_the_log)
{
    struct arena a;
    arena_init(&a);
    const struct message exits = {.code = 1};
    ASSERT_STR(cause(&a, exits), ""); /* no log */
    log_write_bytes("epoch 1\nValueError: x\n", 22);
    ASSERT_STR(cause(&a, exits), "ValueError: x");
    ASSERT_STR(cause(&a, (struct message){.signal = 9}), "ValueError: x");
    ASSERT_STR(cause(&a, (struct message){.code = 0}), "");
    ASSERT_STR(cause(&a, (struct message){.code = 1, .oom = 1}), "");
    ASSERT_STR(cause(&a, (struct message){.code = 1, .cause = "stop"}), "");
    log_write_bytes("epoch 1\n", 8);
    ASSERT_STR(cause(&a, exits), "epoch 1");
    ASSERT_STR(cause(&a, (struct message){.signal = 9}), "");
    arena_done(&a);
}

TEST(attempt_log_is_read_in_pieces)
{
    log_write_bytes("one\ntwo\nthree", 13);
    ASSERT_EQ(log_read(0, 0, 1000), 0);
    log_is("one\ntwo\nthree", 0, true);
    ASSERT_EQ(log_read(0, 0, 5), 0);
    log_is("one\nt", 0, false);
    ASSERT_EQ(log_read(5, 0, 8), 0);
    log_is("wo\nthree", 5, true);
    ASSERT_EQ(log_read(13, 0, 8), 0);
    log_is("", 13, true);
    ASSERT_EQ(log_read(1000, 0, 8), 0);
    log_is("", 1000, true);
    ASSERT_EQ(log_read(0, 0, 0), 0);
    log_is("", 0, false);
    buf_done(&out);
}

TEST(attempt_log_begins_with_its_last_lines)
{
    log_write_bytes("one\ntwo\nthree\n", 14);
    ASSERT_EQ(log_read(0, 1, 1000), 0);
    log_is("three\n", 8, true);
    ASSERT_EQ(log_read(0, 2, 5), 0);
    log_is("two\nt", 4, false);
    ASSERT_EQ(log_read(0, UINT64_MAX, 1000), 0);
    log_is("one\ntwo\nthree\n", 0, true);
    buf_done(&out);
}

/* Lines that reach back over several steps of the search. */
TEST(attempt_log_finds_last_lines_far_back)
{
    static char text[1 << 20];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1000000 - 1] = text[sizeof text - 100000 - 1] = '\n';
    log_write_bytes(text, sizeof text);
    ASSERT_EQ(log_read(0, 1, 10), 0);
    ASSERT_EQ(piece.from, sizeof text - 100000);
    ASSERT_EQ(log_read(0, 2, 10), 0);
    ASSERT_EQ(piece.from, sizeof text - 1000000);
    ASSERT_EQ(log_read(0, 3, 10), 0);
    ASSERT_EQ(piece.from, 0);
    buf_done(&out);
}

TEST(attempt_log_piece_is_bounded)
{
    static char text[LIMIT_LOG_PIECE_BYTES + 10];
    memset(text, 'x', sizeof text);
    log_write_bytes(text, sizeof text);
    ASSERT_EQ(log_read(0, 0, UINT64_MAX), 0);
    ASSERT_EQ(out.len, LIMIT_LOG_PIECE_BYTES);
    ASSERT(!piece.end);
    buf_done(&out);
}

TEST(attempt_log_that_is_not_there)
{
    ASSERT_EQ(log_read(0, 0, 1000), ERR_NOT_FOUND);
    ASSERT_STR(err.text, "there is no log of attempt 2 of trial aaaa-3");
    ASSERT_EQ(log_read(0, 5, 1000), ERR_NOT_FOUND);
    log_write_bytes("", 0);
    ASSERT_EQ(log_read(0, 0, 1000), 0);
    log_is("", 0, true);
    buf_done(&out);
}

/* A read of a FIFO would wait for a writer. */
TEST(attempt_log_refuses_what_is_not_a_file)
{
    char path[200];
    log_write_bytes("", 0);
    snprintf(path, sizeof path, "%s/logs/aaaa/3-2.log", scratch_dir());
    ASSERT(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    ASSERT_EQ(log_read(0, 0, 1000), ERR_DAMAGED);
    ASSERT(strstr(err.text, "3-2.log is not a regular file"));
    ASSERT_EQ(log_read(0, 5, 1000), ERR_DAMAGED);
    ASSERT(unlink(path) == 0 && mkdir(path, 0700) == 0);
    ASSERT_EQ(log_read(0, 0, 1000), ERR_DAMAGED);
    ASSERT_EQ(rmdir(path), 0);
    buf_done(&out);
}

/* It would print a file that is not the training's. */
TEST(attempt_log_follows_no_symbolic_link)
{
    static const char *const names[] = {"3-2.log", "3-2.log.1", "3-2.log.2"};
    char other[200], path[200];
    snprintf(other, sizeof other, "%s/secret", scratch_dir());
    FILE *f = fopen(other, "wb");
    ASSERT(f && fputs("secret\n", f) >= 0 && fclose(f) == 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        log_write_bytes("one\n", 4);
        snprintf(path, sizeof path, "%s/logs/aaaa/%s", scratch_dir(), names[i]);
        unlink(path);
        ASSERT_EQ(symlink(other, path), 0);
        for (uint64_t lines = 0; lines < 2; lines++) {
            ASSERT_EQ(log_read(0, lines, 1000), ERR_DAMAGED);
            ASSERT(strstr(err.text, names[i]));
            ASSERT(strstr(err.text, "is a symbolic link"));
            ASSERT_EQ(out.len, 0);
        }
        ASSERT_EQ(unlink(path), 0);
    }
    ASSERT_EQ(unlink(other), 0);
    buf_done(&out);
}

TEST(attempt_log_refuses_a_sweep_that_is_a_path)
{
    static const char *const bad[] = {"", "..", "../aaaa", "a/b", "/", "a.b", "a-b"};
    const struct attempt_log_query query = {0, 0, 10};
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct agent_key other = {.trial = 3, .attempt = 2};
        snprintf(other.sweep, sizeof other.sweep, "%s", bad[i]);
        if (attempt_log_read(scratch_dir(), &other, &query, &out, &piece, &err) != ERR_USAGE)
            FAIL("'%s' was not refused", bad[i]);
    }
    buf_done(&out);
}

/* A mark that no shim wrote: its offset would not fit into a message. */
TEST(attempt_log_refuses_offsets_beyond_all_measure)
{
    char path[200];
    log_write_bytes("one\n", 4);
    snprintf(path, sizeof path, "%s/logs/aaaa/3-2.log.2", scratch_dir());
    FILE *f = fopen(path, "wb");
    ASSERT(f);
    fprintf(f, "[besom: the output continues at byte 09999999999999999999]\nmore\n");
    ASSERT_EQ(fclose(f), 0);
    ASSERT_EQ(log_read(0, 0, 1000), ERR_DAMAGED);
    buf_done(&out);
}

TEST(attempt_log_answers_a_message)
{
    struct arena a;
    static const char bytes[] = "\xff\0\x1b[0m\n";
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    log_write_bytes(bytes, sizeof bytes);
    struct message m = {.type = MESSAGE_LOG, .from = 1, .max = 3};
    attempt_log_answer(&a, scratch_dir(), &key, &m);
    ASSERT_STR(m.error, "");
    ASSERT_EQ(m.from, 1);
    ASSERT_EQ(m.to, 4);
    ASSERT_EQ(m.end, 0);
    ASSERT(base64_parse(&out, m.bytes, strlen(m.bytes)));
    ASSERT(out.len == 3 && memcmp(buf_str(&out), bytes + 1, 3) == 0);
    struct agent_key other = key;
    other.attempt = 9;
    attempt_log_answer(&a, scratch_dir(), &other, &m);
    ASSERT_STR(m.error, "ERR_NOT_FOUND");
    ASSERT_STR(m.bytes, "");
    ASSERT(strstr(m.text, "attempt 9"));
    buf_done(&out);
    arena_done(&a);
}
