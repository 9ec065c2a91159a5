/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/link.h"

#include <stdio.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/dial.h"
#include "net/framing.h"
#include "net/socket.h"
#include "net/stream.h"
#include "net/tls/secret.h"

struct link {
    struct stream *stream;
    uv_timer_t timer;
    struct link_handler handler;
    struct framing framing;
    struct dial *dial; /* until the WebSocket is open */
    bool up, paused, closed;
    bool rested;      /* bytes arrived before the link existed; the timer hands them out */
    int code, status; /* of a refusal */
    char why[192];
    uint64_t heard_ms, sent_ms, due_ms; /* when the timer is to fire */
};

static void link_free(struct link *l)
{
    framing_done(&l->framing);
    if (l->dial)
        dial_done(l->dial);
    mem_free(l->dial);
    mem_free(l);
}

static void link_on_closed(uv_handle_t *handle)
{
    struct link *l = handle->data;
    uint64_t silent_ms = uv_now(handle->loop) - l->heard_ms;
    if (l->code != 0 && l->code != ERR_UNREACHABLE && l->handler.refused)
        l->handler.refused(l->handler.arg, l->code, l->status, l->why);
    l->handler.down(l->handler.arg, l->why, (int64_t)silent_ms);
    link_free(l);
}

static void link_on_down(void *arg, const char *why)
{
    struct link *l = arg;
    struct err err = {0};
    snprintf(l->why, sizeof l->why, "%s", why);
    if (l->code == 0)
        l->code = l->stream->code;
    if (!l->closed && l->dial && dial_close(l->dial, &l->status, &err) < 0) {
        l->code = err.code;
        snprintf(l->why, sizeof l->why, "%s", err.text);
    }
    l->closed = true;
    l->stream = NULL;
    uv_close((uv_handle_t *)&l->timer, link_on_closed);
}

void link_close(struct link *l, const char *why)
{
    if (l->closed)
        return;
    l->closed = true;
    if (l->up)
        framing_end(&l->framing, l->stream, why);
    stream_close(l->stream, why);
}

static void link_hand_out(struct link *l)
{
    const char *text;
    size_t len;
    struct err err = {0};
    int rc = 1;
    while (!l->closed && !l->paused &&
           (rc = framing_next(&l->framing, l->stream, &text, &len, &err)) == 1)
        if (len > 0) /* else a beat */
            l->handler.frame(l->handler.arg, text, len);
    if (rc < 0)
        link_close(l, err.text);
}

static void link_on_open(struct link *l)
{
    l->up = true;
    if (l->handler.up)
        l->handler.up(l->handler.arg);
}

/* Bytes of the handshake; those after it are left in *bytes. */
static void link_read_dial(struct link *l, const char **bytes, size_t *len)
{
    struct err err = {0};
    int rc = dial_read(l->dial, bytes, len, &l->status, &err);
    if (rc < 0) {
        l->code = rc;
        link_close(l, err.text);
    } else if (rc > 0) {
        dial_done(l->dial);
        mem_free(l->dial);
        l->dial = NULL;
        link_on_open(l);
    }
}

static void link_on_read(void *arg, const char *bytes, size_t len)
{
    struct link *l = arg;
    struct err err = {0};
    l->heard_ms = uv_now(l->timer.loop);
    if (l->dial)
        link_read_dial(l, &bytes, &len);
    if (l->closed || l->dial)
        return;
    if (framing_feed(&l->framing, bytes, len, &err) != 0)
        link_close(l, err.text);
    else
        link_hand_out(l);
}

static void link_arm(struct link *l);

static void link_on_timer(uv_timer_t *timer)
{
    struct link *l = timer->data;
    uint64_t now = uv_now(timer->loop);
    if (l->closed)
        return;
    if (l->rested) {
        l->rested = false;
        link_hand_out(l);
        if (!l->closed)
            link_arm(l);
        return;
    }
    /* We were stopped or delayed: messages that the peer sent meanwhile have not been read yet. */
    if (l->paused || now - l->due_ms > l->handler.beat_ms)
        l->heard_ms = now;
    if (now - l->heard_ms >= l->handler.silent_ms) {
        char why[64];
        snprintf(why, sizeof why, l->up ? "no message for %g s" : "no connection within %g s",
                 l->handler.silent_ms / 1000.0);
        link_close(l, why);
        return;
    }
    if (now - l->sent_ms >= l->handler.beat_ms) {
        if (l->up)
            link_send(l, "", 0);
        l->sent_ms = now;
    }
    link_arm(l);
}

