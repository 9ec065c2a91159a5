/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/log_kind.h"
#include "tests/test.h"

static char kind[64];

static const char *kind_of(const char *text)
{
    log_kind(kind, sizeof kind, text);
    return kind;
}

TEST(numbers_addresses_and_identifiers_are_no_part_of_a_kind)
{
    ASSERT_STR(kind_of("nan in layer 9 at 0x987870fa"), "nan in layer # at #");
    ASSERT_STR(kind_of("at 0Xcafe"), "at #");
    ASSERT_STR(kind_of("loss 0.5 of 1e-05, layer12"), "loss # of #, layer#");
    ASSERT_STR(kind_of("run 'c0ffee12-babe-4bad-8bad-deadbeefcafe' is gone"), "run '#' is gone");
    ASSERT_STR(kind_of("bad object 9f3ac1de"), "bad object #");
    ASSERT_STR(kind_of("12345678: it"), "#: it");
}

TEST(words_are_a_part_of_a_kind)
{
    ASSERT_STR(kind_of("decade effaced 0xyz"), "decade effaced #xyz");
    ASSERT_STR(kind_of("deadbeef faded-away"), "deadbeef faded-away");
    ASSERT_STR(kind_of("a1b2c3d4of bad-face"), "a#b#c#d#of bad-face");
    ASSERT_STR(kind_of(""), "");
}

TEST(a_kind_fits_its_place)
{
    char small[4];
    log_kind(small, sizeof small, "abcdef");
    ASSERT_STR(small, "abc");
}
