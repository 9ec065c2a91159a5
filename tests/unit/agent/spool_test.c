/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/metrics/spool.h"
#include "base/limits.h"
#include "tests/test.h"

static char path[] = "/tmp/besom-spool-XXXXXX";
static struct spool spool;
static struct buf out;

static void gone(void)
{
    unlink(path);
}

static int begin(void)
{
    int fd = mkstemp(path);
    ASSERT(fd >= 0);
    atexit(gone);
    buf_init(&out, SIZE_MAX);
    return fd;
}

static void put(int fd, const char *text)
{
    ASSERT_EQ(write(fd, text, strlen(text)), strlen(text));
}

static void fill(int fd, char byte, size_t n)
{
    char *bytes = malloc(n);
    memset(bytes, byte, n);
    ASSERT_EQ(write(fd, bytes, n), n);
    free(bytes);
}

static const char *next(bool ended)
{
    buf_clear(&out);
    ASSERT_EQ(spool_read(&spool, path, ended, &out, NULL), 0);
    ASSERT(!out.overflow);
    return buf_str(&out);
}

/* Read to its end, terabytes of nothing would take hours. */
TEST(spool_skips_holes)
{
    int fd = begin(), reads = 0;
    put(fd, "{\"a\":1}\n");
    ASSERT_EQ(ftruncate(fd, (off_t)1 << 31), 0);
    ASSERT_STR(next(false), "{\"a\":1}\n\n");
    ASSERT_EQ(spool.long_lines, 1);
    for (; spool.more && reads < 10; reads++)
        next(false);
    ASSERT(reads < 10 && spool.offset == 1ull << 31);
    ASSERT_EQ(lseek(fd, 0, SEEK_END), (off_t)1 << 31);
    put(fd, "end of that line\n{\"a\":2}\n");
    ASSERT_STR(next(false), "{\"a\":2}\n");
    close(fd);
}

TEST(spool_leaves_what_is_too_much)
{
    int fd = begin();
    ASSERT_EQ(ftruncate(fd, (off_t)LIMIT_METRIC_FILE_BYTES - 1), 0);
    ASSERT_EQ(lseek(fd, 0, SEEK_END), (off_t)LIMIT_METRIC_FILE_BYTES - 1);
    put(fd, "\n{\"a\":1}\n{\"a\":2}\n");
    next(false);
    while (spool.more)
        next(false);
    ASSERT(spool.long_lines == 1 && spool.offset == LIMIT_METRIC_FILE_BYTES + 16);
    ASSERT_STR(next(true), "");
    close(fd);
}

TEST(spool_gives_complete_lines_only)
{
    int fd = begin();
    ASSERT_STR(next(false), "");
    put(fd, "{\"a\":1}\n{\"b\"");
    ASSERT_STR(next(false), "{\"a\":1}\n");
    ASSERT_STR(next(false), "");
    put(fd, ":2}\n\nx\n");
    ASSERT_STR(next(false), "{\"b\":2}\n\nx\n");
    ASSERT_EQ(spool.offset, 19);
    ASSERT(!spool.more);
}

TEST(spool_takes_a_last_line_without_newline_at_the_end)
{
    int fd = begin();
    put(fd, "a\nb");
    ASSERT_STR(next(false), "a\n");
    ASSERT_STR(next(true), "b\n");
    ASSERT_EQ(spool.offset, 3);
    ASSERT_STR(next(true), "");
}

TEST(spool_of_a_file_not_there)
{
    buf_init(&out, SIZE_MAX);
    ASSERT_EQ(spool_read(&spool, "/tmp/besom-no-such-dir/metrics", true, &out, NULL), 0);
    ASSERT_EQ(out.len, 0);
    struct err err = {0};
    ASSERT_EQ(spool_read(&spool, "/dev/null/x", true, &out, &err), ERR_IO);
    ASSERT(strstr(err.text, "/dev/null/x"));
}

TEST(spool_skips_an_overlong_line_once_and_across_a_restart)
{
    int fd = begin();
    put(fd, "first\n");
    fill(fd, 'x', 3 * LIMIT_METRIC_BATCH_BYTES);
    ASSERT_STR(next(false), "first\n\n");
    ASSERT(spool.long_lines == 1 && spool.long_line == 2);
    spool = (struct spool){.offset = spool.offset}; /* all that a restart keeps */
    ASSERT_STR(next(false), "");
    fill(fd, 'x', 1000);
    put(fd, "\nlast\n");
    ASSERT_STR(next(false), "last\n");
    ASSERT_EQ(spool.long_lines, 0);
    ASSERT_EQ(spool.line, 4);
}

/* A line of a gigabyte must not hold up everything else. */
TEST(spool_skips_a_huge_line_in_pieces)
{
    int fd = begin();
    fill(fd, 'x', 20 << 20);
    put(fd, "\nlast\n");
    ASSERT_STR(next(false), "\n");
    ASSERT_STR(next(false), "");
    ASSERT(spool.more);
    ASSERT_STR(next(false), "last\n");
    ASSERT(!spool.more);
}

TEST(spool_of_a_fifo)
{
    close(begin());
    ASSERT_EQ(unlink(path), 0);
    ASSERT_EQ(mkfifo(path, 0600), 0);
    ASSERT_EQ(spool_read(&spool, path, true, &out, NULL), ERR_IO);
}

