/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/compress/compress.h"

#include <zstd.h>

#include "base/check.h"
#include "base/mem.h"

enum { PIECES_WINDOW = 17 /* its bits */ };

struct compress {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    void *room; /* for a piece of content */
    bool whole;
    bool open; /* a frame of pieces has begun */
};

struct compress *compress_new(void)
{
    struct compress *c = mem_alloc(sizeof *c);
    return c;
}

void compress_free(struct compress *c)
{
    if (!c)
        return;
    ZSTD_freeCCtx(c->compressor);
    ZSTD_freeDCtx(c->decompressor);
    mem_free(c->room);
    mem_free(c);
}

static void compress_set(struct compress *c, int level, int window)
{
    if (!c->compressor)
        c->compressor = ZSTD_createCCtx();
    check(c->compressor);
    ZSTD_CCtx_setParameter(c->compressor, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(c->compressor, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(c->compressor, ZSTD_c_windowLog, window);
}

void compress_add(struct compress *c, int level, const void *bytes, size_t len, struct buf *out)
{
    compress_set(c, level, 0);
    size_t room = ZSTD_compressBound(len);
    char *frame = buf_reserve(out, room);
    check(frame);
    size_t n = ZSTD_compress2(c->compressor, frame, room, bytes, len);
    check(!ZSTD_isError(n));
    buf_commit(out, n);
}

void compress_piece(struct compress *c, int level, const void *bytes, size_t len, bool last,
                    struct buf *out)
{
    ZSTD_inBuffer in = {bytes, len, 0};
    size_t room = ZSTD_CStreamOutSize(), left;
    if (!c->open)
        compress_set(c, level, PIECES_WINDOW);
    do {
        char *frame = buf_reserve(out, room);
        check(frame);
        ZSTD_outBuffer to = {frame, room, 0};
        left = ZSTD_compressStream2(c->compressor, &to, &in, last ? ZSTD_e_end : ZSTD_e_flush);
        check(!ZSTD_isError(left));
        buf_commit(out, to.pos);
    } while (left > 0);
    c->open = !last;
}

bool compress_size(const void *frame, size_t len, uint64_t *ret)
{
    unsigned long long size = ZSTD_getFrameContentSize(frame, len);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
        return false;
    *ret = size;
    return true;
}

bool compress_restore(struct compress *c, const void *frame, size_t len, void *out, size_t size)
{
    if (!c->decompressor)
        c->decompressor = ZSTD_createDCtx();
    check(c->decompressor);
    size_t n = ZSTD_decompressDCtx(c->decompressor, out, size, frame, len);
    return !ZSTD_isError(n) && n == size;
}

void compress_begin(struct compress *c)
{
    if (!c->decompressor)
        c->decompressor = ZSTD_createDCtx();
    check(c->decompressor);
    ZSTD_DCtx_reset(c->decompressor, ZSTD_reset_session_only);
    c->whole = false;
}

bool compress_next(struct compress *c, const void *piece, size_t len, compress_fn take, void *arg)
{
    size_t size = ZSTD_DStreamOutSize();
    ZSTD_inBuffer in = {piece, len, 0};
    if (!c->room)
        c->room = mem_alloc(size);
    while (in.pos < in.size) {
        ZSTD_outBuffer out = {c->room, size, 0};
        size_t left = c->whole ? 0 : ZSTD_decompressStream(c->decompressor, &out, &in);
        if (c->whole || ZSTD_isError(left))
            return false;
        take(arg, c->room, out.pos);
        c->whole = left == 0;
    }
    return true;
}

bool compress_is_whole(const struct compress *c)
{
    return c->whole;
}
