/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The phases of a connection:
 *
 *     HEAD -> BODY -> WORK -> HEAD …        WORK: the owner has the request
 *               \-> FILE -^|\-> EVENTS      until one side ends it
 *                          |\-> SENDING -> HEAD …
 *                          \-> PIECES -> HEAD …
 *     ENDING <- all of them                 the last answer is being sent
 *
 * FILE: the rest of the body is being written to a file. SENDING: an answer's body is read from one.
 * PIECES: the owner gives an answer's body piece by piece.
 */
#include "net/http/http_connection.h"

#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_answer.h"
#include "net/http/http_body.h"
#include "net/http/http_reader.h"
#include "net/http/http_sending.h"
#include "net/pace.h"
#include "net/stream.h"

enum { REQUESTS_MAX = 1 << 30 }; /* of a connection: their ids have 32 bits of their own */
enum phase {
    PHASE_HEAD,
    PHASE_BODY,
    PHASE_FILE,
    PHASE_WORK,
    PHASE_SENDING,
    PHASE_PIECES,
    PHASE_EVENTS,
    PHASE_ENDING
};

struct http_connection {
    const struct http_shared *shared;
    struct stream *stream; /* NULL: down, or handed over */
    struct pace pace;
    struct http_peer peer;
    struct http_reader reader;
    struct http_body body;
    struct http_sending *sending;
    bool sent_close;  /* the connection ends after what is being sent */
    struct buf later; /* bytes that came while a request was being answered */
    const char *in;   /* bytes that are being read: of the stream or of `later` */
    size_t in_len;
    struct http_request request;
    uint64_t first_id, last_id, sender;
    enum phase phase;
    bool trusted, reading, answered, closing;
};

/* How many requests it has sent. */
static uint32_t connection_serial(const struct http_connection *c)
{
    return (uint32_t)c->last_id;
}

static void connection_await(struct http_connection *c, enum phase phase, uint32_t ms)
{
    c->phase = phase;
    pace_await(&c->pace, ms);
}

static void connection_count_written(struct http_connection *c, size_t len)
{
    pace_wrote(&c->pace, len, stream_unsent(c->stream));
}

static void connection_write(struct http_connection *c, const struct buf *head, const void *bytes,
                             size_t len)
{
    stream_write(c->stream, buf_str(head), head->len, bytes, len);
    connection_count_written(c, head->len + len);
}

static void connection_end(struct http_connection *c)
{
    connection_await(c, PHASE_ENDING, 0);
    stream_end(c->stream, "its last answer is sent");
}

static void connection_write_answer(struct http_connection *c, const struct http_answer *a,
                                    bool no_body, bool close)
{
    struct buf head;
    buf_init(&head, SIZE_MAX);
    http_answer_add_head(&head, a, &c->reader.head, a->len, close);
    buf_adds(&head, "\r\n");
    connection_write(c, &head, a->body, no_body || !http_answer_has_body(a->status) ? 0 : a->len);
    buf_done(&head);
}

/* Answers a request that cannot be handled. Nothing is read afterwards. */
static void connection_refuse(struct http_connection *c, int status, const char *why)
{
    char body[256];
    int len = snprintf(body, sizeof body, "{\"error\":\"%s\"}\n", why);
    struct http_answer a = {
        .status = status, .type = "application/json", .body = body, .len = (size_t)len};
    connection_write_answer(c, &a, c->reader.head.method == HTTP_METHOD_HEAD, true);
    if (!c->answered && c->request.id != 0 && c->shared->handler.gone)
        c->shared->handler.gone(c->shared->handler.arg, c->request.id);
    c->request.id = 0;
    connection_end(c);
}

/* Ready for the next request. */
static void connection_next(struct http_connection *c)
{
    http_reader_clear(&c->reader);
    http_body_done(&c->body);
    http_body_init(&c->body);
    c->request = (struct http_request){.id = 0};
    connection_await(c, PHASE_HEAD, c->shared->config.idle_ms);
}

static void connection_call(struct http_connection *c)
{
    connection_await(c, PHASE_WORK, 0);
    c->request.body = buf_str(&c->body.bytes);
    c->request.body_len = c->body.len;
    c->request.digest = c->body.writer ? file_writer_digest(c->body.writer) : NULL;
    c->shared->handler.request(c->shared->handler.arg, &c->request);
    if (c->request.sender != 0)
        c->sender = c->request.sender;
}

