/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/frame.h"

#include "base/limits.h"
#include "base/number/rng.h"
#include "tests/test.h"

enum { FRAMES = 40 };

static void add_frame(struct buf *out, const void *bytes, size_t len)
{
    unsigned char header[FRAME_HEADER_BYTES];
    frame_header(header, len);
    buf_add(out, header, sizeof header);
    buf_add(out, bytes, len);
}

/* Of frames of every length about a header's, and some long ones. */
static void some_stream(struct rng *r, struct buf *out, size_t lens[FRAMES])
{
    static char bytes[20000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)rng_u32(r);
    for (int i = 0; i < FRAMES; i++) {
        lens[i] = rng_below(r, rng_below(r, 8) ? 8 : sizeof bytes);
        add_frame(out, bytes + rng_below(r, sizeof bytes - lens[i]), lens[i]);
    }
}

TEST(frame_any_split_gives_the_same)
{
    struct rng r;
    rng_init(&r, 2, 0, RNG_TEST);
    for (int round = 0; round < 200; round++) {
        struct frame_decoder d;
        struct buf stream;
        size_t lens[FRAMES], most = 1 + rng_below(&r, round % 3 ? 7 : 30000);
        buf_init(&stream, SIZE_MAX);
        some_stream(&r, &stream, lens);
        frame_decoder_init(&d);
        size_t fed = 0, got = 0, at = 0;
        while (fed < stream.len) {
            size_t n = 1 + rng_below(&r, most);
            n = n < stream.len - fed ? n : stream.len - fed;
            ASSERT_EQ(frame_decoder_feed(&d, buf_str(&stream) + fed, n, NULL), 0);
            fed += n;
            const char *frame;
            size_t len;
            while (frame_decoder_next(&d, &frame, &len)) {
                ASSERT_EQ(len, lens[got++]);
                ASSERT(memcmp(frame, buf_str(&stream) + at + FRAME_HEADER_BYTES, len) == 0);
                at += FRAME_HEADER_BYTES + len;
                ASSERT(at <= fed);
            }
            /* None is held back that is whole. */
            ASSERT(got == FRAMES || at + FRAME_HEADER_BYTES + lens[got] > fed);
        }
        ASSERT_EQ(got, FRAMES);
        frame_decoder_done(&d);
        buf_done(&stream);
    }
}

TEST(frame_over_the_limit_is_refused_by_its_header)
{
    static const unsigned char most[] = {0x00, 0x10, 0x00, 0x00}, over[] = {0x00, 0x10, 0x00, 0x01},
                               far[] = {0xff, 0xff, 0xff, 0xff};
    _Static_assert(LIMIT_FRAME_BYTES == 0x100000, "the headers above are about the limit");
    static const struct {
        const unsigned char *header;
        int code;
    } cases[] = {{most, 0}, {over, ERR_LIMIT}, {far, ERR_LIMIT}};
    for (size_t i = 0; i < 3; i++) {
        struct frame_decoder d;
        struct err err = {0};
        const char *frame;
        size_t len;
        frame_decoder_init(&d);
        ASSERT_EQ(frame_decoder_feed(&d, cases[i].header, 4, &err), cases[i].code);
        ASSERT(!frame_decoder_next(&d, &frame, &len));
        ASSERT(d.pending.cap < 4096);
        ASSERT_EQ(err.text[0] != '\0', cases[i].code != 0);
        frame_decoder_done(&d);
    }
}

TEST(frame_over_the_limit_behind_a_good_one)
{
    struct frame_decoder d;
    struct buf stream;
    static const unsigned char far[] = {0x7f, 0xff, 0xff, 0xff};
    buf_init(&stream, SIZE_MAX);
    add_frame(&stream, "{}", 2);
    buf_add(&stream, far, sizeof far);
    frame_decoder_init(&d);
    ASSERT_EQ(frame_decoder_feed(&d, buf_str(&stream), stream.len, NULL), ERR_LIMIT);
    frame_decoder_done(&d);
    buf_done(&stream);
}

TEST(frame_a_flood_without_a_reader_is_refused)
{
    struct frame_decoder d;
    static char bytes[LIMIT_FRAME_BYTES];
    struct buf one;
    int rc = 0;
    buf_init(&one, SIZE_MAX);
    add_frame(&one, bytes, sizeof bytes);
    frame_decoder_init(&d);
    int fed = 0;
    while (rc == 0 && fed < 100) {
        rc = frame_decoder_feed(&d, buf_str(&one), one.len, NULL);
        fed++;
    }
    ASSERT_EQ(rc, ERR_LIMIT);
    ASSERT(fed > 1 && fed <= 5);
    frame_decoder_done(&d);
    buf_done(&one);
}
