/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/event_reader.h"
#include "net/file/file_writer.h"
#include "net/http/http_reader.h"
#include "net/http/http_sending.h"
#include "net/stream.h"

struct http_client {
    struct stream *stream; /* NULL: down */
    uv_timer_t timer;
    char *host;
    struct http_reader reader;
    struct event_reader events;
    struct buf request; /* until the stream is up */
    struct buf body;
    struct http_call call;        /* only what is needed after it was sent */
    struct http_sending *sending; /* of the request's body */
    struct file_writer *writer;   /* of the response's body */
    bool from_open, to_open; /* the files of the call are open, and neither of these two has them */
    bool whole;              /* the response has ended; its file is being written */
    size_t unsent;           /* when the timer was set */
    bool head_only;          /* the call's method is HEAD */
    bool up, calling, in_events, closing, timer_open, ended;
    struct err why; /* the connection ended */
};

static void client_drop_files(struct http_client *c)
{
    http_sending_free(c->sending);
    file_writer_free(c->writer);
    if (c->from_open)
        close(c->call.from_fd);
    if (c->to_open)
        close(c->call.to_fd);
    c->sending = NULL;
    c->writer = NULL;
    c->from_open = c->to_open = c->whole = false;
}

static void client_free_if_unused(struct http_client *c)
{
    if (!c->closing || c->stream || c->timer_open)
        return;
    http_reader_done(&c->reader);
    event_reader_done(&c->events);
    buf_done(&c->request);
    buf_done(&c->body);
    mem_free(c->host);
    mem_free(c);
}

/* Ends the call, if there is one. */
static void client_finish(struct http_client *c, const struct http_response *r)
{
    if (!c->calling || c->closing)
        return;
    c->calling = false;
    uv_timer_stop(&c->timer);
    client_drop_files(c);
    c->call.done(c->call.arg, r, r ? NULL : &c->why);
}

static void client_fail(struct http_client *c, int code, const char *text)
{
    if (c->why.code == 0)
        err_set(&c->why, code, "%s", text);
    if (c->stream)
        stream_close(c->stream, text); /* `down` finishes the call */
}

static void client_arm(struct http_client *c);

/* A peer that reads a long request is not silent, nor is one that waits for our disk. */
static void client_on_timer(uv_timer_t *timer)
{
    struct http_client *c = timer->data;
    char text[64];
    if ((c->stream && stream_unsent(c->stream) < c->unsent) ||
        (c->writer && file_writer_is_full(c->writer))) {
        client_arm(c);
        return;
    }
    snprintf(text, sizeof text, "no answer for %g s", c->call.limit_ms / 1000.0);
    client_fail(c, ERR_UNREACHABLE, text);
}

static void client_arm(struct http_client *c)
{
    c->unsent = c->stream ? stream_unsent(c->stream) : 0;
    if (c->call.limit_ms > 0)
        uv_timer_start(&c->timer, client_on_timer, c->call.limit_ms, 0);
}

static void client_write(struct http_client *c)
{
    if (c->up && c->request.len > 0 && c->stream)
        stream_write(c->stream, buf_str(&c->request), c->request.len, NULL, 0);
    if (c->up)
        buf_clear(&c->request);
}

static void client_on_wrote(void *arg, size_t len)
{
    (void)len;
    client_arm(arg);
}

static void client_on_file_sent(void *arg, bool whole)
{
    struct http_client *c = arg;
    http_sending_free(c->sending);
    c->sending = NULL;
    if (!whole)
        client_fail(c, ERR_IO, "the file that is being sent has become shorter");
}

static void client_send_file(struct http_client *c)
{
    if (!c->up || !c->from_open || !c->stream || c->call.body_len == 0)
        return;
    c->from_open = false;
    c->sending = http_sending_new(c->timer.loop, c->stream, c->call.from_fd, 0, c->call.body_len,
                                  client_on_wrote, client_on_file_sent, c);
}

static void client_on_sent(void *arg)
{
    struct http_client *c = arg;
    if (c->sending)
        http_sending_sent(c->sending);
}

static void client_on_up(void *arg)
{
    struct http_client *c = arg;
    c->up = true;
    client_write(c);
    client_send_file(c);
    if (c->calling)
        client_arm(c);
}

static void client_on_writer_ready(void *arg);
static void client_on_writer_ended(void *arg);

static void client_begin_file(struct http_client *c)
{
    const struct file_writer_handler handler = {client_on_writer_ready, client_on_writer_ended, c};
    c->to_open = false;
    c->writer = file_writer_new(c->timer.loop, c->call.to_fd, &handler);
}