static void connection_continue(struct http_connection *c);

/* The file has room for more of the body, or it has failed. */
static void body_on_ready(void *arg)
{
    struct http_connection *c = arg;
    const char *why = NULL;
    int status = http_body_failed(&c->body, &why);
    if (!c->stream || c->stream->closed)
        return;
    if (status != 0 && (c->phase == PHASE_BODY || c->phase == PHASE_FILE))
        connection_refuse(c, status, why);
    else
        connection_continue(c);
}

static void body_on_ended(void *arg)
{
    struct http_connection *c = arg;
    const char *why = NULL;
    int status = http_body_failed(&c->body, &why);
    if (!c->stream || c->stream->closed || c->phase != PHASE_FILE)
        return;
    if (status != 0) {
        connection_refuse(c, status, why);
        return;
    }
    connection_call(c); /* an answer to it is followed by the next request */
}

static void connection_begin_body(struct http_connection *c)
{
    const char *why = NULL;
    const struct file_writer_handler handler = {body_on_ready, body_on_ended, c};
    int status = http_body_begin(&c->body, c->shared->loop, &c->request, &handler, &why);
    if (status != 0 && c->phase == PHASE_BODY && !c->answered)
        connection_refuse(c, status, why);
}

static void connection_on_head(struct http_connection *c)
{
    const struct http_shared *shared = c->shared;
    c->answered = false;
    c->request = (struct http_request){.id = ++c->last_id,
                                       .head = &c->reader.head,
                                       .peer = &c->peer,
                                       .body_limit = LIMIT_HTTP_BODY_BYTES};
    connection_await(c, PHASE_BODY, shared->config.rate_ms);
    shared->handler.head(shared->handler.arg, &c->request);
    c->trusted = c->trusted || c->request.trusted;
    c->sender = c->request.sender;
    c->reader.body_limit = c->request.body_limit;
    connection_begin_body(c);
    if (c->phase != PHASE_BODY || c->answered || !http_reader_has_body(&c->reader))
        return;
    bool too_long = c->reader.head.has_length && c->reader.head.length > c->request.body_limit;
    if (c->reader.head.expects_continue && !too_long) {
        struct buf head;
        buf_init(&head, SIZE_MAX);
        buf_adds(&head, "HTTP/1.1 100 Continue\r\n\r\n");
        connection_write(c, &head, NULL, 0);
        buf_done(&head);
    }
}

static void connection_on_whole(struct http_connection *c)
{
    const char *why = NULL;
    if (c->answered) { /* already by `head` */
        connection_next(c);
        return;
    }
    int status = http_body_end(&c->body, &why);
    if (status != 0) {
        connection_refuse(c, status, why);
    } else if (c->body.writer) {
        connection_await(c, PHASE_FILE, 0);
        file_writer_end(c->body.writer);
    } else {
        connection_call(c);
        if (c->answered && c->phase == PHASE_WORK)
            connection_next(c);
    }
}

static bool connection_is_reading(const struct http_connection *c)
{
    return c->stream && !c->stream->closed && (c->phase == PHASE_HEAD || c->phase == PHASE_BODY) &&
           stream_unsent(c->stream) <= LIMIT_HTTP_QUEUE_BYTES && !http_body_is_full(&c->body);
}

static void connection_on_piece(struct http_connection *c)
{
    const char *why = NULL;
    if (c->answered)
        return;
    int status = http_body_add(&c->body, c->reader.piece, c->reader.piece_len, &why);
    if (status != 0)
        connection_refuse(c, status, why);
}

/* Hands the reader only a part of `in` where the content can be much longer. */
static enum http_step connection_step(struct http_connection *c)
{
    size_t max = http_body_step(&c->body), kept = c->in_len > max ? c->in_len - max : 0;
    c->in_len -= kept;
    enum http_step step = http_reader_step(&c->reader, &c->in, &c->in_len);
    c->in_len += kept;
    return step;
}

