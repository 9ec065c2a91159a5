/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/memo.h"

#include "tests/test.h"

TEST(every_row_is_found_again_and_no_other)
{
    struct memo m;
    uint32_t found;
    memo_init(&m);
    ASSERT(!memo_find(&m, (uint32_t[]){1, 2}, 2, &found));
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t pair[] = {1, i}, triple[] = {2, i, i * i};
        ASSERT(!memo_find(&m, pair, 2, &found));
        ASSERT(!memo_find(&m, triple, 3, &found));
        memo_put(&m, pair, 2, 2 * i);
        memo_put(&m, triple, 3, 2 * i + 1);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        ASSERT(memo_find(&m, (uint32_t[]){1, i}, 2, &found));
        ASSERT_EQ(found, 2 * i);
        ASSERT(memo_find(&m, (uint32_t[]){2, i, i * i}, 3, &found));
        ASSERT_EQ(found, 2 * i + 1);
        ASSERT(!memo_find(&m, (uint32_t[]){2, i, i * i + 1}, 3, &found));
    }
    memo_done(&m);
}
