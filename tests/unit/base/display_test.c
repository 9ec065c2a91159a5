/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/display.h"
#include "tests/test.h"

static const char *clean(const char *s, size_t len)
{
    static struct buf out;
    if (out.max > 0)
        buf_done(&out);
    buf_init(&out, SIZE_MAX);
    display_clean(&out, s, len);
    return buf_str(&out);
}
#define CLEAN(s) clean(s, sizeof(s) - 1)

TEST(what_a_terminal_would_obey_is_gone)
{
    ASSERT_STR(CLEAN("plain text"), "plain text");
    ASSERT_STR(CLEAN("\x1b[31mred\x1b[0m"), "red");
    ASSERT_STR(CLEAN("\x1b]0;title\x07!"), "!");
    ASSERT_STR(CLEAN("\x1b]8;;http://x\x1b\\link"), "link");
    ASSERT_STR(CLEAN("\x1b"
                     "c"),
               "^[c");
    ASSERT_STR(CLEAN("\x1b[31"), "^[[31");
    ASSERT_STR(CLEAN("a\rb\tc\nd\x7f"), "a^Mb^Ic^Jd^?");
    ASSERT_STR(CLEAN("a\0b"), "a^@b");
    ASSERT_STR(CLEAN("\xc2\x9b"
                     "31m"),
               "?31m");
    ASSERT_STR(CLEAN("\xff\xfe"), "??");
    ASSERT_STR(CLEAN("a\xe2\x80\xae"
                     "b"),
               "a?b");
    ASSERT_STR(CLEAN("größe 模型"), "größe 模型");
}

TEST(name_is_told_by_its_looks)
{
    static const char *const good[] = {"a", "two words", "größe 模型", "e\u0301", "\U0001f680"};
    static const char *const bad[] = {"",         " a",       "a ",          "a\tb",     "\u00a0",
                                      "a\u00a0b", "a\u200b",  "\ufeffa",     "a\u2028b", "\u0301",
                                      "\u0301e",  "a\uffff",  "a\U0001fffe", "a\ufdd0",  "a\u202eb",
                                      "a\u00adb", "a\u3000b", "\u3164",      "\u2800",   "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ASSERT(display_is_name(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (display_is_name(bad[i], strlen(bad[i])))
            FAIL("case %zu is taken", i);
    ASSERT(!display_is_name("a\0b", 3));
}

TEST(width_is_in_columns)
{
    static const struct {
        const char *s;
        size_t width;
    } cases[] = {{"", 0},        {"abc", 3},         {"größe", 5}, {"模型", 4},
                 {"e\u0301", 1}, {"\U0001f680!", 3}, {"\xff", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ASSERT_EQ(display_width(cases[i].s, strlen(cases[i].s)), cases[i].width);
}

TEST(a_cut_never_splits_a_character)
{
    ASSERT_EQ(display_fit("abc", 3, 2), 2);
    ASSERT_EQ(display_fit("模型", 6, 3), 3);
    ASSERT_EQ(display_fit("e\u0301x", 4, 1), 3);
    ASSERT_EQ(display_fit("abc", 3, 9), 3);
}

TEST(of_a_progress_bar_its_last_state_is_left)
{
    static const struct {
        const char *in, *want;
    } cases[] = {{"10%\r50%\r100%", "100%"}, {"50%\r", "50%"}, {"whole\r\r", "whole"},
                 {"plain", "plain"},         {"\r", ""},       {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = strlen(cases[i].in);
        const char *s = display_redrawn(cases[i].in, &len);
        ASSERT_EQ(len, strlen(cases[i].want));
        ASSERT(memcmp(s, cases[i].want, len) == 0);
    }
}
