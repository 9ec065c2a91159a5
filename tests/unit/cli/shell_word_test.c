/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/shell_word.h"
#include "tests/test.h"

static const char *word(const char *s)
{
    static struct buf out;
    if (out.max > 0)
        buf_done(&out);
    buf_init(&out, SIZE_MAX);
    shell_word(&out, s);
    return buf_str(&out);
}

TEST(shell_words_are_quoted_where_they_must_be)
{
    ASSERT_STR(word("--lr=1e-05"), "--lr=1e-05");
    ASSERT_STR(word(""), "''");
    ASSERT_STR(word("a b"), "'a b'");
    ASSERT_STR(word("it's"), "'it'\\''s'");
    ASSERT_STR(word("${x}`y`"), "'${x}`y`'");
    ASSERT_STR(word("größe"), "'größe'");
}

TEST(shell_words_hold_nothing_that_a_terminal_obeys)
{
    ASSERT_STR(word("\x1b[31mit's"), "$'\\x1b[31mit\\'s'");
    ASSERT_STR(word("a\nb\tc\\\r"), "$'a\\nb\\tc\\\\\\r'");
    ASSERT_STR(word("\xe2\x80\xae"), "$'\\xe2\\x80\\xae'");
    ASSERT_STR(word("\xff"), "$'\\xff'");
    ASSERT_STR(word("\x7f%s%n"), "$'\\x7f%s%n'");
}
