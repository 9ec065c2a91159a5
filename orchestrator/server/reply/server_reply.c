/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/reply/server_reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/server/reply/server_pack.h"

#define HEADERS "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"

void server_reply_packed(struct server *s, uint64_t request, const char *type,
                         const struct buf *out, bool packed)
{
    const char *headers =
        packed ? HEADERS SERVER_PACK_VARY SERVER_PACK_CODING : HEADERS SERVER_PACK_VARY;
    const struct http_answer answer = {
        .status = 200, .type = type, .headers = headers, .body = buf_peek(out), .len = out->len};
    if (!s->closing)
        http_server_reply(s->http, request, &answer);
}

void server_reply_made(struct server *s, uint64_t request, const char *type, struct buf *out)
{
    const struct http_head *head = s->closing ? NULL : http_server_head(s->http, request);
    bool packs = head && out->len <= SERVER_PACK_LOOP_BYTES && server_pack_wants(head);
    server_reply_packed(s, request, type, out, packs && server_pack(out));
}

void server_reply_text(struct server *s, uint64_t request, const char *type, const char *text)
{
    const struct http_answer answer = {
        .status = 200, .type = type, .headers = HEADERS, .body = text, .len = strlen(text)};
    if (!s->closing)
        http_server_reply(s->http, request, &answer);
}

void server_reply_value(struct server *s, uint64_t request, const struct value *v)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    json_print(&out, v, JSON_COMPACT);
    buf_addc(&out, '\n');
    server_reply_made(s, request, "application/json", &out);
    buf_done(&out);
}

void server_reply_piece(struct server *s, uint64_t request, const void *bytes, size_t len,
                        uint64_t size)
{
    char headers[256];
    snprintf(headers, sizeof headers, HEADERS "Besom-Size: %" PRIu64 "\r\n", size);
    const struct http_answer answer = {.status = 200,
                                       .type = "application/octet-stream",
                                       .headers = headers,
                                       .body = bytes,
                                       .len = len};
    if (!s->closing)
        http_server_reply(s->http, request, &answer);
}

static int status_of(int code)
{
    switch (code) {
    case ERR_NOT_FOUND:
        return 404;
    case ERR_USAGE:
    case ERR_SPEC:
    case ERR_SYNTAX:
    case ERR_UNSUPPORTED:
        return 400;
    case ERR_STATE:
        return 409;
    case ERR_STALE:
        return 412;
    case ERR_PERMISSION:
        return 403;
    case ERR_LIMIT:
        return 413;
    case ERR_BUSY:
    case ERR_UNREACHABLE:
    case ERR_FULL:
        return 503;
    default:
        return 500;
    }
}

void server_reply_error(struct server *s, uint64_t request, int status, int code, const char *text)
{
    struct arena a;
    struct buf out;
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    struct value *v = value_dict(&a);
    value_put(&a, v, "error", value_str(&a, text));
    value_put(&a, v, "code", value_str(&a, err_name(code)));
    struct value *errors = value_list(&a), *one = value_dict(&a);
    value_put(&a, one, "message", value_str(&a, text));
    value_push(&a, errors, one);
    value_put(&a, v, "errors", errors);
    json_print(&out, v, JSON_COMPACT);
    buf_addc(&out, '\n');
    const struct http_answer answer = {
        .status = status ? status : status_of(code),
        .type = "application/json",
        .headers = status == 401 ? HEADERS "WWW-Authenticate: Bearer\r\n" : HEADERS,
        .body = buf_str(&out),
        .len = out.len};
    if (!s->closing)
        http_server_reply(s->http, request, &answer);
    buf_done(&out);
    arena_done(&a);
}
