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

TEST(utf8_is_made_of_utf16)
{
    static const struct {
        const char *text, *want; /* NULL: it is none */
        size_t len;
    } cases[] = {
        {"\xFF\xFE"
         "a\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE\n\0",
         "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n", 14},
        {"\xFE\xFF"
         "\0a\0\xE9\x20\xAC\xD8\x3D\xDE\x00\0\n",
         "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n", 14},
        {"\xFF\xFE", "", 2},
        {"a\0", NULL, 2},
        {"\xFF\xFE"
         "a",
         NULL, 3},
        {"\xFF\xFE"
         "\x3D\xD8",
         NULL, 4},
        {"\xFF\xFE"
         "\x3D\xD8"
         "a\0",
         NULL, 6},
        {"\xFF\xFE"
         "\x00\xDE"
         "a\0",
         NULL, 6},
        {"", NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        bool ok = utf8_from_utf16(&out, cases[i].text, cases[i].len);
        ASSERT_EQ(ok, cases[i].want != NULL);
        if (ok)
            ASSERT_STR(out.len ? buf_str(&out) : "", cases[i].want);
        buf_done(&out);
    }
}
