/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "base/number/rng.h"
#include "tests/test.h"

TEST(buf_adds_and_drops)
{
    struct buf b;
    buf_init(&b, 1000);
    ASSERT_STR(buf_peek(&b), "");
    buf_adds(&b, "abc");
    buf_addc(&b, 'd');
    buf_addf(&b, "%d-%s", 5, "x");
    buf_add(&b, NULL, 0);
    ASSERT_STR(buf_peek(&b), "abcd5-x");
    buf_drop(&b, 4);
    ASSERT_STR(buf_peek(&b), "5-x");
    buf_drop(&b, 3);
    ASSERT_STR(buf_peek(&b), "");
    char *room = buf_reserve(&b, 10);
    ASSERT(room == buf_peek(&b));
    memcpy(room, "0123456789", 10);
    buf_commit(&b, 6);
    ASSERT_STR(buf_peek(&b), "012345");
    ASSERT(!b.overflow);
    buf_clear(&b);
    ASSERT_EQ(b.len, 0);
    buf_done(&b);
    ASSERT(buf_peek(&b) == NULL);
}

TEST(buf_never_passes_its_maximum)
{
    for (size_t max = 0; max < 600; max = max < 20 ? max + 1 : max + 37) {
        struct buf b;
        struct rng rng;
        char text[1024] = "";
        size_t wanted = 0;
        buf_init(&b, max);
        rng_init(&rng, max, 0, RNG_TEST);
        while (wanted < 700) {
            char piece[320];
            size_t len = (size_t)rng_below(&rng, 300);
            memset(piece, (int)('a' + len % 26), len);
            piece[len] = '\0';
            if (len % 3 == 0)
                buf_addf(&b, "%s", piece);
            else
                buf_adds(&b, piece);
            memcpy(text + wanted, piece, len + 1);
            wanted += len;
            ASSERT_EQ(b.len, wanted < max ? wanted : max);
            ASSERT_EQ(b.overflow, wanted > max);
            ASSERT_EQ(strlen(buf_peek(&b)), b.len);
            ASSERT(memcmp(buf_peek(&b), text, b.len) == 0);
        }
        ASSERT(b.cap <= max + 9);
        ASSERT(buf_reserve(&b, 1) == NULL);
        ASSERT(buf_reserve(&b, 0) != NULL);
        buf_clear(&b);
        ASSERT(!b.overflow);
        ASSERT(buf_reserve(&b, max) != NULL);
        ASSERT(buf_reserve(&b, max + 1) == NULL);
        buf_done(&b);
    }
}

TEST(buf_formats_what_is_long)
{
    struct buf b;
    for (int len = 250; len < 260; len++) {
        buf_init(&b, 1000);
        buf_addf(&b, "<%*d>", len, 7);
        ASSERT_EQ(b.len, len + 2);
        ASSERT_STR(buf_peek(&b) + b.len - 3, " 7>");
        buf_done(&b);
    }
}

TEST(buf_text_of_an_overflow_is_refused)
{
    struct buf b;
    const char *text = NULL;
    buf_init(&b, 5);
    buf_adds(&b, "12345");
    ASSERT_EQ(buf_finish(&b, &text), 0);
    ASSERT_STR(text, "12345");
    buf_addc(&b, '6');
    ASSERT_EQ(buf_finish(&b, &text), ERR_LIMIT);
    ASSERT_STR(buf_peek(&b), "12345");
    buf_clear(&b);
    ASSERT_EQ(buf_finish(&b, &text), 0);
    buf_done(&b);
}
