/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"
#include "tests/test.h"

TEST(set_and_wrap)
{
    struct err err = {0};
    ASSERT_EQ(err_set(&err, ERR_SPEC, "min %d > max %d", 3, 1), ERR_SPEC);
    ASSERT_EQ(err_wrap(&err, "parameters.%s", "lr"), ERR_SPEC);
    ASSERT_STR(err.text, "parameters.lr: min 3 > max 1");
    ASSERT_STR(err_name(err.code), "ERR_SPEC");
}

TEST(names_and_sentences)
{
    ASSERT_STR(err_sentence(ERR_NOT_FOUND), "not found");
    ASSERT_STR(err_name(1), "ERR_UNKNOWN");
    ASSERT_STR(err_sentence(0), "unknown error");
    ASSERT_EQ(err_set(NULL, ERR_IO, "nobody reads this"), ERR_IO);
}

TEST(wrap_cuts_what_is_too_long)
{
    struct err err = {0};
    char prefix[ERR_TEXT_BYTES + 10];
    memset(prefix, 'p', sizeof prefix - 1);
    prefix[sizeof prefix - 1] = '\0';
    err_set(&err, ERR_IO, "text");
    ASSERT_EQ(err_wrap(&err, "%s", prefix), ERR_IO);
    ASSERT_EQ(strlen(err.text), ERR_TEXT_BYTES - 1);
    err_set(&err, ERR_IO, "%s", prefix);
    err_wrap(&err, "where");
    ASSERT_EQ(strlen(err.text), ERR_TEXT_BYTES - 1);
    ASSERT(strncmp(err.text, "where: ppp", 10) == 0);
}