static void link_arm(struct link *l)
{
    uint64_t now = uv_now(l->timer.loop), beat = l->sent_ms + l->handler.beat_ms,
             silence = l->heard_ms + l->handler.silent_ms;
    l->due_ms = beat < silence ? beat : silence;
    uv_timer_start(&l->timer, link_on_timer, l->due_ms > now ? l->due_ms - now : 0, 0);
}

static void link_on_up(void *arg)
{
    struct link *l = arg;
    l->heard_ms = uv_now(l->timer.loop);
    if (l->dial)
        stream_write(l->stream, buf_str(&l->dial->request), l->dial->request.len, NULL, 0);
    else
        link_on_open(l);
}

static struct link *link_new(const struct link_handler *handler, enum framing_kind kind)
{
    struct link *l = mem_alloc(sizeof *l);
    l->handler = *handler;
    if (l->handler.beat_ms == 0)
        l->handler.beat_ms = LINK_BEAT_MS;
    if (l->handler.silent_ms == 0)
        l->handler.silent_ms = LINK_SILENT_MS;
    framing_init(&l->framing, kind);
    return l;
}

static struct link *link_begin(struct link *l, uv_loop_t *loop, int rc)
{
    if (rc != 0) {
        link_free(l);
        return NULL;
    }
    uv_timer_init(loop, &l->timer);
    l->timer.data = l;
    l->heard_ms = l->sent_ms = uv_now(loop);
    link_arm(l);
    return l;
}

static struct stream_handler link_stream_handler(struct link *l)
{
    return (struct stream_handler){
        .up = link_on_up, .read = link_on_read, .down = link_on_down, .arg = l};
}

int link_open(uv_loop_t *loop, int fd, const struct link_handler *handler, struct link **ret,
              struct err *err)
{
    struct link *l = link_new(handler, FRAMING_LENGTH);
    struct stream_handler stream = link_stream_handler(l);
    l->up = true;
    int rc = socket_open(loop, fd, &stream, &l->stream, err);
    l = link_begin(l, loop, rc);
    if (l)
        *ret = l;
    return rc;
}

int link_connect(uv_loop_t *loop, const char *address, const struct link_handler *handler,
                 struct link **ret, struct err *err)
{
    struct link *l = link_new(handler, FRAMING_LENGTH);
    struct stream_handler stream = link_stream_handler(l);
    int rc = socket_connect(loop, address, &stream, &l->stream, err);
    l = link_begin(l, loop, rc);
    if (l)
        *ret = l;
    return rc;
}

/* A link that takes over s. */
static struct link *link_take(struct link *l, uv_loop_t *loop, struct stream *s)
{
    struct stream_handler stream = link_stream_handler(l);
    l->stream = s;
    link_begin(l, loop, 0);
    stream_begin(s, &stream);
    return l;
}

struct link *link_accept(uv_loop_t *loop, struct stream *s, const struct link_handler *handler)
{
    struct link *l = link_new(handler, FRAMING_LENGTH);
    l->up = true;
    return link_take(l, loop, s);
}

struct link *link_accept_web(uv_loop_t *loop, struct stream *s, const char *rest, size_t len,
                             const struct link_handler *handler)
{
    struct link *l = link_new(handler, FRAMING_WEB_SERVER);
    l->up = true;
    link_take(l, loop, s);
    if (len > 0) { /* the caller has no link yet: its frames come from the loop */
        web_socket_feed(&l->framing.socket, rest, len);
        l->rested = true;
        uv_timer_start(&l->timer, link_on_timer, 0, 0);
    }
    return l;
}

struct link *link_dial(uv_loop_t *loop, struct stream *s, const struct link_target *target,
                       const struct link_handler *handler)
{
    unsigned char random[16];
    struct link *l = link_new(handler, FRAMING_WEB_CLIENT);
    secret_random(random, sizeof random);
    l->dial = mem_alloc(sizeof *l->dial);
    dial_init(l->dial, target->host, target->path, target->token, random);
    return link_take(l, loop, s);
}

bool link_is_up(const struct link *l)
{
    return l->up && !l->closed;
}

void link_send(struct link *l, const char *text, size_t len)
{
    PRE(l->up);
    if (l->closed)
        return;
    if (len > LIMIT_FRAME_BYTES) {
        link_close(l, "a message for the peer is larger than a frame can be");
        return;
    }
    framing_send(&l->framing, l->stream, text, len);
    l->sent_ms = uv_now(l->timer.loop);
}

void link_pause(struct link *l)
{
    l->paused = true;
    if (!l->closed)
        stream_pause(l->stream);
}

void link_resume(struct link *l)
{
    if (!l->paused)
        return;
    l->paused = false;
    link_hand_out(l);
    if (!l->closed && !l->paused)
        stream_resume(l->stream);
}
