/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of an HTTP peer, split where the first of them says: whole or in pieces, the reader makes
 * the same of them. Its first byte also says whether they are requests or responses. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "net/http/event_reader.h"
#include "net/http/http_reader.h"
#include "tests/fuzz/fuzz.h"

enum { BODY_LIMIT = 1000 };

static void fuzz_add_head(struct buf *out, const struct http_head *h)
{
    check(h->n <= LIMIT_HTTP_HEADERS);
    buf_addf(out, "[%d %d %d %d %d|", h->method, h->status, h->minor, h->chunked, h->keep_alive);
    if (h->path)
        buf_addf(out, "%s?%s", h->path, h->query);
    for (size_t i = 0; i < h->n; i++) {
        check(!strpbrk(h->headers[i].name, " \t\r\n:") && *h->headers[i].name);
        check(!strpbrk(h->headers[i].value, "\r\n"));
        buf_addf(out, "|%s:%s", h->headers[i].name, h->headers[i].value);
    }
    buf_addc(out, ']');
}

/* Messages, each by its head and body. */
static int fuzz_read(const uint8_t *data, size_t size, size_t piece, bool response, struct buf *out)
{
    struct http_reader r;
    enum http_step step = HTTP_MORE;
    http_reader_init(&r, response);
    for (size_t at = 0; at < size && step != HTTP_BAD; at += piece) {
        const char *bytes = (const char *)data + at;
        size_t len = piece < size - at ? piece : size - at;
        while ((step = http_reader_step(&r, &bytes, &len)) != HTTP_MORE && step != HTTP_BAD) {
            if (step == HTTP_HEAD) {
                fuzz_add_head(out, &r.head);
                r.body_limit = BODY_LIMIT;
            } else if (step == HTTP_PIECE) {
                check(r.piece_len > 0 && r.piece_len <= BODY_LIMIT);
                buf_add(out, r.piece, r.piece_len);
            } else {
                buf_addc(out, '.');
                http_reader_clear(&r);
            }
        }
    }
    if (step == HTTP_BAD)
        buf_addf(out, "!%d", r.status);
    else
        buf_addf(out, "%d", http_reader_close(&r));
    int status = step == HTTP_BAD ? r.status : 0;
    check(step != HTTP_BAD || (status >= 400 && *r.why));
    http_reader_done(&r);
    return status;
}

static void fuzz_events(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
    struct event_reader r;
    event_reader_init(&r);
    for (size_t at = 0; at < size; at += piece) {
        const char *bytes = (const char *)data + at;
        size_t len = piece < size - at ? piece : size - at, data_len;
        while (event_reader_step(&r, &bytes, &len) == 1) {
            const char *text = event_reader_data(&r, &data_len);
            buf_addf(out, "[%s|%s|", event_reader_id(&r), event_reader_name(&r));
            buf_add(out, text, data_len);
            buf_addc(out, ']');
        }
    }
    event_reader_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;
    if (size < 2)
        return 0;
    bool response = data[0] & 1;
    size_t piece = 1 + data[0] % 64 / 2;
    buf_init(&whole, SIZE_MAX);
    buf_init(&pieces, SIZE_MAX);
    int status = fuzz_read(data + 1, size - 1, size, response, &whole);
    check(fuzz_read(data + 1, size - 1, piece, response, &pieces) == status);
    fuzz_events(data + 1, size - 1, size, &whole);
    fuzz_events(data + 1, size - 1, piece, &pieces);
    check(whole.len == pieces.len && memcmp(buf_str(&whole), buf_str(&pieces), whole.len) == 0);
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
