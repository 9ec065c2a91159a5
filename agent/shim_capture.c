/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/shim_record.h"

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
    c->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return c->fd >= 0;
}

static void say(struct shim_log *log, const char *text)
{
    shim_log_write(log, text, strlen(text));
}

static void write_line(struct shim_capture *c, struct shim_log *log)
{
    if (c->full)
        return;
    if (c->written + c->len > LIMIT_LOG_BYTES) {
        c->full = true;
        say(log, "[besom: too much on stdout: no more metrics are read from it]\n");
        return;
    }
    ssize_t n;
    do
        n = write(c->fd, c->line, c->len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)c->len) {
        c->written += c->len;
        return;
    }
    /* Half a line would run into the next one. */
    if (ftruncate(c->fd, (off_t)c->written) != 0)
        c->full = true;
}

static void end_line(struct shim_capture *c, struct shim_log *log)
{
    if (!c->skipping && c->len > 0) {
        c->line[c->len++] = '\n';
        write_line(c, log);
    }
    c->len = 0;
    c->skipping = false;
}

static bool is_blank(char b)
{
    return b == ' ' || b == '\t' || b == '\r';
}

/* Gathers a piece of a line, without its newline. */
static void gather(struct shim_capture *c, const char *bytes, size_t len, struct shim_log *log)
{
    if (c->mode == SHIM_CAPTURE_JSON && c->len == 0 && !c->skipping) {
        while (len > 0 && is_blank(*bytes)) {
            bytes++;
            len--;
        }
        c->skipping = len > 0 && *bytes != '{';
    }
    if (c->skipping || len == 0)
        return;
    if (len > LIMIT_METRIC_LINE_BYTES - c->len) {
        c->skipping = true;
        if (!c->said_long)
            say(log, "[besom: a line too long on stdout is not read for metrics]\n");
        c->said_long = true;
        return;
    }
    memcpy(c->line + c->len, bytes, len);
    c->len += len;
}

void shim_capture_take(struct shim_capture *c, const char *bytes, size_t len, struct shim_log *log)
{
    if (c->fd < 0)
        return;
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t part = newline ? (size_t)(newline - bytes) : len;
        gather(c, bytes, part, log);
        if (newline) {
            end_line(c, log);
            part++;
        }
        bytes += part;
        len -= part;
    }
}

void shim_capture_finish(struct shim_capture *c, struct shim_log *log)
{
    if (c->fd >= 0)
        end_line(c, log);
}
