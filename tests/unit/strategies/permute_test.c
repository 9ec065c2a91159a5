/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/permute.h"
#include "strategies/seen.h"
#include "tests/test.h"

TEST(permute_is_a_bijection)
{
    static const uint64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 100, 1000, 4096, 4097, 10007};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct permute p;
        struct seen seen;
        permute_init(&p, 42 + i, sizes[i]);
        seen_init(&seen);
        for (uint64_t at = 0; at < sizes[i]; at++) {
            ASSERT(permute_at(&p, at) < sizes[i]);
            ASSERT(seen_add(&seen, permute_at(&p, at)));
        }
        ASSERT_EQ(seen.n, sizes[i]);
        seen_done(&seen);
    }
}

TEST(permute_takes_64_bits)
{
    struct permute p;
    permute_init(&p, 1, UINT64_MAX);
    uint64_t high = 0;
    for (uint64_t at = 0; at < 64; at++)
        high |= permute_at(&p, at);
    ASSERT(high >> 63);
    ASSERT(permute_at(&p, UINT64_MAX - 1) < UINT64_MAX);
}

/* Each of the 24 orders of 4 things comes as often: chi-square with 23 degrees of freedom exceeds
 * 60 with probability 4e-5. */
TEST(permute_orders_are_alike)
{
    enum { SEEDS = 24000 };
    int count[256] = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct permute p;
        permute_init(&p, seed, 4);
        count[permute_at(&p, 0) * 64 + permute_at(&p, 1) * 16 + permute_at(&p, 2) * 4 +
              permute_at(&p, 3)]++;
    }
    double chi2 = 0;
    int orders = 0;
    for (int i = 0; i < 256; i++)
        if (count[i]) {
            chi2 += pow(count[i] - SEEDS / 24.0, 2) / (SEEDS / 24.0);
            orders++;
        }
    ASSERT_EQ(orders, 24);
    if (chi2 > 60)
        FAIL("chi-square %g", chi2);
}

TEST(seen_keeps_what_was_added)
{
    struct seen s;
    seen_init(&s);
    ASSERT(!seen_has(&s, 0) && !seen_has(&s, 5));
    for (uint64_t k = 0; k < 5000; k++)
        ASSERT(seen_add(&s, k * k * 0x100000001));
    for (uint64_t k = 0; k < 5000; k++) {
        ASSERT(!seen_add(&s, k * k * 0x100000001));
        ASSERT(!seen_has(&s, k * k * 0x100000001 + 1));
    }
    ASSERT_EQ(s.n, 5000);
    seen_done(&s);
}
