/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_file.h"

#include <string.h>

#include "base/bytes/crc32.h"
#include "base/limits.h"

enum { FILE_HEAD_BYTES = 7, PIECE_HEAD_BYTES = 7 };
enum { PIECE_WHOLE = 1, PIECE_FIRST, PIECE_MIDDLE, PIECE_LAST };

void wandb_file_init(struct wandb_file *f)
{
    *f = (struct wandb_file){0};
    buf_init(&f->record, LIMIT_WANDB_BODY_BYTES);
}

void wandb_file_done(struct wandb_file *f)
{
    buf_done(&f->record);
}

static uint32_t u32_read(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void wandb_file_block(struct wandb_file *f, const void *bytes, size_t len,
                      void (*fn)(void *arg, const void *record, size_t len), void *arg)
{
    const unsigned char *at = bytes, *end = at + len;
    if (!f->begun) {
        f->is_one = len >= FILE_HEAD_BYTES && memcmp(at, ":W&B", 4) == 0;
        f->damaged = !f->is_one;
        at += FILE_HEAD_BYTES;
    }
    f->begun = true;
    while (!f->damaged && end - at >= PIECE_HEAD_BYTES) {
        size_t n = at[4] | (size_t)at[5] << 8;
        int type = at[6];
        const unsigned char *piece = at + PIECE_HEAD_BYTES;
        f->damaged = n > (size_t)(end - piece) || type < PIECE_WHOLE || type > PIECE_LAST ||
                     crc32_add(0, at + 6, n + 1) != u32_read(at);
        if (f->damaged)
            return;
        if (type == PIECE_WHOLE || type == PIECE_FIRST) {
            buf_clear(&f->record);
            f->record.overflow = false;
        }
        buf_add(&f->record, piece, n);
        if ((type == PIECE_WHOLE || type == PIECE_LAST) && !f->record.overflow)
            fn(arg, buf_peek(&f->record), f->record.len);
        at = piece + n;
    }
}
