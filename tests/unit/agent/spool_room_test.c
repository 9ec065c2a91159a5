/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/spool_room.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/metrics/metric_reader.h"
#include "tests/test.h"

enum { LINES = 40000, KEPT = SPOOL_ROOM_KEPT_BYTES };

static char dir[64];

/* A folder with a metrics file of numbered lines. */
static uint64_t begin(void)
{
    char path[128];
    snprintf(dir, sizeof dir, "/tmp/besom-spool-XXXXXX");
    ASSERT(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/metrics", dir);
    FILE *f = fopen(path, "w");
    ASSERT(f);
    for (int i = 0; i < LINES; i++)
        fprintf(f, "{\"step\":%d,\"loss\":%d.5}\n", i, i);
    uint64_t size = (uint64_t)ftell(f);
    fclose(f);
    return size;
}

static void end(void)
{
    static const char *const names[] = {"metrics", "metrics.base", "gaps", "log", "log.1", "log.2"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

static uint64_t used(void)
{
    return spool_room_used(dir, "/nowhere");
}

/* Reads all that is left from an offset on; returns the number of lines, and the first one's. */
static uint64_t read_all(uint64_t from, int *ret_first)
{
    struct metric_reader *r = metric_reader_new(NULL);
    struct metric_batch batch;
    struct buf out;
    uint64_t lines = 0;
    *ret_first = -1;
    do {
        buf_init(&out, SIZE_MAX);
        ASSERT_EQ(metric_reader_read(r, dir, 0, from, true, &out, &batch, NULL), 0);
        ASSERT_EQ(batch.drops.long_lines + batch.drops.bad_lines, 0);
        ASSERT_EQ(batch.rewrites, 0);
        const char *text = buf_str(&out);
        if (*ret_first < 0 && *text)
            ASSERT_EQ(sscanf(text, "{\"step\":%d,", ret_first), 1);
        for (const char *p = text; (p = strchr(p, '\n')); p++)
            lines++;
        from = batch.to;
        buf_done(&out);
    } while (batch.more);
    metric_reader_free(r);
    return lines;
}

TEST(oldest_lines_are_given_up_and_counted)
{
    uint64_t size = begin(), before = used(), from = 0;
    struct spool_gap gap = {.stream = 0};
    int first;
    ASSERT_EQ(spool_room_lines_left(dir, "metrics", 0, 0, &from), size - KEPT);
    ASSERT_EQ(spool_room_drop_lines(dir, "metrics", 0, size / 2, &gap, NULL), 0);
    ASSERT(gap.to > size / 3 && gap.to <= size / 2 && gap.lines > LINES / 3);
    ASSERT(used() + gap.to / 2 < before);
    ASSERT_EQ(read_all(0, &first), LINES - gap.lines);
    ASSERT_EQ(first, (int)gap.lines);
    ASSERT_EQ(spool_gaps_lines(dir, 1), gap.lines);
    ASSERT_EQ(spool_gaps_lines(dir, 0), 0);
    /* Once more, behind the gap; the newest lines stay, however much is wanted. */
    struct spool_gap next = {.from = 0};
    uint64_t left = spool_room_lines_left(dir, "metrics", 0, 0, &next.from);
    ASSERT_EQ(next.from, gap.to);
    ASSERT_EQ(left, size - KEPT - gap.to);
    ASSERT_EQ(spool_room_drop_lines(dir, "metrics", 0, 10 * size, &next, NULL), 0);
    ASSERT(size - next.to >= KEPT);
    ASSERT_EQ(read_all(0, &first), LINES - gap.lines - next.lines);
    ASSERT_EQ(first, (int)(gap.lines + next.lines));
    /* A controller that has a part of what was given up. */
    ASSERT_EQ(read_all(gap.to / 2, &first), LINES - gap.lines - next.lines);
    end();
}

TEST(lines_before_a_gap_are_read)
{
    uint64_t size = begin();
    struct spool_gap gap = {.stream = 0};
    int first;
    char line[64];
    gap.from = (uint64_t)snprintf(line, sizeof line, "{\"step\":0,\"loss\":0.5}\n");
    ASSERT_EQ(spool_room_drop_lines(dir, "metrics", 0, size / 2, &gap, NULL), 0);
    ASSERT_EQ(read_all(0, &first), LINES - gap.lines);
    ASSERT_EQ(first, 0);
    end();
}

TEST(what_the_controller_has_is_freed_without_a_gap)
{
    uint64_t size = begin(), before = used(), from = 0;
    int first;
    char line[64];
    for (int i = 0; i < LINES - 10; i++)
        from += (uint64_t)snprintf(line, sizeof line, "{\"step\":%d,\"loss\":%d.5}\n", i, i);
    ASSERT(spool_room_drop_sent(dir, "metrics", 0, from) > size / 2);
    ASSERT(used() + size / 2 < before);
    ASSERT_EQ(spool_room_drop_sent(dir, "metrics", 0, from), 0);
    ASSERT_EQ(read_all(from, &first), 10);
    ASSERT_EQ(first, LINES - 10);
    end();
}

TEST(logs_keep_their_beginning_and_end)
{
    char path[80], file[96];
    static char bytes[200 << 10];
    struct stat st;
    begin();
    snprintf(path, sizeof path, "%s/log", dir);
    static const char *const suffixes[] = {"", ".1"};
    for (int i = 0; i < 2; i++) {
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        int fd = open(file, O_CREAT | O_WRONLY, 0600);
        ASSERT_EQ(write(fd, bytes, sizeof bytes), (ssize_t)sizeof bytes);
        close(fd);
    }
    ASSERT_EQ(spool_room_drop_log(path), 0); /* the shim still writes to the first file */
    snprintf(file, sizeof file, "%s.2", path);
    close(open(file, O_CREAT | O_WRONLY, 0600));
    ASSERT(spool_room_drop_log(path) >= 2 * sizeof bytes - SPOOL_ROOM_LOG_BYTES);
    ASSERT_EQ(stat(path, &st), 0);
    ASSERT_EQ(st.st_size, SPOOL_ROOM_LOG_BYTES);
    ASSERT_EQ(spool_room_drop_log(path), 0);
    end();
}

TEST(files_that_are_not_the_trial_s_are_left)
{
    char path[128];
    struct spool_gap gap = {.stream = 0};
    uint64_t from = 0;
    begin();
    snprintf(path, sizeof path, "%s/metrics", dir);
    unlink(path);
    ASSERT_EQ(symlink("/etc/passwd", path), 0);
    ASSERT_EQ(spool_room_drop_sent(dir, "metrics", 0, 1 << 30), 0);
    ASSERT_EQ(spool_room_lines_left(dir, "metrics", 0, 0, &from), 0);
    ASSERT_EQ(spool_room_drop_lines(dir, "metrics", 0, 100, &gap, NULL), 0);
    ASSERT_EQ(gap.to, gap.from);
    end();
}
