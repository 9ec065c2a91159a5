/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/shim/shim_log.h"
#include "agent/shim/shim_record.h"

bool shim_capture_init(struct shim_capture *c, const enum shim_line_mode modes[], const char *dir)
{
    bool wanted = false;
    c->fd = -1;
    for (int i = 0; i < SHIM_CAPTURE_STREAMS; i++) {
        c->lines[i].mode = modes[i];
        c->lines[i].max = LIMIT_METRIC_LINE_BYTES - (i == SHIM_CAPTURE_ERR); /* room for the mark */
        wanted |= modes[i] != SHIM_LINE_NONE;
    }
    if (!wanted)
        return true;
    char path[SHIM_LOG_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/" SHIM_STDOUT_FILE, dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return false;
    c->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600);
    return c->fd >= 0;
}

/* False if not all of it could be written; then none of it is kept. */
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

static void capture_flush(struct shim_capture *c)
{
    static const char full[] = SHIM_CAPTURE_FULL;
    if (c->len == 0)
        return;
    if (!c->full && c->written + c->len > LIMIT_LOG_BYTES) {
        c->full = true;
        (void)capture_append(c, full, sizeof full - 1);
    }
    if (c->full)
        c->dropped += c->len;
    else if (!capture_append(c, c->text, c->len))
        c->lost += c->len;
    c->len = 0;
}

static void capture_keep(struct shim_capture *c, const struct shim_line *l,
                         enum shim_line_event event)
{
    bool err = l == &c->lines[SHIM_CAPTURE_ERR];
    char mark[64];
    const char *text = l->text;
    size_t len = l->len;
    if (event == SHIM_LINE_LONG) {
        text = mark;
        len = (size_t)snprintf(mark, sizeof mark, SHIM_CAPTURE_LONG "%" PRIu64,
                               err ? UINT64_C(0) : l->number);
    }
    if (event == SHIM_LINE_OPEN || len == 0)
        return;
    if (sizeof c->text - c->len < len + 2)
        capture_flush(c);
    if (err && event == SHIM_LINE_ENDED)
        c->text[c->len++] = SHIM_CAPTURE_STDERR[0];
    memcpy(c->text + c->len, text, len);
    c->len += len;
    c->text[c->len++] = '\n';
}

void shim_capture_take(struct shim_capture *c, int stream, const char *bytes, size_t len)
{
    struct shim_line *l = &c->lines[stream];
    if (c->fd < 0 || l->mode == SHIM_LINE_NONE)
        return;
    while (len > 0) {
        enum shim_line_event event;
        size_t n = shim_line_take(l, bytes, len, &event);
        capture_keep(c, l, event);
        bytes += n;
        len -= n;
    }
    capture_flush(c);
}

void shim_capture_finish(struct shim_capture *c)
{
    if (c->fd < 0)
        return;
    for (int i = 0; i < SHIM_CAPTURE_STREAMS; i++)
        capture_keep(c, &c->lines[i], shim_line_finish(&c->lines[i]));
    capture_flush(c);
}