/* Reads what is in `in`, as far as answers allow. */
static void connection_read(struct http_connection *c)
{
    c->reading = true;
    enum http_step step = HTTP_HEAD;
    while ((step != HTTP_MORE || c->in_len > 0) && connection_is_reading(c)) {
        bool begins = c->in_len > 0 && c->phase == PHASE_HEAD && http_reader_is_clear(&c->reader);
        if (begins && connection_serial(c) > 0) /* else the time runs from the connection */
            connection_await(c, PHASE_HEAD, c->shared->config.header_ms);
        step = connection_step(c);
        if (step == HTTP_HEAD) {
            connection_on_head(c);
        } else if (step == HTTP_PIECE) {
            connection_on_piece(c);
        } else if (step == HTTP_END) {
            connection_on_whole(c);
        } else if (step == HTTP_BAD) {
            connection_refuse(c, c->reader.status, c->reader.why);
        }
    }
    c->reading = false;
}

/* Reads bytes that came while a request was being answered. */
static void connection_continue(struct http_connection *c)
{
    if (c->reading || c->closing || !connection_is_reading(c))
        return;
    struct buf held = c->later;
    buf_init(&c->later, SIZE_MAX);
    c->in = buf_str(&held);
    c->in_len = held.len;
    connection_read(c);
    if (c->in_len == held.len) {
        buf_done(&c->later);
        c->later = held;
    } else {
        buf_add(&c->later, c->in, c->in_len);
        buf_done(&held);
    }
    if (c->later.len == 0 && c->stream)
        stream_resume(c->stream);
    c->in = NULL;
    c->in_len = 0;
}

static void connection_on_read(void *arg, const char *bytes, size_t len)
{
    struct http_connection *c = arg;
    if (c->phase == PHASE_EVENTS || c->phase == PHASE_ENDING)
        return;
    c->in = bytes;
    c->in_len = len;
    if (c->later.len == 0)
        connection_read(c);
    if (c->in_len > 0 && c->stream && c->phase != PHASE_EVENTS && c->phase != PHASE_ENDING) {
        buf_add(&c->later, c->in, c->in_len);
        stream_pause(c->stream);
    }
    c->in = NULL;
    c->in_len = 0;
}

static void connection_on_sent(void *arg)
{
    struct http_connection *c = arg;
    pace_sent(&c->pace);
    bool owner = c->phase == PHASE_EVENTS || c->phase == PHASE_PIECES;
    if (owner && c->shared->handler.drained)
        c->shared->handler.drained(c->shared->handler.arg, c->request.id);
    else if (c->sending)
        http_sending_sent(c->sending);
    else
        connection_continue(c);
}

static void connection_free(void *arg)
{
    struct http_connection *c = arg;
    const struct http_shared *shared = c->shared;
    uint64_t first_id = c->first_id;
    http_reader_done(&c->reader);
    http_body_done(&c->body);
    buf_done(&c->later);
    mem_free(c);
    shared->closed(shared->server, first_id);
}

static void connection_on_down(void *arg, const char *why)
{
    struct http_connection *c = arg;
    uint64_t id = c->answered ? 0 : c->request.id;
    (void)why;
    c->stream = NULL;
    c->closing = true;
    c->request.id = 0;
    http_sending_free(c->sending);
    c->sending = NULL;
    if (id != 0 && c->shared->handler.gone)
        c->shared->handler.gone(c->shared->handler.arg, id);
    pace_close(&c->pace, connection_free);
}

void http_connection_close(struct http_connection *c, const char *why)
{
    if (c->stream)
        stream_close(c->stream, why);
}

/* What the connection awaits has not come in time. */
static void connection_on_late(struct http_connection *c)
{
    const struct http_config *config = &c->shared->config;
    if (c->phase == PHASE_EVENTS) {
        http_connection_event(c, NULL, NULL, NULL, 0);
    } else if (c->phase == PHASE_HEAD && http_reader_is_clear(&c->reader)) {
        http_connection_close(c, "no request came");
    } else if (c->phase == PHASE_BODY &&
               c->body.came >= (uint64_t)config->body_rate * config->rate_ms / 1000) {
        c->body.came = 0;
        connection_await(c, PHASE_BODY, config->rate_ms);
    } else if (c->phase == PHASE_BODY &&
               (stream_unsent(c->stream) > LIMIT_HTTP_QUEUE_BYTES || http_body_is_full(&c->body))) {
        connection_await(c, PHASE_BODY, config->rate_ms); /* it is us who do not read */
    } else if (c->phase == PHASE_HEAD || c->phase == PHASE_BODY) {
        connection_refuse(c, 408, "the request took too long");
    }
}

