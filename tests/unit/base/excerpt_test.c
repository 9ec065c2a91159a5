/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/excerpt.h"
#include "base/diag/source.h"
#include "tests/test.h"

/* Shows the first `part` of line in so many columns. */
static void expect(const char *line, const char *part, size_t columns, const char *want)
{
    struct buf out;
    const char *at = strstr(line, part);
    struct excerpt e = {.line = line,
                        .len = strlen(line),
                        .from = (size_t)(at - line),
                        .to = (size_t)(at - line) + strlen(part),
                        .number = 7,
                        .number_width = 2,
                        .columns = columns,
                        .mark = '|',
                        .tone = "",
                        .plain = ""};
    buf_init(&out, SIZE_MAX);
    excerpt_print(&out, &e);
    ASSERT_STR(buf_str(&out), want);
    buf_done(&out);
}

TEST(excerpt_underlines_the_part)
{
    expect("  goal: maximum", "maximum", 100,
           "  7 |   goal: maximum\n"
           "    |         ^^^^^^^\n");
    expect("", "", 100,
           "  7 | \n"
           "    | ^\n");
    expect("abc", "", 100,
           "  7 | abc\n"
           "    | ^\n");
}

TEST(excerpt_counts_columns_not_bytes)
{
    expect("a:\tb\tc # tab", "c", 100,
           "  7 | a:  b   c # tab\n"
           "    |         ^\n");
    expect("名: héllo wörld 😀 x", "wörld 😀", 100,
           "  7 | 名: héllo wörld 😀 x\n"
           "    |           ^^^^^^^^\n");
    expect("e\xcc\x81: bad", "bad", 100,
           "  7 | e\xcc\x81: bad\n"
           "    |    ^^^\n");
}

TEST(excerpt_obeys_no_control_character)
{
    expect("a\x1b[31m: \x01 b\x7f", "b", 100,
           "  7 | a?[31m: ? b?\n"
           "    |           ^\n");
    expect("a \xff b", "b", 100,
           "  7 | a ? b\n"
           "    |     ^\n");
}

TEST(excerpt_cuts_a_line_too_long)
{
    expect("values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]", "values", 40,
           "  7 | values: [1, 2, 3, 4, 5, 6, 7, 8, …\n"
           "    | ^^^^^^\n");
    expect("values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]", "14", 40,
           "  7 | … 7, 8, 9, 10, 11, 12, 13, 14, 15]\n"
           "    |                            ^^\n");
    expect("values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]", "12, 13", 40,
           "  7 | …9, 10, 11, 12, 13, 14, 15, 16, 1…\n"
           "    |             ^^^^^^\n");
}

TEST(source_finds_lines_as_yaml_breaks_them)
{
    const char text[] = "\xef\xbb\xbf"
                        "a: é\r\nb\rc\n\nd\xe2\x80\xa8"
                        "last";
    struct source s = source_of(text, sizeof text - 1);
    size_t from, to;
    static const char *const lines[] = {"a: é", "b", "c", "", "d", "last"};
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 6; i++) {
            ASSERT(source_line(&s, i + 1, &from, &to));
            ASSERT_EQ(to - from, strlen(lines[i]));
            ASSERT(memcmp(text + from, lines[i], to - from) == 0);
        }
    ASSERT(!source_line(&s, 7, &from, &to) && !source_line(&s, 0, &from, &to));
    ASSERT(source_offset(&s, 1, 5, &from) && from == 8);
    ASSERT(!source_offset(&s, 1, 6, &from));
    ASSERT(source_offset(&s, 6, 5, &from) && from == sizeof text - 1);
}

TEST(source_gives_the_same_whatever_was_looked_at_before)
{
    const char text[] = "a: éé\nbcd\n\nlast: é";
    struct source s = source_of(text, sizeof text - 1);
    for (unsigned i = 0; i < 2000; i++) {
        int line = (int)(i * 7919 % 6), column = (int)(i * 104729 % 11);
        struct source fresh = source_of(text, sizeof text - 1);
        size_t got = 0, want = 0;
        bool there = source_offset(&s, line, column, &got);
        ASSERT_EQ(there, source_offset(&fresh, line, column, &want));
        ASSERT_EQ(got, want);
    }
}

TEST(source_has_no_lines_of_utf16)
{
    size_t from, to;
    struct source s = source_of("\xff\xfe"
                                "a\0",
                                4);
    ASSERT(!source_line(&s, 1, &from, &to) && !source_offset(&s, 1, 1, &from));
}