static void client_on_head(struct http_client *c)
{
    const char *type = http_head_find(&c->reader.head, "content-type");
    int status = c->reader.head.status;
    c->reader.body_limit = c->call.response_limit;
    if (c->to_open && status != 200)
        c->reader.body_limit = LIMIT_HTTP_BODY_BYTES;
    else if (c->to_open)
        client_begin_file(c);
    c->reader.no_body = c->reader.no_body || c->head_only;
    c->in_events =
        c->call.event && status == 200 && type && strncasecmp(type, "text/event-stream", 17) == 0;
    if (c->in_events)
        c->reader.body_limit = UINT64_MAX; /* nothing of it is kept */
    if (!c->reader.head.keep_alive || status == 101 ||
        (c->reader.until_close && http_reader_has_body(&c->reader)))
        c->ended = true;
}

static void client_on_events(struct http_client *c)
{
    const char *bytes = c->reader.piece;
    size_t len = c->reader.piece_len;
    int rc = 0;
    while (c->calling && (rc = event_reader_step(&c->events, &bytes, &len)) == 1) {
        struct http_event e = {.id = event_reader_id(&c->events),
                               .name = event_reader_name(&c->events)};
        e.data = event_reader_data(&c->events, &e.len);
        c->call.event(c->call.arg, &e);
        if (c->closing)
            return;
    }
    if (rc < 0)
        client_fail(c, ERR_PROTOCOL, "an event is longer than 1 MiB");
}

/* The response is complete, and so is its file. */
static void client_give(struct http_client *c)
{
    struct http_head head = c->reader.head;
    struct buf body = c->body;
    struct digest digest;
    struct http_response r = {&head, buf_str(&body), body.len, NULL};
    if (c->writer) {
        digest = *file_writer_digest(c->writer);
        r.digest = &digest;
        r.body_len = file_writer_bytes(c->writer);
    }
    /* `done` may send the next call: the response is kept apart until it returns. */
    struct http_reader reader = c->reader;
    http_reader_init(&c->reader, true);
    buf_init(&c->body, SIZE_MAX);
    if (c->sending)
        c->ended = true; /* it has answered before it had the whole body */
    if (c->ended && c->stream)
        stream_end(c->stream, "the server closes the connection after this response");
    client_finish(c, &r);
    http_reader_done(&reader);
    buf_done(&body);
}

static bool client_check_file(struct http_client *c)
{
    int error = file_writer_error(c->writer);
    if (error == 0)
        return true;
    c->whole = false;
    if (c->why.code == 0)
        err_set(&c->why, ERR_IO, "the response cannot be written to its file: %s", strerror(error));
    if (c->stream)
        stream_close(c->stream, c->why.text);
    else
        client_finish(c, NULL);
    return false;
}

static void client_on_writer_ready(void *arg)
{
    struct http_client *c = arg;
    if (client_check_file(c) && c->stream)
        stream_resume(c->stream);
}

static void client_on_writer_ended(void *arg)
{
    struct http_client *c = arg;
    if (client_check_file(c))
        client_give(c);
}

static void client_on_end(struct http_client *c)
{
    if (!c->writer) {
        client_give(c);
        return;
    }
    c->whole = true;
    uv_timer_stop(&c->timer);
    file_writer_end(c->writer);
}

static bool client_is_interim(const struct http_client *c)
{
    return c->reader.head.status < 200 && c->reader.head.status != 101;
}

/* Handles one step of the reader; false at the last. */
static bool client_take(struct http_client *c, enum http_step step)
{
    if (step == HTTP_HEAD) {
        client_on_head(c);
    } else if (step == HTTP_PIECE && c->in_events) {
        client_on_events(c);
    } else if (step == HTTP_PIECE && c->writer) {
        file_writer_add(c->writer, c->reader.piece, c->reader.piece_len);
        if (file_writer_is_full(c->writer))
            stream_pause(c->stream);
    } else if (step == HTTP_PIECE) {
        buf_add(&c->body, c->reader.piece, c->reader.piece_len);
    } else if (step == HTTP_END && client_is_interim(c)) {
        http_reader_clear(&c->reader); /* the real one follows */
    } else if (step == HTTP_END) {
        client_on_end(c);
        return false;
    } else if (step == HTTP_BAD) {
        char text[160];
        snprintf(text, sizeof text, "the response cannot be read: %s", c->reader.why);
        client_fail(c, c->reader.status == 413 ? ERR_LIMIT : ERR_PROTOCOL, text);
    }
    return step != HTTP_MORE && step != HTTP_BAD;
}

