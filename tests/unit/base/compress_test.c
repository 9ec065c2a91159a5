/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/compress/compress.h"

#include "tests/test.h"

static void content_take(void *arg, const void *bytes, size_t len)
{
    buf_add(arg, bytes, len);
}

/* Whoever reads the pieces one by one has at each moment all that was compressed. */
TEST(compress_pieces_are_read_as_they_come)
{
    struct compress *c = compress_new(), *d = compress_new();
    struct buf frame, content, back;
    buf_init(&frame, SIZE_MAX);
    buf_init(&content, SIZE_MAX);
    buf_init(&back, SIZE_MAX);
    for (int frames = 0; frames < 2; frames++) {
        buf_clear(&content);
        buf_clear(&back);
        compress_begin(d);
        for (int i = 0; i <= 40; i++) {
            size_t from = content.len;
            for (int k = 0; k < 1000 * (i % 7); k++)
                buf_addf(&content, "%d,", (i * k) % 1001);
            buf_clear(&frame);
            compress_piece(c, 1, buf_str(&content) + from, content.len - from, i == 40, &frame);
            ASSERT(compress_next(d, buf_str(&frame), frame.len, content_take, &back));
            ASSERT_EQ(back.len, content.len);
            ASSERT_EQ(compress_is_whole(d), i == 40);
        }
        ASSERT(memcmp(buf_str(&back), buf_str(&content), content.len) == 0);
    }
    buf_done(&frame);
    buf_done(&content);
    buf_done(&back);
    compress_free(c);
    compress_free(d);
}
