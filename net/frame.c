/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/frame.h"

#include <stdint.h>

#include "base/check.h"
#include "base/limits.h"

enum { KEEP_BYTES = 128 << 10 };

void frame_decoder_init(struct frame_decoder *d)
{
    buf_init(&d->pending, (size_t)LIMIT_FRAME_BYTES * 4);
    d->taken = 0;
}

void frame_decoder_done(struct frame_decoder *d)
{
    buf_done(&d->pending);
}

static size_t length_at(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

int frame_decoder_feed(struct frame_decoder *d, const void *bytes, size_t len, struct err *err)
{
    buf_drop(&d->pending, d->taken);
    d->taken = 0;
    if (d->pending.len == 0 && d->pending.cap > KEEP_BYTES) { /* left by one long frame */
        frame_decoder_done(d);
        frame_decoder_init(d);
    }
    buf_add(&d->pending, bytes, len);
    if (d->pending.overflow)
        return err_set(err, ERR_LIMIT, "the peer sent too many bytes at once");
    size_t at = 0;
    while (d->pending.len - at >= FRAME_HEADER_BYTES) {
        size_t n = length_at(buf_peek(&d->pending) + at);
        if (n > LIMIT_FRAME_BYTES)
            return err_set(err, ERR_LIMIT, "a frame of %zu bytes, the limit is %d", n,
                           LIMIT_FRAME_BYTES);
        if (d->pending.len - at - FRAME_HEADER_BYTES < n)
            break;
        at += FRAME_HEADER_BYTES + n;
    }
    return 0;
}

bool frame_decoder_next(struct frame_decoder *d, const char **ret, size_t *ret_len)
{
    size_t left = d->pending.len - d->taken;
    if (left < FRAME_HEADER_BYTES)
        return false;
    const char *at = buf_peek(&d->pending) + d->taken;
    size_t n = length_at(at);
    if (left - FRAME_HEADER_BYTES < n)
        return false;
    *ret = at + FRAME_HEADER_BYTES;
    *ret_len = n;
    d->taken += FRAME_HEADER_BYTES + n;
    return true;
}

void frame_header(unsigned char out[FRAME_HEADER_BYTES], size_t len)
{
    PRE(len <= LIMIT_FRAME_BYTES);
    out[0] = (unsigned char)(len >> 24);
    out[1] = (unsigned char)(len >> 16);
    out[2] = (unsigned char)(len >> 8);
    out[3] = (unsigned char)len;
}