static void client_on_read(void *arg, const char *bytes, size_t len)
{
    struct http_client *c = arg;
    if (!c->calling || c->whole) {
        client_fail(c, ERR_PROTOCOL, "the server sent a response that nobody asked for");
        return;
    }
    client_arm(c);
    bool more = true;
    while (more && c->stream && !c->stream->closed && !c->closing) {
        enum http_step step = http_reader_step(&c->reader, &bytes, &len);
        if (step == HTTP_END && len > 0 && !client_is_interim(c))
            c->ended = true; /* bytes that nobody asked for: they answer no later call */
        more = client_take(c, step);
    }
}

static void client_on_down(void *arg, const char *why)
{
    struct http_client *c = arg;
    int code = c->stream->code;
    bool eof = c->stream->eof; /* else a body that ends with the connection may be cut */
    c->stream = NULL;
    http_sending_free(c->sending);
    c->sending = NULL;
    if (c->closing) {
        client_free_if_unused(c);
        return;
    }
    if (c->whole)
        return; /* the connection is not needed any more */
    if (eof && c->why.code == 0 && c->calling && !http_reader_is_clear(&c->reader) &&
        http_reader_close(&c->reader) == HTTP_END) {
        client_on_end(c);
        return;
    }
    if (c->why.code == 0)
        err_set(&c->why, code != 0 ? code : ERR_UNREACHABLE, "%s", why);
    client_finish(c, NULL);
}

static void client_on_timer_closed(uv_handle_t *handle)
{
    struct http_client *c = handle->data;
    c->timer_open = false;
    client_free_if_unused(c);
}

struct http_client *http_client_new(uv_loop_t *loop, struct stream *s, const char *host)
{
    struct http_client *c = mem_alloc(sizeof *c);
    struct stream_handler handler = {.up = client_on_up,
                                     .read = client_on_read,
                                     .down = client_on_down,
                                     .arg = c,
                                     .sent = client_on_sent};
    c->stream = s;
    c->host = mem_strdup(host);
    http_reader_init(&c->reader, true);
    event_reader_init(&c->events);
    buf_init(&c->request, SIZE_MAX);
    buf_init(&c->body, SIZE_MAX);
    uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    c->timer_open = true;
    stream_begin(s, &handler);
    return c;
}

const struct stream *http_client_stream(const struct http_client *c)
{
    return c->stream;
}

bool http_client_is_open(const struct http_client *c)
{
    return c->stream && !c->stream->closed && !c->ended && !c->closing;
}

/* The call fails from the loop: never within http_client_send. */
static void client_on_too_late(uv_timer_t *timer)
{
    struct http_client *c = timer->data;
    if (c->why.code == 0)
        err_set(&c->why, ERR_UNREACHABLE, "the connection is closed");
    client_finish(c, NULL);
}

void http_client_send(struct http_client *c, const struct http_call *call)
{
    PRE(!c->calling && !c->closing);
    bool open = http_client_is_open(c);
    c->call = *call;
    c->from_open = call->from_file;
    c->to_open = call->to_file;
    c->head_only = strcmp(call->method, "HEAD") == 0;
    c->calling = true;
    if (!open) {
        uv_timer_start(&c->timer, client_on_too_late, 0, 0);
        return;
    }
    event_reader_done(&c->events);
    event_reader_init(&c->events);
    buf_addf(&c->request, "%s %s HTTP/1.1\r\nHost: %s\r\n", call->method, call->target, c->host);
    if (call->type)
        buf_addf(&c->request, "Content-Type: %s\r\n", call->type);
    if (call->body || call->from_file || strcmp(call->method, "POST") == 0)
        buf_addf(&c->request, "Content-Length: %" PRIu64 "\r\n", call->body_len);
    buf_addf(&c->request, "%s\r\n", call->headers ? call->headers : "");
    if (call->body)
        buf_add(&c->request, call->body, call->body_len);
    client_write(c);
    client_send_file(c);
    client_arm(c);
}

void http_client_close(struct http_client *c)
{
    if (!c || c->closing)
        return;
    c->closing = true;
    client_drop_files(c);
    if (c->stream)
        stream_close(c->stream, "");
    uv_close((uv_handle_t *)&c->timer, client_on_timer_closed);
}
