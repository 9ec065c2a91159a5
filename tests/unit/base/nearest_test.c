/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/nearest.h"
#include "tests/test.h"

TEST(nearest_names)
{
    static const char *const names[] = {"parameters", "program", "metric", "q"};
    ASSERT_STR(nearest_name("paramters", names, 4, sizeof *names), "parameters");
    ASSERT_STR(nearest_name("progarm", names, 4, sizeof *names), "program");
    ASSERT_STR(nearest_name("Metrics", names, 4, sizeof *names), "metric");
    ASSERT_STR(nearest_name("par", names, 4, sizeof *names), "parameters");
    ASSERT(!nearest_name("data", names, 4, sizeof *names));
    ASSERT(!nearest_name("", names, 4, sizeof *names));
    ASSERT(!nearest_name("x", names, 4, sizeof *names));
}
