/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Writes files as wandb 0.31.0 does: the log of records, and their messages. */
#include <string.h>

#include "base/buf.h"
#include "base/bytes/crc32.h"
#include "protocol/wandb/wandb_file.h"

static struct buf file;

[[maybe_unused]] static void add_piece(int type, const void *bytes, size_t len)
{
    struct buf piece;
    buf_init(&piece, SIZE_MAX);
    buf_addc(&piece, (char)type);
    buf_add(&piece, bytes, len);
    uint32_t crc = crc32_add(0, buf_str(&piece), piece.len);
    for (int i = 0; i < 4; i++)
        buf_addc(&file, (char)(crc >> 8 * i));
    buf_addc(&file, (char)len);
    buf_addc(&file, (char)(len >> 8));
    buf_add(&file, buf_str(&piece), piece.len);
    buf_done(&piece);
}

/* LevelDB's writer: where a block has no room for a head, zeros fill it. */
[[maybe_unused]] static void add_record(const void *bytes, size_t len)
{
    const char *at = bytes;
    bool first = true;
    do {
        size_t left = WANDB_FILE_BLOCK_BYTES - file.len % WANDB_FILE_BLOCK_BYTES;
        for (; left<7; left = left> 1 ? left - 1 : WANDB_FILE_BLOCK_BYTES)
            buf_addc(&file, '\0');
        size_t n = len < left - 7 ? len : left - 7;
        bool last = n == len;
        add_piece(first ? (last ? 1 : 2) : (last ? 4 : 3), at, n);
        first = false;
        at += n;
        len -= n;
    } while (len > 0);
}

[[maybe_unused]] static void add_varint(struct buf *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_addc(out, (char)(n | 0x80));
    buf_addc(out, (char)n);
}

[[maybe_unused]] static void add_field(struct buf *out, unsigned number, const void *bytes,
                                       size_t len)
{
    add_varint(out, number << 3 | 2);
    add_varint(out, len);
    buf_add(out, bytes, len);
}

[[maybe_unused]] static void add_item(struct buf *out, const char *first, const char *second,
                                      const char *json)
{
    struct buf item;
    buf_init(&item, SIZE_MAX);
    add_field(&item, 2, first, strlen(first));
    if (second)
        add_field(&item, 2, second, strlen(second));
    add_field(&item, 16, json, strlen(json));
    add_field(out, 1, buf_str(&item), item.len);
    buf_done(&item);
}
