/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"

enum {
    CHUNK_BYTES = LIMIT_METRIC_BATCH_BYTES,
    PIECE_BYTES = 64 << 10,
    SKIPS_MAX = 256,
    COUNTS_MAX = 1024, /* pieces of a file whose lines are counted after a restart */
};

static ssize_t read_at(int fd, char *bytes, size_t len, uint64_t place)
{
    ssize_t n;
    do
        n = pread(fd, bytes, len, (off_t)place);
    while (n < 0 && errno == EINTR);
    return n;
}

void spool_seek(struct spool *s, uint64_t offset)
{
    *s = (struct spool){.offset = offset, .base = s->base < offset ? s->base : offset};
}

static uint64_t place_of(const struct spool *s)
{
    return s->offset - s->base;
}

/* An offset that does not follow a newline must be inside a line that was skipped as too long;
 * otherwise the file's bytes have changed since they were read. */
static bool follows_what_was_read(int fd, uint64_t place)
{
    char before[LIMIT_METRIC_LINE_BYTES + 1];
    size_t want = place < sizeof before ? (size_t)place : sizeof before;
    if (read_at(fd, before, want, place - want) != (ssize_t)want)
        return false;
    return before[want - 1] == '\n' ||
           (want == sizeof before && !memchr(before, '\n', sizeof before));
}

/* Whether the file still begins with the bytes that were read. */
static bool is_continued(const struct spool *s, int fd, const struct stat *st)
{
    uint64_t place = place_of(s), size = (uint64_t)st->st_size;
    char bytes[SPOOL_MARK_BYTES];
    if (place == 0)
        return true;
    if (size < place)
        return false;
    if (size == place && (s->mark_len == 0 || (s->changed.tv_sec == st->st_mtim.tv_sec &&
                                               s->changed.tv_nsec == st->st_mtim.tv_nsec)))
        return true;
    if (s->mark_len == 0)
        return follows_what_was_read(fd, place);
    return read_at(fd, bytes, s->mark_len, place - s->mark_len) == (ssize_t)s->mark_len &&
           memcmp(bytes, s->mark, s->mark_len) == 0;
}

static void begin_anew(struct spool *s)
{
    s->base = s->offset;
    s->line = 1;
    s->mark_len = 0;
    s->rewritten = true;
}

/* Moves the offset over bytes that were read. */
static void spool_consume(struct spool *s, const char *bytes, size_t n)
{
    size_t fresh = n < SPOOL_MARK_BYTES ? n : SPOOL_MARK_BYTES;
    size_t kept = s->mark_len < SPOOL_MARK_BYTES - fresh ? s->mark_len : SPOOL_MARK_BYTES - fresh;
    memmove(s->mark, s->mark + s->mark_len - kept, kept);
    memcpy(s->mark + kept, bytes + n - fresh, fresh);
    s->mark_len = kept + fresh;
    s->offset += n;
}

/* Finds the number of the line at the offset, for messages; not in a file of many megabytes. */
static void count_lines(struct spool *s, int fd)
{
    char bytes[PIECE_BYTES];
    uint64_t left = place_of(s), place = 0, lines = 1;
    if (s->line > 0 || left > (uint64_t)COUNTS_MAX * PIECE_BYTES)
        return;
    while (left > 0) {
        ssize_t n = read_at(fd, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes, place);
        if (n <= 0)
            return;
        for (const char *p = bytes; (p = memchr(p, '\n', (size_t)(bytes + n - p))); p++)
            lines++;
        place += (uint64_t)n;
        left -= (uint64_t)n;
    }
    s->line = lines;
}

/* Moves the offset over bytes without reading them. */
static void spool_skip(struct spool *s, uint64_t n)
{
    s->offset += n;
    s->mark_len = 0;
}

/* Skips a hole at the offset: it may span terabytes, which would take hours to read. */
static void leave_hole(struct spool *s, int fd, uint64_t size)
{
    uint64_t place = place_of(s);
    off_t data = lseek(fd, (off_t)place, SEEK_DATA);
    uint64_t end = data >= 0 ? (uint64_t)data : errno == ENXIO ? size : place;
    if (end > place && place < size)
        spool_skip(s, (end < size ? end : size) - place);
}

