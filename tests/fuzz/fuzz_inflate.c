/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A compressed body from anybody, whole or in pieces: the content is the same. And the header Range. */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/compress/inflate.h"
#include "net/http/http_sending.h"
#include "tests/fuzz/fuzz.h"

enum { CONTENT_BYTES = 1 << 20 };

static bool content_take(void *arg, const void *bytes, size_t len)
{
    buf_add(arg, bytes, len);
    return !((struct buf *)arg)->overflow;
}

static bool content_read(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
    struct inflate *z = inflate_new();
    bool good = true;
    for (size_t at = 0; at < size && good; at += piece)
        good = inflate_next(z, data + at, piece < size - at ? piece : size - at, content_take, out);
    good = good && inflate_is_whole(z);
    inflate_free(z);
    return good;
}

static void range_check(const uint8_t *data, size_t size)
{
    char text[64];
    uint64_t from, len, whole = size * 31;
    size_t n = size < sizeof text - 1 ? size : sizeof text - 1;
    memcpy(text, data, n);
    text[n] = '\0';
    int status = http_sending_range(text, whole, &from, &len);
    check(status == 200 || status == 206 || status == 416);
    check(status != 200 || (from == 0 && len == whole));
    check(status != 206 || (len > 0 && from < whole && len <= whole - from));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;
    buf_init(&whole, CONTENT_BYTES);
    buf_init(&pieces, CONTENT_BYTES);
    bool good = content_read(data, size, size + 1, &whole);
    check(content_read(data, size, 1 + size % 7, &pieces) == good);
    if (good)
        check(whole.len == pieces.len &&
              memcmp(buf_peek(&whole), buf_peek(&pieces), whole.len) == 0);
    range_check(data, size);
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
