/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/web_socket.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"

enum opcode {
    OPCODE_CONTINUATION = 0,
    OPCODE_TEXT = 1,
    OPCODE_BINARY = 2,
    OPCODE_CLOSE = 8,
    OPCODE_PING = 9,
    OPCODE_PONG = 10,
};

enum { FINAL = 0x80, RESERVED = 0x70, MASKED = 0x80, SHORT_MAX = 125, LEN_16 = 126, LEN_64 = 127 };

struct frame {
    bool final;
    enum opcode opcode;
    size_t header;
    uint64_t len;
    char *bytes;
};

void web_socket_init(struct web_socket *w, bool client)
{
    *w = (struct web_socket){.client = client};
    buf_init(&w->pending, SIZE_MAX); /* of one frame at most, and what was read with it */
    buf_init(&w->message, LIMIT_FRAME_BYTES);
}

void web_socket_done(struct web_socket *w)
{
    buf_done(&w->pending);
    buf_done(&w->message);
}

void web_socket_feed(struct web_socket *w, const void *bytes, size_t len)
{
    if (w->bad)
        return;
    buf_drop(&w->pending, w->taken);
    w->taken = 0;
    buf_add(&w->pending, bytes, len);
}

static enum web_socket_kind socket_refuse(struct web_socket *w, struct err *err, uint16_t code,
                                          const char *text)
{
    w->bad = true;
    w->close_code = code;
    err_set(err, code == WEB_SOCKET_CLOSE_TOO_LARGE ? ERR_LIMIT : ERR_PROTOCOL, "%s", text);
    return WEB_SOCKET_BAD;
}

/* The reason why a frame with this header is refused; NULL where it is not. */
static const char *frame_fault(const struct web_socket *w, const struct frame *f,
                               unsigned char first, unsigned char second)
{
    bool control = f->opcode >= OPCODE_CLOSE;
    if (first & RESERVED)
        return "a WebSocket frame uses an extension";
    if ((second & MASKED) == (w->client ? MASKED : 0))
        return w->client ? "a WebSocket frame of the server is masked"
                         : "a WebSocket frame of the client is not masked";
    if (f->opcode > OPCODE_PONG || (f->opcode > OPCODE_BINARY && f->opcode < OPCODE_CLOSE))
        return "a WebSocket frame has an unknown type";
    if (control && (!f->final || f->len > WEB_SOCKET_CONTROL_BYTES))
        return "a WebSocket control frame is too long or in fragments";
    if (f->opcode == OPCODE_CONTINUATION && !w->fragments)
        return "a WebSocket message begins with its continuation";
    if (f->opcode == OPCODE_TEXT && w->fragments)
        return "a WebSocket message begins within another one";
    return NULL;
}

/* The length in the header: false until its bytes are there. *minimal: it has the shortest form. */
static bool frame_take_length(struct frame *f, const unsigned char *bytes, size_t len,
                              bool *minimal)
{
    unsigned char given = bytes[1] & (unsigned char)~MASKED;
    size_t extra = given == LEN_16 ? 2 : given == LEN_64 ? 8 : 0;
    f->header = 2 + extra;
    f->len = extra == 0 ? given : 0;
    if (len < f->header)
        return false;
    for (size_t i = 0; i < extra; i++)
        f->len = f->len << 8 | bytes[2 + i];
    *minimal = extra == 0 || (extra == 2 && f->len > SHORT_MAX) || (extra == 8 && f->len > 0xffff);
    return true;
}

/* Takes the next whole frame off the bytes, unmasked. */
static enum web_socket_kind socket_take_frame(struct web_socket *w, struct frame *f,
                                              struct err *err)
{
    char *at = buf_str(&w->pending) + w->taken;
    size_t len = w->pending.len - w->taken;
    const unsigned char *bytes = (const unsigned char *)at;
    bool minimal;
    if (len < 2)
        return WEB_SOCKET_MORE;
    f->final = bytes[0] & FINAL;
    f->opcode = (enum opcode)(bytes[0] & 0x0f);
    if (!frame_take_length(f, bytes, len, &minimal))
        return WEB_SOCKET_MORE;
    const char *fault = frame_fault(w, f, bytes[0], bytes[1]);
    if (fault || !minimal)
        return socket_refuse(w, err, WEB_SOCKET_CLOSE_PROTOCOL,
                             fault ? fault : "the length of a WebSocket frame is malformed");
    if (f->opcode == OPCODE_BINARY)
        return socket_refuse(w, err, WEB_SOCKET_CLOSE_NOT_TEXT, "a WebSocket message is not text");
    if (f->len > LIMIT_FRAME_BYTES - (f->opcode < OPCODE_CLOSE ? w->message.len : 0))
        return socket_refuse(w, err, WEB_SOCKET_CLOSE_TOO_LARGE,
                             "a WebSocket message is longer than 1 MiB");
    size_t mask = w->client ? 0 : 4;
    if (len - f->header < mask + f->len)
        return WEB_SOCKET_MORE;
    f->bytes = at + f->header + mask;
    if (mask > 0)
        web_socket_mask(f->bytes, (size_t)f->len, bytes + f->header);
    w->taken += f->header + mask + (size_t)f->len;
    return WEB_SOCKET_TEXT;
}

