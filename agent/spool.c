/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"

enum { CHUNK_BYTES = LIMIT_METRIC_BATCH_BYTES, SKIP_BYTES = 64 << 10, SKIPS_MAX = 256 };

static ssize_t read_at(int fd, char *bytes, size_t len, uint64_t offset)
{
    ssize_t n;
    do
        n = pread(fd, bytes, len, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n;
}

/* An offset that does not follow a newline is inside a line that was given up as too long. Consumes
 * the rest of it, or as much as may be read in one go. Returns 0, or -1 with errno. */
static int leave_long_line(struct spool *s, int fd)
{
    char bytes[SKIP_BYTES];
    if (s->offset == 0 || read_at(fd, bytes, 1, s->offset - 1) != 1 || bytes[0] == '\n')
        return 0;
    for (int i = 0; i < SKIPS_MAX; i++) {
        ssize_t n = read_at(fd, bytes, sizeof bytes, s->offset);
        if (n <= 0)
            return (int)n;
        const char *newline = memchr(bytes, '\n', (size_t)n);
        s->offset += newline ? (uint64_t)(newline - bytes) + 1 : (uint64_t)n;
        if (newline)
            return 0;
    }
    s->more = true;
    return 0;
}

/* Takes the lines of bytes[0…n), which stand at s->offset and reach the end of the file if at_end.
 */
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
        if (too_long) {
            s->long_lines++;
        } else {
            buf_add(out, bytes + done, len);
            buf_addc(out, '\n');
        }
        done += len + (newline ? 1 : 0);
    }
    s->offset += done;
}

int spool_read(struct spool *s, const char *path, bool ended, struct buf *out, struct err *err)
{
    s->more = false;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO would have us wait */
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    struct stat st = {0};
    int rc = fstat(fd, &st);
    if (rc == 0 && !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(err, ERR_IO, "%s is no file: it has been replaced", path);
    }
    s->shrunk = rc == 0 && (uint64_t)st.st_size < s->offset;
    if (rc == 0 && !s->shrunk && (uint64_t)st.st_size > s->offset)
        rc = leave_long_line(s, fd);
    if (rc == 0 && !s->shrunk && !s->more && (uint64_t)st.st_size > s->offset) {
        uint64_t left = (uint64_t)st.st_size - s->offset;
        /* One byte of room for the newline that a last line may lack. */
        size_t want = left < CHUNK_BYTES - 1 ? (size_t)left : CHUNK_BYTES - 1;
        char *bytes = mem_alloc(want);
        ssize_t n = read_at(fd, bytes, want, s->offset);
        uint64_t before = s->offset;
        if (n > 0)
            take_lines(s, bytes, (size_t)n, (uint64_t)n == left, ended, out);
        s->more = n > 0 && left > (uint64_t)n && s->offset > before;
        rc = n < 0 ? -1 : 0;
        mem_free(bytes);
    }
    int e = errno;
    close(fd);
    return rc == 0 ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(e));
}
