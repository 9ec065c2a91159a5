/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_chunks.h"

#include <string.h>

#include "base/limits.h"

/* SIZE -> EXTRA -> SIZE_LF -> DATA -> DATA_CR -> DATA_LF -> SIZE …; after a size of 0: TRAILERS */
enum state {
    STATE_SIZE,
    STATE_EXTRA,
    STATE_SIZE_LF,
    STATE_DATA,
    STATE_DATA_CR,
    STATE_DATA_LF,
    STATE_TRAILERS,
    STATE_END
};
enum { SIZE_DIGITS_MAX = 15 };

void http_chunks_init(struct http_chunks *c)
{
    *c = (struct http_chunks){.state = STATE_SIZE};
}

static const char *chunks_take_size(struct http_chunks *c, char byte)
{
    static const char hex[] = "0123456789abcdef";
    char low = byte >= 'A' && byte <= 'F' ? (char)(byte - 'A' + 'a') : byte;
    const char *digit = low ? strchr(hex, low) : NULL;
    if (digit && c->digits < SIZE_DIGITS_MAX) {
        c->left = 16 * c->left + (uint64_t)(digit - hex);
        c->digits++;
        return NULL;
    }
    if (c->digits == 0 || (byte != '\r' && byte != ';'))
        return "the size of a chunk is malformed";
    c->state = byte == ';' ? STATE_EXTRA : STATE_SIZE_LF;
    return NULL;
}

static const char *chunks_take_extra(struct http_chunks *c, char byte)
{
    if (byte == '\r')
        c->state = STATE_SIZE_LF;
    else if ((byte >= 0 && byte < ' ' && byte != '\t') || byte == 0x7f)
        return "the extension of a chunk has a control character";
    else if (++c->extra > LIMIT_HTTP_CHUNK_BYTES)
        return "the extensions of chunks are longer than 16 KiB";
    return NULL;
}

/* Takes one byte that is not data; returns the reason if it is malformed. */
static const char *chunks_take(struct http_chunks *c, char byte)
{
    switch ((enum state)c->state) {
    case STATE_SIZE:
        return chunks_take_size(c, byte);
    case STATE_EXTRA:
        return chunks_take_extra(c, byte);
    case STATE_SIZE_LF:
        c->state = c->left > 0 ? STATE_DATA : STATE_TRAILERS;
        if (c->state == STATE_TRAILERS)
            http_lines_init_trailers(&c->trailers);
        c->sum += c->left;
        return byte == '\n' ? NULL : "the size of a chunk does not end with CR LF";
    case STATE_DATA_CR:
        c->state = STATE_DATA_LF;
        return byte == '\r' ? NULL : "a chunk does not end with CR LF";
    case STATE_DATA_LF:
        c->state = STATE_SIZE;
        c->digits = 0;
        return byte == '\n' ? NULL : "a chunk does not end with CR LF";
    case STATE_DATA:
    case STATE_TRAILERS:
    case STATE_END:
        break;
    }
    return NULL;
}

static enum http_chunks_step chunks_refuse(int *status, const char **why, int code,
                                           const char *text)
{
    *status = code;
    *why = text;
    return HTTP_CHUNKS_BAD;
}

static void chunks_advance(const char **bytes, size_t *len, size_t n)
{
    *bytes += n;
    *len -= n;
}

enum http_chunks_step http_chunks_step(struct http_chunks *c, const char **bytes, size_t *len,
                                       uint64_t limit, const char **piece, size_t *piece_len,
                                       int *status, const char **why)
{
    while (*len > 0 && c->state != STATE_END) {
        if (c->state == STATE_DATA) {
            *piece = *bytes;
            *piece_len = *len < c->left ? *len : (size_t)c->left;
            c->left -= *piece_len;
            if (c->left == 0)
                c->state = STATE_DATA_CR;
            chunks_advance(bytes, len, *piece_len);
            return HTTP_CHUNKS_PIECE;
        }
        if (c->state == STATE_TRAILERS) {
            size_t used;
            int rc = http_lines_check(&c->trailers, *bytes, *len, &used, why);
            if (rc != 0)
                return chunks_refuse(status, why, rc, *why);
            chunks_advance(bytes, len, used);
            if (http_lines_done(&c->trailers))
                c->state = STATE_END;
            continue;
        }
        const char *bad = chunks_take(c, **bytes);
        if (bad)
            return chunks_refuse(status, why, 400, bad);
        if (c->sum > limit)
            return chunks_refuse(status, why, 413, "the body is too long");
        chunks_advance(bytes, len, 1);
    }
    return c->state == STATE_END ? HTTP_CHUNKS_END : HTTP_CHUNKS_MORE;
}
