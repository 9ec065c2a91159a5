/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_reader.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_parse.h"

enum state {
    STATE_HEAD,
    STATE_FRAME,
    STATE_LENGTH,
    STATE_CHUNKS,
    STATE_CLOSE,
    STATE_END,
    STATE_BAD
};

static void reader_begin(struct http_reader *r)
{
    r->state = STATE_HEAD;
    r->head = (struct http_head){.headers = NULL};
    r->body_limit = 0;
    r->no_body = r->until_close = false;
    http_lines_init(&r->lines, r->response);
    buf_init(&r->text, LIMIT_HTTP_URL_BYTES + LIMIT_HTTP_HEADER_BYTES + 1024);
}

void http_reader_init(struct http_reader *r, bool response)
{
    *r = (struct http_reader){.response = response};
    reader_begin(r);
}

void http_reader_done(struct http_reader *r)
{
    buf_done(&r->text);
    mem_free(r->head.headers);
}

void http_reader_clear(struct http_reader *r)
{
    http_reader_done(r);
    reader_begin(r);
}

bool http_reader_is_clear(const struct http_reader *r)
{
    return r->state == STATE_HEAD && r->text.len == 0;
}

static enum http_step reader_refuse(struct http_reader *r, int status, const char *why)
{
    r->state = STATE_BAD;
    r->status = status;
    r->why = why;
    return HTTP_BAD;
}

static bool reader_status_has_no_body(int status)
{
    return status < 200 || status == 204 || status == 304;
}

/* The head is complete. */
static enum http_step reader_parse(struct http_reader *r)
{
    const char *why = "the head is malformed";
    char *text = buf_peek(&r->text);
    size_t len = r->text.len, skipped = r->lines.skipped ? 2 : 0;
    if (r->text.overflow)
        return reader_refuse(r, 431, "the head is too long");
    text += skipped;
    len -= skipped;
    if (!http_parse(&r->head, text, len, r->response)) {
        /* The first line is checked first: its error is more precise. */
        int status =
            r->response ? 400 : http_head_first_line(&r->head, text, strchr(text, '\r'), &why);
        return reader_refuse(r, status != 0 ? status : 400, why);
    }
    int status = r->response ? 0 : http_head_first_line(&r->head, text, strchr(text, '\r'), &why);
    if (status == 0)
        status = http_head_judge(&r->head, r->response, &why);
    if (status != 0)
        return reader_refuse(r, status, why);
    r->until_close = r->response && !r->head.chunked && !r->head.has_length;
    if (r->response && reader_status_has_no_body(r->head.status))
        r->no_body = true;
    r->state = STATE_FRAME;
    return HTTP_HEAD;
}

static enum http_step reader_read_head(struct http_reader *r, const char **bytes, size_t *len)
{
    size_t used;
    int status = http_lines_check(&r->lines, *bytes, *len, &used, &r->why);
    if (status != 0)
        return reader_refuse(r, status, r->why);
    buf_add(&r->text, *bytes, used);
    *bytes += used;
    *len -= used;
    return http_lines_done(&r->lines) ? reader_parse(r) : HTTP_MORE;
}

bool http_reader_has_body(const struct http_reader *r)
{
    return !r->no_body &&
           (r->head.chunked || r->until_close || (r->head.has_length && r->head.length > 0));
}

/* Decides how the body is framed; the limit is known now. */
static enum http_step reader_frame(struct http_reader *r)
{
    if (!http_reader_has_body(r)) {
        r->state = STATE_END;
    } else if (r->head.chunked) {
        r->state = STATE_CHUNKS;
        http_chunks_init(&r->chunks);
    } else if (r->until_close) {
        r->state = STATE_CLOSE;
        r->left = r->body_limit;
    } else if (r->head.length > r->body_limit) {
        return reader_refuse(r, 413, "the body is too long");
    } else {
        r->state = STATE_LENGTH;
        r->left = r->head.length;
    }
    return HTTP_MORE;
}

/* A body whose remaining bytes are counted: its length, or how many are allowed at most. */
static enum http_step reader_read_counted(struct http_reader *r, const char **bytes, size_t *len)
{
    if (*len == 0)
        return HTTP_MORE;
    if (r->left == 0)
        return reader_refuse(r, 413, "the body is too long");
    r->piece = *bytes;
    r->piece_len = *len < r->left ? *len : (size_t)r->left;
    r->left -= r->piece_len;
    *bytes += r->piece_len;
    *len -= r->piece_len;
    if (r->left == 0 && r->state == STATE_LENGTH)
        r->state = STATE_END;
    return HTTP_PIECE;
}

static enum http_step reader_read_chunks(struct http_reader *r, const char **bytes, size_t *len)
{
    int status = 0;
    switch (http_chunks_step(&r->chunks, bytes, len, r->body_limit, &r->piece, &r->piece_len,
                             &status, &r->why)) {
    case HTTP_CHUNKS_PIECE:
        return HTTP_PIECE;
    case HTTP_CHUNKS_END:
        r->state = STATE_END;
        return HTTP_END;
    case HTTP_CHUNKS_BAD:
        return reader_refuse(r, status, r->why);
    case HTTP_CHUNKS_MORE:
        break;
    }
    return HTTP_MORE;
}

enum http_step http_reader_step(struct http_reader *r, const char **bytes, size_t *len)
{
    if (r->state == STATE_HEAD)
        return reader_read_head(r, bytes, len);
    if (r->state == STATE_FRAME && reader_frame(r) == HTTP_BAD)
        return HTTP_BAD;
    switch ((enum state)r->state) {
    case STATE_LENGTH:
    case STATE_CLOSE:
        return reader_read_counted(r, bytes, len);
    case STATE_CHUNKS:
        return reader_read_chunks(r, bytes, len);
    case STATE_BAD:
        return HTTP_BAD;
    case STATE_HEAD:
    case STATE_FRAME:
    case STATE_END:
        break;
    }
    return HTTP_END;
}

enum http_step http_reader_close(struct http_reader *r)
{
    if (r->state == STATE_FRAME && reader_frame(r) == HTTP_BAD)
        return HTTP_BAD;
    if (r->state == STATE_CLOSE || r->state == STATE_END) {
        r->state = STATE_END;
        return HTTP_END;
    }
    return r->state == STATE_BAD ? HTTP_BAD
                                 : reader_refuse(r, 400, "the connection ended within a message");
}
