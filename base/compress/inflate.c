/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/compress/inflate.h"

#define ZLIB_CONST
#include <zlib.h>

#include "base/check.h"
#include "base/mem.h"

enum { WINDOW_BITS = 15 + 16 /* 16: gzip, and nothing else */, ROOM_BYTES = 64 << 10 };

struct inflate {
    z_stream stream;
    bool whole; /* a member has ended, and no byte of another has come */
    unsigned char room[ROOM_BYTES];
};

struct inflate *inflate_new(void)
{
    struct inflate *z = mem_alloc(sizeof *z);
    check(inflateInit2(&z->stream, WINDOW_BITS) == Z_OK);
    return z;
}

void inflate_free(struct inflate *z)
{
    if (!z)
        return;
    inflateEnd(&z->stream);
    mem_free(z);
}

bool inflate_next(struct inflate *z, const void *piece, size_t len, inflate_fn take, void *arg)
{
    bool full = true; /* there may be content without a further byte */
    z->stream.next_in = piece;
    z->stream.avail_in = (uInt)len;
    PRE(z->stream.avail_in == len);
    while (z->stream.avail_in > 0 || (full && !z->whole)) {
        if (z->whole)
            inflateReset(&z->stream); /* a further member */
        z->stream.next_out = z->room;
        z->stream.avail_out = ROOM_BYTES;
        int rc = inflate(&z->stream, Z_NO_FLUSH);
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
            return false;
        z->whole = rc == Z_STREAM_END;
        full = z->stream.avail_out == 0;
        if (!take(arg, z->room, ROOM_BYTES - z->stream.avail_out))
            return false;
    }
    return true;
}

bool inflate_is_whole(const struct inflate *z)
{
    return z->whole;
}
