/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_body.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "base/compress/inflate.h"

enum { COMPRESSED_STEP_BYTES = 1 << 10 };

void http_body_init(struct http_body *b)
{
    *b = (struct http_body){.limit = 0};
    buf_init(&b->bytes, SIZE_MAX); /* its length is checked here */
}

void http_body_done(struct http_body *b)
{
    buf_done(&b->bytes);
    inflate_free(b->inflate);
    file_writer_free(b->writer);
}

static int body_refuse(int status, const char **why, const char *text)
{
    *why = text;
    return status;
}

int http_body_begin(struct http_body *b, uv_loop_t *loop, const struct http_request *r,
                    const struct file_writer_handler *handler, const char **why)
{
    const char *coding = http_head_find(r->head, "content-encoding");
    b->limit = r->body_limit;
    if (r->to_file)
        b->writer = file_writer_new(loop, r->fd, handler);
    if (!coding || strcasecmp(coding, "identity") == 0)
        return 0;
    if (strcasecmp(coding, "gzip") != 0 && strcasecmp(coding, "x-gzip") != 0)
        return body_refuse(415, why, "only gzip is supported as Content-Encoding");
    b->inflate = inflate_new();
    return 0;
}

size_t http_body_step(const struct http_body *b)
{
    return b->inflate ? COMPRESSED_STEP_BYTES : SIZE_MAX;
}

static bool body_take(void *body, const void *bytes, size_t len)
{
    struct http_body *b = body;
    if (len > b->limit - b->len) {
        b->len = UINT64_MAX;
        return false;
    }
    b->len += len;
    if (b->writer)
        file_writer_add(b->writer, bytes, len);
    else
        buf_add(&b->bytes, bytes, len);
    return true;
}

int http_body_add(struct http_body *b, const char *bytes, size_t len, const char **why)
{
    b->came += len;
    bool good =
        b->inflate ? inflate_next(b->inflate, bytes, len, body_take, b) : body_take(b, bytes, len);
    if (good)
        return 0;
    return b->len == UINT64_MAX ? body_refuse(413, why, "the body is too long")
                                : body_refuse(400, why, "the body is not gzip");
}

bool http_body_is_full(const struct http_body *b)
{
    return b->writer && file_writer_is_full(b->writer);
}

int http_body_end(struct http_body *b, const char **why)
{
    if (b->inflate && !inflate_is_whole(b->inflate) && b->came > 0)
        return body_refuse(400, why, "the body is not gzip");
    return 0;
}

int http_body_failed(const struct http_body *b, const char **why)
{
    int error = b->writer ? file_writer_error(b->writer) : 0;
    if (error == 0)
        return 0;
    return error == ENOSPC || error == EDQUOT || error == EFBIG
               ? body_refuse(507, why, "the disk is full")
               : body_refuse(500, why, "the file cannot be written");
}