static void connection_on_due(void *arg)
{
    struct http_connection *c = arg;
    if (!c->stream || c->stream->closed)
        return;
    if (pace_is_late(&c->pace))
        connection_on_late(c);
    if (c->stream && pace_is_slow(&c->pace, stream_unsent(c->stream)))
        http_connection_close(c, "the client reads too slowly");
    pace_arm(&c->pace);
}

/* The whole answer is written; close: it is the last one. */
static void answer_finish(struct http_connection *c, bool close)
{
    bool coming = c->phase == PHASE_BODY || c->phase == PHASE_FILE;
    if (close) {
        connection_end(c);
    } else if (c->reading && !coming) {
        c->phase = PHASE_WORK; /* its caller has the request yet */
    } else if (!coming) {
        connection_next(c);
        connection_continue(c);
    }
}

/* The body is written. */
static void connection_on_body_sent(void *arg, bool whole)
{
    struct http_connection *c = arg;
    http_sending_free(c->sending);
    c->sending = NULL;
    if (!c->stream || c->stream->closed)
        return;
    if (whole)
        answer_finish(c, c->sent_close);
    else
        http_connection_close(c, "a file that is being sent has become shorter");
}

static void connection_on_body_wrote(void *arg, size_t len)
{
    connection_count_written(arg, len);
}

/* True if a body is being sent. */
static bool connection_write_file(struct http_connection *c, const struct http_answer *answer,
                                  bool no_body, bool ends)
{
    struct buf head;
    uint64_t from, len;
    buf_init(&head, SIZE_MAX);
    http_answer_add_file_head(&head, answer, &c->reader.head, ends, &from, &len);
    connection_write(c, &head, NULL, 0);
    buf_done(&head);
    if (no_body || len == 0) {
        close(answer->file->fd);
        return false;
    }
    c->sent_close = ends;
    connection_await(c, PHASE_SENDING, 0);
    c->sending = http_sending_new(c->shared->loop, c->stream, answer->file->fd, from, len,
                                  connection_on_body_wrote, connection_on_body_sent, c);
    return true;
}

void http_connection_reply(struct http_connection *c, const struct http_answer *answer)
{
    bool body_left = c->phase == PHASE_BODY && http_reader_has_body(&c->reader);
    bool close = answer->close || body_left || !c->reader.head.keep_alive ||
                 connection_serial(c) == REQUESTS_MAX;
    bool no_body = c->reader.head.method == HTTP_METHOD_HEAD;
    PRE(!answer->file || c->phase == PHASE_WORK);
    c->answered = true;
    c->request.id = 0;
    if (!answer->file)
        connection_write_answer(c, answer, no_body, close);
    else if (connection_write_file(c, answer, no_body, close))
        return;
    answer_finish(c, close);
}

void http_connection_pieces(struct http_connection *c, const struct http_answer *answer)
{
    struct buf head;
    PRE(c->phase == PHASE_WORK);
    c->sent_close = answer->close || !c->reader.head.keep_alive || c->reader.head.minor == 0 ||
                    connection_serial(c) == REQUESTS_MAX;
    buf_init(&head, SIZE_MAX);
    http_answer_add_pieces_head(&head, answer, &c->reader.head, c->sent_close);
    connection_await(c, PHASE_PIECES, 0);
    connection_write(c, &head, NULL, 0);
    buf_done(&head);
    if (c->reader.head.method == HTTP_METHOD_HEAD)
        http_connection_pieces_end(c, true);
}

/* In chunks, which HTTP/1.0 lacks. An empty one would be the last. */
void http_connection_piece(struct http_connection *c, const void *bytes, size_t len)
{
    struct buf frame;
    bool chunk = c->reader.head.minor > 0;
    if (c->phase != PHASE_PIECES || len == 0)
        return;
    buf_init(&frame, SIZE_MAX);
    if (chunk)
        buf_addf(&frame, "%zx\r\n", len);
    connection_write(c, &frame, bytes, len);
    buf_clear(&frame);
    if (chunk)
        buf_adds(&frame, "\r\n");
    connection_write(c, &frame, NULL, 0);
    buf_done(&frame);
}

