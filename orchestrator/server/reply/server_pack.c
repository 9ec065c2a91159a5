/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/reply/server_pack.h"

#include "base/compress/compress.h"
#include "net/http/http_head.h"

enum { LEVEL = 1 };

bool server_pack_wants(const struct http_head *head)
{
    return http_head_accepts(head, "zstd");
}

bool server_pack(struct buf *out)
{
    struct buf packed;
    if (out->overflow || out->len < SERVER_PACK_BYTES_MIN)
        return false;
    struct compress *c = compress_new();
    buf_init(&packed, SIZE_MAX);
    compress_add(c, LEVEL, buf_peek(out), out->len, &packed);
    compress_free(c);
    bool shorter = packed.len < out->len;
    if (shorter) {
        buf_clear(out);
        buf_add(out, buf_str(&packed), packed.len);
    }
    buf_done(&packed);
    return shorter;
}
