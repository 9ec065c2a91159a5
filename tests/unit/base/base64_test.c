/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes/base64.h"

#include "base/number/rng.h"
#include "tests/test.h"

static void base64_is(const char *bytes, const char *text)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    base64_print(&b, bytes, strlen(bytes));
    ASSERT_STR(buf_str(&b), text);
    ASSERT_EQ(b.len, BASE64_BYTES(strlen(bytes)));
    buf_done(&b);
}

/* The vectors of RFC 4648, section 10. */
TEST(base64_known_answers)
{
    base64_is("", "");
    base64_is("f", "Zg==");
    base64_is("fo", "Zm8=");
    base64_is("foo", "Zm9v");
    base64_is("foob", "Zm9vYg==");
    base64_is("fooba", "Zm9vYmE=");
    base64_is("foobar", "Zm9vYmFy");
    base64_is("\xfb\xff\xfe", "+//+");
}

TEST(base64_parse_of_print_is_identity)
{
    struct rng r;
    struct buf text, back;
    char bytes[200];
    rng_init(&r, 1, 0, RNG_TEST);
    buf_init(&text, SIZE_MAX);
    buf_init(&back, SIZE_MAX);
    for (size_t len = 0; len < sizeof bytes; len++) {
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)rng_below(&r, 256);
        buf_clear(&text);
        buf_clear(&back);
        base64_print(&text, bytes, len);
        ASSERT(base64_parse(&back, buf_str(&text), text.len));
        ASSERT(back.len == len && memcmp(buf_str(&back), bytes, len) == 0);
    }
    buf_done(&text);
    buf_done(&back);
}

TEST(base64_refusals)
{
    static const char *const bad[] = {"Z",    "Zg",   "Zg=",   "Z===", "====",     "Zg=v",
                                      "Zh==", "Zm9=", "Zm\n=", "Z-8=", "Zg==Zg==", "\xc3\xa4=="};
    struct buf b;
    buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (base64_parse(&b, bad[i], strlen(bad[i])))
            FAIL("%s was read", bad[i]);
    buf_done(&b);
}
