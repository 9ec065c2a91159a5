/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream.h"

#include <stdio.h>

#include "base/limits.h"

void stream_begin(struct stream *s, const struct stream_handler *handler)
{
    s->handler = *handler;
    stream_resume(s);
}

void stream_write(struct stream *s, const void *head, size_t head_len, const void *bytes,
                  size_t len)
{
    if (s->closed || s->ending)
        return;
    if (s->type->unsent(s) > LIMIT_LINK_QUEUE_BYTES)
        stream_close(s, "the peer does not read its messages");
    else
        s->type->write(s, head, head_len, len > 0 ? bytes : "", len);
}

size_t stream_unsent(const struct stream *s)
{
    return s->closed ? 0 : s->type->unsent(s);
}

void stream_pause(struct stream *s)
{
    if (!s->closed && !s->ending)
        s->type->read(s, false);
}

void stream_resume(struct stream *s)
{
    if (!s->closed && !s->ending)
        s->type->read(s, true);
}

void stream_close(struct stream *s, const char *why)
{
    if (s->closed)
        return;
    s->closed = true;
    if (!s->ending) /* else the reason is known */
        snprintf(s->why, sizeof s->why, "%s", why);
    s->type->close(s);
}

void stream_end(struct stream *s, const char *why)
{
    if (s->closed || s->ending)
        return;
    s->ending = true;
    snprintf(s->why, sizeof s->why, "%s", why);
    s->type->end(s);
}

void stream_sent(struct stream *s)
{
    if (!s->closed && !s->ending && s->handler.sent)
        s->handler.sent(s->handler.arg);
}

void stream_down(struct stream *s)
{
    if (s->handler.down)
        s->handler.down(s->handler.arg, s->why);
}
