/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/compress/compress.h"

#include <zstd.h>

#include "base/check.h"
#include "base/mem.h"

struct compress {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
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
    mem_free(c);
}

void compress_add(struct compress *c, int level, const void *bytes, size_t len, struct buf *out)
{
    if (!c->compressor)
        c->compressor = ZSTD_createCCtx();
    check(c->compressor);
    ZSTD_CCtx_setParameter(c->compressor, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(c->compressor, ZSTD_c_checksumFlag, 1);
    size_t room = ZSTD_compressBound(len);
    char *frame = buf_reserve(out, room);
    check(frame);
    size_t n = ZSTD_compress2(c->compressor, frame, room, bytes, len);
    check(!ZSTD_isError(n));
    buf_commit(out, n);
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