void http_connection_pieces_end(struct http_connection *c, bool whole)
{
    struct buf last;
    if (c->phase != PHASE_PIECES)
        return;
    if (!whole) {
        http_connection_close(c, "the rest of an answer cannot be made");
        return;
    }
    c->answered = true;
    c->request.id = 0;
    buf_init(&last, SIZE_MAX);
    if (c->reader.head.minor > 0 && c->reader.head.method != HTTP_METHOD_HEAD)
        buf_adds(&last, "0\r\n\r\n");
    connection_write(c, &last, NULL, 0);
    buf_done(&last);
    answer_finish(c, c->sent_close);
}

void http_connection_events(struct http_connection *c, const char *headers)
{
    struct buf head;
    PRE(c->phase == PHASE_WORK);
    buf_init(&head, SIZE_MAX);
    http_answer_add_events_head(&head, headers);
    connection_write(c, &head, NULL, 0);
    buf_done(&head);
    connection_await(c, PHASE_EVENTS, c->shared->config.beat_ms);
    if (c->reader.head.method == HTTP_METHOD_HEAD)
        http_connection_events_end(c);
    else
        stream_resume(c->stream);
}

void http_connection_event(struct http_connection *c, const char *id, const char *name,
                           const char *data, size_t len)
{
    struct buf event;
    if (c->phase != PHASE_EVENTS)
        return;
    if (stream_unsent(c->stream) > LIMIT_HTTP_EVENTS_BYTES) {
        http_connection_close(c, "the client does not read its events");
        return;
    }
    buf_init(&event, SIZE_MAX);
    http_answer_add_event(&event, id, name, data, len);
    connection_write(c, &event, NULL, 0);
    buf_done(&event);
    connection_await(c, PHASE_EVENTS, c->shared->config.beat_ms);
}

void http_connection_events_end(struct http_connection *c)
{
    if (c->phase != PHASE_EVENTS)
        return;
    c->answered = true;
    c->request.id = 0;
    connection_end(c);
}

struct stream *http_connection_upgrade(struct http_connection *c, const char *headers,
                                       const char **rest, size_t *rest_len)
{
    struct stream *s = c->stream;
    struct buf head;
    PRE(c->phase == PHASE_WORK && c->reader.head.upgrade);
    buf_init(&head, SIZE_MAX);
    buf_addf(&head, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n%s\r\n", headers);
    connection_write(c, &head, NULL, 0);
    buf_done(&head);
    *rest = c->reading ? c->in : buf_str(&c->later);
    *rest_len = c->reading ? c->in_len : c->later.len;
    c->stream = NULL;
    c->closing = true;
    c->request.id = 0;
    pace_close(&c->pace, connection_free);
    return s;
}

struct http_connection *http_connection_new(const struct http_shared *shared, struct stream *s,
                                            const struct http_peer *peer, uint64_t first_id)
{
    struct http_connection *c = mem_alloc(sizeof *c);
    c->shared = shared;
    c->stream = s;
    c->peer = *peer;
    c->first_id = first_id;
    c->last_id = first_id - 1;
    http_reader_init(&c->reader, false);
    http_body_init(&c->body);
    buf_init(&c->later, SIZE_MAX);
    pace_init(&c->pace, shared->loop, shared->config.rate_ms, shared->config.read_rate,
              connection_on_due, c);
    struct stream_handler handler = {.read = connection_on_read,
                                     .down = connection_on_down,
                                     .arg = c,
                                     .sent = connection_on_sent};
    connection_await(c, PHASE_HEAD, shared->config.header_ms);
    stream_begin(s, &handler);
    return c;
}

size_t http_connection_unsent(const struct http_connection *c)
{
    return c->stream ? stream_unsent(c->stream) : 0;
}

const struct http_peer *http_connection_peer(const struct http_connection *c)
{
    return &c->peer;
}

uint64_t http_connection_sender(const struct http_connection *c)
{
    return c->sender;
}

bool http_connection_is_trusted(const struct http_connection *c)
{
    return c->trusted;
}

bool http_connection_is_busy(const struct http_connection *c)
{
    return c->phase == PHASE_FILE || c->phase == PHASE_WORK || c->phase == PHASE_SENDING ||
           c->phase == PHASE_PIECES || c->phase == PHASE_EVENTS;
}

uint64_t http_connection_request(const struct http_connection *c)
{
    return c->stream && !c->stream->closed ? c->request.id : 0;
}

const struct http_head *http_connection_head(const struct http_connection *c)
{
    return &c->reader.head;
}
