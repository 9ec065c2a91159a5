/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/count.h"
#include "tests/test.h"

TEST(count_stops_at_the_largest_exact_number)
{
    ASSERT_EQ(count_add(2, 3), 5);
    ASSERT_EQ(count_add(COUNT_MAX - 1, 1), COUNT_MAX);
    ASSERT_EQ(count_add(COUNT_MAX, COUNT_MAX), COUNT_MAX);
    ASSERT_EQ(count_add(1, UINT64_MAX), COUNT_MAX);
    ASSERT_EQ(count_add(UINT64_MAX, 0), COUNT_MAX);
}
