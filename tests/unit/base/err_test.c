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