static bool socket_code_is_valid(unsigned code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

static enum web_socket_kind socket_take_close(struct web_socket *w, const struct frame *f,
                                              const char **text, size_t *len, struct err *err)
{
    const unsigned char *bytes = (const unsigned char *)f->bytes;
    unsigned code = f->len >= 2 ? (unsigned)bytes[0] << 8 | bytes[1] : WEB_SOCKET_CLOSE_NO_CODE;
    if (f->len == 1 || (f->len > 1 && !socket_code_is_valid(code)))
        return socket_refuse(w, err, WEB_SOCKET_CLOSE_PROTOCOL,
                             "the code of a WebSocket close is malformed");
    *text = f->len > 2 ? f->bytes + 2 : "";
    *len = f->len > 2 ? (size_t)f->len - 2 : 0;
    if (utf8_valid_prefix(*text, *len) != *len)
        return socket_refuse(w, err, WEB_SOCKET_CLOSE_NOT_UTF8,
                             "the reason of a WebSocket close is not UTF-8");
    w->bad = true; /* nothing may follow */
    w->close_code = (uint16_t)code;
    return WEB_SOCKET_CLOSE;
}

static enum web_socket_kind socket_take_text(struct web_socket *w, const struct frame *f,
                                             const char **text, size_t *len, struct err *err)
{
    bool whole = f->final && !w->fragments;
    if (!whole)
        buf_add(&w->message, f->bytes, (size_t)f->len); /* its length was checked */
    w->fragments = !f->final;
    if (!f->final)
        return WEB_SOCKET_MORE;
    *text = whole ? f->bytes : buf_peek(&w->message);
    *len = whole ? (size_t)f->len : w->message.len;
    if (utf8_valid_prefix(*text, *len) != *len)
        return socket_refuse(w, err, WEB_SOCKET_CLOSE_NOT_UTF8, "a WebSocket message is not UTF-8");
    return WEB_SOCKET_TEXT;
}

enum web_socket_kind web_socket_next(struct web_socket *w, const char **text, size_t *len,
                                     struct err *err)
{
    struct frame f;
    enum web_socket_kind kind = WEB_SOCKET_MORE;
    if (!w->fragments)
        buf_clear(&w->message);
    while (!w->bad && kind == WEB_SOCKET_MORE) {
        kind = socket_take_frame(w, &f, err);
        if (kind != WEB_SOCKET_TEXT)
            return kind;
        *text = f.bytes;
        *len = (size_t)f.len;
        if (f.opcode == OPCODE_CLOSE)
            kind = socket_take_close(w, &f, text, len, err);
        else if (f.opcode == OPCODE_PING)
            kind = WEB_SOCKET_PING;
        else if (f.opcode == OPCODE_PONG)
            kind = WEB_SOCKET_PONG;
        else
            kind = socket_take_text(w, &f, text, len, err);
    }
    return kind;
}

size_t web_socket_header(unsigned char out[WEB_SOCKET_HEADER_BYTES], enum web_socket_kind kind,
                         size_t len, const unsigned char *mask)
{
    static const enum opcode opcodes[] = {[WEB_SOCKET_TEXT] = OPCODE_TEXT,
                                          [WEB_SOCKET_PING] = OPCODE_PING,
                                          [WEB_SOCKET_PONG] = OPCODE_PONG,
                                          [WEB_SOCKET_CLOSE] = OPCODE_CLOSE};
    PRE(kind >= WEB_SOCKET_TEXT && kind <= WEB_SOCKET_CLOSE);
    size_t extra = len <= SHORT_MAX ? 0 : len <= 0xffff ? 2 : 8;
    out[0] = (unsigned char)(FINAL | opcodes[kind]);
    out[1] = (unsigned char)((mask ? MASKED : 0) | (extra == 0   ? (int)len
                                                    : extra == 2 ? LEN_16
                                                                 : LEN_64));
    for (size_t i = 0; i < extra; i++)
        out[2 + i] = (unsigned char)((uint64_t)len >> 8 * (extra - 1 - i));
    if (mask)
        memcpy(out + 2 + extra, mask, 4);
    return 2 + extra + (mask ? 4 : 0);
}

void web_socket_mask(char *bytes, size_t len, const unsigned char mask[4])
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(bytes[i] ^ (char)mask[i % 4]);
}