/* Consumes the rest of a line that was given up as too long, or as much as one call may read.
 * Returns 0, or -1 with errno. */
static int leave_long_line(struct spool *s, int fd, uint64_t size)
{
    char bytes[PIECE_BYTES];
    if (place_of(s) == 0 || read_at(fd, bytes, 1, place_of(s) - 1) != 1 || bytes[0] == '\n')
        return 0;
    for (int i = 0; i < SKIPS_MAX; i++) {
        leave_hole(s, fd, size);
        ssize_t n = read_at(fd, bytes, sizeof bytes, place_of(s));
        if (n <= 0)
            return (int)n;
        const char *newline = memchr(bytes, '\n', (size_t)n);
        spool_consume(s, bytes, newline ? (size_t)(newline - bytes) + 1 : (size_t)n);
        if (newline) {
            s->line += s->line > 0;
            return 0;
        }
    }
    s->more = true;
    return 0;
}

/* Takes the lines of bytes[0…n), which begin at s->offset; at_end: they reach the file's end. */
static void take_lines(struct spool *s, const char *bytes, size_t n, bool at_end, bool ended,
                       struct buf *out)
{
    size_t done = 0;
    while (done < n) {
        const char *newline = memchr(bytes + done, '\n', n - done);
        size_t len = newline ? (size_t)(newline - (bytes + done)) : n - done;
        bool too_long = len > LIMIT_METRIC_LINE_BYTES;
        if (!newline && !too_long && !(ended && at_end))
            break;
        if (!too_long)
            buf_add(out, bytes + done, len);
        else if (s->long_lines++ == 0)
            s->long_line = s->line;
        buf_addc(out, '\n');
        done += len + (newline ? 1 : 0);
        s->line += s->line > 0 && newline;
    }
    spool_consume(s, bytes, done);
}

static int read_lines(struct spool *s, int fd, uint64_t size, bool ended, struct buf *out)
{
    count_lines(s, fd);
    int rc = leave_long_line(s, fd, size);
    if (rc != 0 || s->more || size <= place_of(s))
        return rc;
    if (place_of(s) >= LIMIT_METRIC_FILE_BYTES) {
        s->long_lines++;
        s->long_line = s->line;
        s->line = 0;
        spool_skip(s, size - place_of(s));
        return 0;
    }
    uint64_t left = size - place_of(s), before = s->offset;
    s->first_line = s->line;
    /* Leaves a byte for a newline, which may be missing after the last line. */
    size_t want = left < CHUNK_BYTES - 1 ? (size_t)left : CHUNK_BYTES - 1;
    char *bytes = mem_alloc(want);
    ssize_t n = read_at(fd, bytes, want, place_of(s));
    if (n > 0)
        take_lines(s, bytes, (size_t)n, (uint64_t)n == left, ended, out);
    s->more = n > 0 && left > (uint64_t)n && s->offset > before;
    mem_free(bytes);
    return n < 0 ? -1 : 0;
}

static int read_until(struct spool *s, int fd, uint64_t size, bool ended, struct buf *out)
{
    uint64_t stop = s->stop > s->base ? s->stop - s->base : 0, before = s->offset;
    bool early = s->stop > 0 && stop < size;
    if (early && stop <= place_of(s))
        return 0;
    int rc = read_lines(s, fd, early ? stop : size, ended && !early, out);
    s->more |= early && s->offset > before;
    return rc;
}

int spool_read(struct spool *s, const char *path, bool ended, struct buf *out, struct err *err)
{
    s->more = s->rewritten = false;
    s->first_line = s->long_lines = s->long_line = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO must not block us */
    if (fd < 0 && errno == ENOENT) {
        if (place_of(s) > 0)
            begin_anew(s);
        return 0;
    }
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    struct stat st = {0};
    int rc = fstat(fd, &st);
    if (rc == 0 && !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(err, ERR_IO, "%s is not a file: it has been replaced", path);
    }
    if (rc == 0 && !is_continued(s, fd, &st))
        begin_anew(s);
    if (rc == 0 && (uint64_t)st.st_size > place_of(s))
        rc = read_until(s, fd, (uint64_t)st.st_size, ended, out);
    s->changed = st.st_mtim;
    int e = errno;
    close(fd);
    return rc == 0 ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(e));
}