TEST(spool_longest_line_allowed)
{
    int fd = begin();
    fill(fd, 'a', LIMIT_METRIC_LINE_BYTES);
    put(fd, "\n");
    fill(fd, 'b', LIMIT_METRIC_LINE_BYTES + 1);
    put(fd, "\nc\n");
    next(false);
    ASSERT_EQ(out.len, LIMIT_METRIC_LINE_BYTES + 1 + 1 + 2);
    ASSERT_EQ(spool.long_lines, 1);
}

TEST(spool_reads_in_batches)
{
    int fd = begin();
    char line[32];
    for (int i = 0; i < 60000; i++) {
        int n = snprintf(line, sizeof line, "{\"step\":%06d}\n", i);
        ASSERT_EQ(write(fd, line, (size_t)n), n);
    }
    int seen = 0, reads = 0;
    do {
        next(false);
        ASSERT(out.len <= LIMIT_METRIC_BATCH_BYTES);
        for (char *p = buf_str(&out); p < buf_str(&out) + out.len; p = strchr(p, '\n') + 1)
            ASSERT_EQ(strtol(p + 8, NULL, 10), seen++);
        reads++;
    } while (spool.more);
    ASSERT_EQ(seen, 60000);
    ASSERT(reads > 1);
}

TEST(spool_keeps_bytes_as_they_are)
{
    int fd = begin();
    ASSERT_EQ(write(fd, "a\0b\xff\r\n", 6), 6);
    next(false);
    ASSERT_EQ(out.len, 6);
    ASSERT(memcmp(buf_str(&out), "a\0b\xff\r\n", 6) == 0);
}

/* Truncates and rewrites the file, as `>` does in place of `>>`: the stream continues with the new
 * content. */
static int write_anew(int fd, const char *text)
{
    ASSERT_EQ(ftruncate(fd, 0), 0);
    ASSERT_EQ(lseek(fd, 0, SEEK_SET), 0);
    put(fd, text);
    return fd;
}

TEST(spool_reads_a_file_that_was_written_anew)
{
    int fd = begin();
    put(fd, "{\"loss\": 0.50}\n");
    ASSERT_STR(next(false), "{\"loss\": 0.50}\n");
    ASSERT(!spool.rewritten);
    static const char *const texts[] = {
        "{\"loss\": 0.25}\n",               /* of the same length */
        "{\"loss\": 0.125, \"step\": 7}\n", /* longer */
        "{}\n",
    };
    uint64_t offset = spool.offset;
    for (size_t i = 0; i < 3; i++) {
        write_anew(fd, texts[i]);
        /* Its clock is coarse: what takes an epoch must not take the test one. */
        struct timespec later[2] = {{.tv_sec = 1000 + (time_t)i}, {.tv_sec = 1000 + (time_t)i}};
        ASSERT_EQ(futimens(fd, later), 0);
        ASSERT_STR(next(false), texts[i]);
        ASSERT(spool.rewritten);
        ASSERT_EQ(spool.base, offset);
        offset += strlen(texts[i]);
        ASSERT_EQ(spool.offset, offset);
        ASSERT_STR(next(false), "");
        ASSERT(!spool.rewritten);
    }
    put(fd, "more\n");
    ASSERT_STR(next(false), "more\n");
    ASSERT_EQ(spool.line, 3);
}

TEST(spool_reads_a_file_that_was_replaced)
{
    int fd = begin();
    put(fd, "one\ntwo\n");
    next(false);
    unlink(path);
    ASSERT_STR(next(false), "");
    ASSERT(spool.rewritten && spool.base == 8 && spool.offset == 8);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    put(fd, "three\n");
    ASSERT_STR(next(false), "three\n");
    ASSERT(!spool.rewritten && spool.offset == 14);
    spool = (struct spool){.offset = spool.offset, .base = spool.base}; /* a restart */
    put(fd, "four\n");
    ASSERT_STR(next(true), "four\n");
    ASSERT(!spool.rewritten);
    ASSERT_EQ(spool.line, 3);
}

/* A script that writes all of its history again, each epoch, appends as far as anybody can tell. */
TEST(spool_continues_where_the_old_lines_are_written_again)
{
    int fd = begin();
    put(fd, "one\ntwo\n");
    next(false);
    unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    put(fd, "one\ntwo\nthree\n");
    ASSERT_STR(next(false), "three\n");
    ASSERT(!spool.rewritten && spool.base == 0);
}

TEST(spool_notices_after_a_restart_that_the_file_was_written_anew)
{
    int fd = begin();
    put(fd, "one\ntwo\n");
    next(false);
    spool = (struct spool){.offset = spool.offset};
    write_anew(fd, "a longer line\n");
    ASSERT_STR(next(false), "a longer line\n");
    ASSERT(spool.rewritten && spool.base == 8);
}

TEST(spool_notices_a_file_that_was_cut)
{
    int fd = begin();
    put(fd, "one\ntwo\n");
    next(false);
    ASSERT_EQ(ftruncate(fd, 2), 0);
    ASSERT_STR(next(true), "on\n");
    ASSERT(spool.rewritten);
    ASSERT_EQ(spool.offset, 10);
}
