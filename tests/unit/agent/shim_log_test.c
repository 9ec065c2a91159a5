/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/log_reader.h"
#include "agent/shim/shim_capture.h"
#include "agent/shim/shim_log.h"
#include "agent/shim/shim_record.h"
#include "tests/test.h"

static char dir[] = "/tmp/besom-log-XXXXXX";
static char path[64];
static struct shim_log log_;
static struct shim_capture capture;

static void clean_up(void)
{
    static const char *const names[] = {"log", "log.1", "log.2", "log.new", SHIM_STDOUT_FILE};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[100];
        snprintf(name, sizeof name, "%s/%s", dir, names[i]);
        unlink(name);
    }
    rmdir(dir);
}

static void begin(uint64_t cap)
{
    ASSERT(mkdtemp(dir));
    atexit(clean_up);
    snprintf(path, sizeof path, "%s/log", dir);
    ASSERT(shim_log_init(&log_, path, cap));
}

/* A file that cannot grow beyond this stands in for a full disk. */
static void limit_files(rlim_t bytes)
{
    sigaction(SIGXFSZ, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    struct rlimit r;
    getrlimit(RLIMIT_FSIZE, &r);
    r.rlim_cur = bytes;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static void write_numbers(int from, int to)
{
    for (int i = from; i < to; i++) {
        char line[16];
        int n = snprintf(line, sizeof line, "%06d\n", i);
        shim_log_write(&log_, line, (size_t)n);
    }
}

/* Reads all; what is there must be what was written at that offset. */
static uint64_t read_numbers(uint64_t *ret_dropped)
{
    struct buf out;
    uint64_t at = 0, got = 0, dropped;
    *ret_dropped = 0;
    buf_init(&out, SIZE_MAX);
    for (uint64_t before = 0;; before = at) {
        buf_clear(&out);
        ASSERT_EQ(log_reader_read(path, &at, 5000, &out, &dropped, NULL), 0);
        if (at == before)
            break;
        for (size_t i = 0; i < out.len; i++) {
            uint64_t place = at - out.len + i;
            char line[16];
            snprintf(line, sizeof line, "%06d\n", (int)(place / 7));
            ASSERT_EQ(buf_str(&out)[i], line[place % 7]);
        }
        *ret_dropped += dropped;
        got += out.len;
    }
    buf_done(&out);
    return got;
}

TEST(log_rotates_at_any_size_of_piece)
{
    begin(4096);
    write_numbers(0, 10);
    write_numbers(10, 5000);
    uint64_t dropped, got = read_numbers(&dropped);
    ASSERT_EQ(got + dropped, 35000);
    ASSERT_EQ(dropped, shim_log_dropped(&log_));
    ASSERT(got > 2000 && got < 4096);
}

TEST(log_on_a_full_disk_drops_and_continues)
{
    begin(1 << 20);
    write_numbers(0, 100);
    limit_files(1000);
    write_numbers(100, 1000);
    ASSERT(shim_log_dropped(&log_) > 0);
    limit_files(RLIM_INFINITY);
    write_numbers(1000, 1200);
    uint64_t dropped, got = read_numbers(&dropped);
    ASSERT_EQ(got + dropped, 7 * 1200);
    ASSERT_EQ(dropped, shim_log_dropped(&log_));
    ASSERT(got >= 7 * 200 + 700);
}

TEST(log_that_cannot_be_made_is_counted)
{
    begin(4096);
    ASSERT(shim_log_init(&log_, "/dev/null/log", 4096));
    write_numbers(0, 100);
    ASSERT_EQ(shim_log_dropped(&log_), 700);
}

TEST(log_reader_finds_the_last_lines)
{
    begin(1 << 20);
    uint64_t at;
    ASSERT_EQ(log_reader_tail(path, UINT64_MAX, 5, 1000, &at, NULL), 0);
    ASSERT_EQ(at, 0);
    shim_log_write(&log_, "a\nbb\nccc", 8);
    static const unsigned expect[] = {8, 5, 2, 0, 0};
    for (unsigned lines = 0; lines < 5; lines++) {
        ASSERT_EQ(log_reader_tail(path, UINT64_MAX, lines, 1000, &at, NULL), 0);
        ASSERT_EQ(at, expect[lines]);
    }
    shim_log_write(&log_, "\n", 1);
    ASSERT_EQ(log_reader_tail(path, UINT64_MAX, 1, 1000, &at, NULL), 0);
    ASSERT_EQ(at, 5);
    ASSERT_EQ(log_reader_tail(path, UINT64_MAX, 9, 4, &at, NULL), 0);
    ASSERT_EQ(at, 5);
}

TEST(log_reader_refuses_a_tail_that_is_not_ours)
{
    begin(1 << 20);
    char name[100];
    snprintf(name, sizeof name, "%s.2", path);
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    ASSERT_EQ(write(fd, "hello\n", 6), 6);
    close(fd);
    struct err err = {0};
    uint64_t at;
    ASSERT_EQ(log_reader_end(path, &at, &err), ERR_DAMAGED);
    ASSERT(strstr(err.text, "log.2"));
}

TEST(capture_is_bounded_and_counts_the_rest)
{
    begin(1 << 20);
    ASSERT(
        shim_capture_init(&capture, (enum shim_line_mode[]){SHIM_LINE_ALL, SHIM_LINE_NONE}, dir));
    static char piece[60001];
    memset(piece, 'x', sizeof piece - 1);
    piece[sizeof piece - 1] = '\n';
    for (int i = 0; i < 1200; i++)
        shim_capture_take(&capture, SHIM_CAPTURE_OUT, piece, sizeof piece);
    char name[100];
    struct stat st;
    enum { MARK = sizeof SHIM_CAPTURE_FULL - 1 };
    snprintf(name, sizeof name, "%s/" SHIM_STDOUT_FILE, dir);
    ASSERT_EQ(stat(name, &st), 0);
    long kept = (long)st.st_size - MARK;
    ASSERT(kept <= LIMIT_LOG_BYTES && kept > LIMIT_LOG_BYTES - (long)sizeof piece);
    ASSERT_EQ(kept % (long)sizeof piece, 0);
    ASSERT_EQ(capture.dropped, 1200 * sizeof piece - (size_t)kept);
    ASSERT_EQ(capture.lost, 0);
}

TEST(capture_never_leaves_half_a_line)
{
    begin(1 << 20);
    ASSERT(
        shim_capture_init(&capture, (enum shim_line_mode[]){SHIM_LINE_JSON, SHIM_LINE_NONE}, dir));
    shim_capture_take(&capture, SHIM_CAPTURE_OUT, "{\"a\":1}\n", 8);
    limit_files(12);
    shim_capture_take(&capture, SHIM_CAPTURE_OUT, "{\"b\":2}\n", 8);
    limit_files(RLIM_INFINITY);
    shim_capture_take(&capture, SHIM_CAPTURE_OUT, "{\"c\":3}\n", 8);
    char name[100], text[64] = "";
    snprintf(name, sizeof name, "%s/" SHIM_STDOUT_FILE, dir);
    int fd = open(name, O_RDONLY);
    ASSERT(read(fd, text, sizeof text - 1) > 0);
    close(fd);
    ASSERT_STR(text, "{\"a\":1}\n{\"c\":3}\n");
    ASSERT_EQ(capture.lost, 8); /* and no end of training is a good one then */
}

/* Training can put a link where the shim is about to write. The file that it names stays as it is,
 * and the output is counted as dropped. */
TEST(shim_log_follows_no_symbolic_link)
{
    static const char *const names[] = {"log", "log.new"};
    char other[100], name[100], text[10] = "";
    begin(400);
    snprintf(other, sizeof other, "%s/" SHIM_STDOUT_FILE, dir);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        FILE *f = fopen(other, "wb");
        ASSERT(f && fputs("other\n", f) >= 0 && fclose(f) == 0);
        snprintf(name, sizeof name, "%s/%s", dir, names[i]);
        unlink(name);
        ASSERT_EQ(symlink(other, name), 0);
        write_numbers(0, 200);
        f = fopen(other, "rb");
        ASSERT(f);
        ASSERT_EQ(fread(text, 1, sizeof text, f), 6);
        fclose(f);
    }
    ASSERT(shim_log_dropped(&log_) > 0);
}
