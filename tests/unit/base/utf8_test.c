/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "tests/test.h"

TEST(utf8_every_character_goes_round)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        char s[UTF8_BYTES_MAX];
        uint32_t back = 1;
        size_t n = utf8_encode(s, c);
        ASSERT_EQ(utf8_decode(s, n, &back), n);
        ASSERT_EQ(back, c);
        ASSERT_EQ(utf8_decode(s, n - 1, &back), 0);
    }
}

TEST(utf8_refuses_what_is_not)
{
    static const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xC3(",
        "\xE2\x82(",
    };
    uint32_t c;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_EQ(utf8_decode(bad[i], strlen(bad[i]), &c), 0);
    ASSERT_EQ(utf8_valid_prefix("a\xC3\xA9z", 4), 4);
    ASSERT_EQ(utf8_valid_prefix("a\xC3\xA9\xFFz", 5), 3);
    ASSERT_EQ(utf8_valid_prefix("", 0), 0);
}
