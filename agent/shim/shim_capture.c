/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/shim/shim_record.h"

bool shim_capture_init(struct shim_capture *c, enum shim_capture_mode mode, const char *dir)
{
    c->mode = mode;
    c->fd = -1;
    if (mode == SHIM_CAPTURE_NONE)
        return true;
    char path[SHIM_LOG_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/" SHIM_STDOUT_FILE, dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    c->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600);
    return c->fd >= 0;
}

/* False where not all of it could be written; none of it is there then. */
static bool capture_append(struct shim_capture *c, const char *bytes, size_t len)
{
    ssize_t n;
    do
        n = write(c->fd, bytes, len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)len) {
        c->written += len;
        return true;
    }
    /* Half a line would run into the next one. */
    if (ftruncate(c->fd, (off_t)c->written) != 0)
        c->full = true;
    return false;
}

static void write_lines(struct shim_capture *c)
{
    static const char full[] = SHIM_CAPTURE_FULL;
    if (!c->full && c->written + c->done > LIMIT_LOG_BYTES) {
        c->full = true;
        (void)capture_append(c, full, sizeof full - 1);
    }
    if (c->full)
        c->dropped += c->done;
    else if (!capture_append(c, c->text, c->done))
        c->lost += c->done;
}

static void capture_flush(struct shim_capture *c)
{
    if (c->done == 0)
        return;
    write_lines(c);
    memmove(c->text, c->text + c->done, c->len - c->done);
    c->len -= c->done;
    c->done = 0;
}

/* Leaves room for one more line of the greatest length. */
static void end_line(struct shim_capture *c)
{
    if (!c->skipping && c->len > c->done) {
        c->text[c->len++] = '\n';
        c->done = c->len;
    }
    c->skipping = false;
    c->line++;
    if (sizeof c->text - c->len < LIMIT_METRIC_LINE_BYTES + 1)
        capture_flush(c);
}

static bool is_blank(char b)
{
    return b == ' ' || b == '\t' || b == '\r';
}

/* Gathers a piece of a line, without its newline. */
static void capture_gather(struct shim_capture *c, const char *bytes, size_t len)
{
    if (c->mode == SHIM_CAPTURE_JSON && c->len == c->done && !c->skipping) {
        while (len > 0 && is_blank(*bytes)) {
            bytes++;
            len--;
        }
        c->skipping = len > 0 && *bytes != '{';
    }
    if (c->skipping || len == 0)
        return;
    if (len > LIMIT_METRIC_LINE_BYTES - (c->len - c->done)) {
        c->skipping = true;
        c->len = c->done;
        c->len += (size_t)snprintf(c->text + c->len, sizeof c->text - c->len,
                                   SHIM_CAPTURE_LONG "%" PRIu64 "\n", c->line + 1);
        c->done = c->len;
        return;
    }
    memcpy(c->text + c->len, bytes, len);
    c->len += len;
}

void shim_capture_take(struct shim_capture *c, const char *bytes, size_t len)
{
    if (c->fd < 0)
        return;
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t part = newline ? (size_t)(newline - bytes) : len;
        capture_gather(c, bytes, part);
        if (newline) {
            end_line(c);
            part++;
        }
        bytes += part;
        len -= part;
    }
    capture_flush(c);
}

void shim_capture_finish(struct shim_capture *c)
{
    if (c->fd < 0)
        return;
    end_line(c);
    capture_flush(c);
}
