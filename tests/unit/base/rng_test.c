/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/rng.h"
#include "tests/test.h"

/* Known answers published with the generator (Random123, kat_vectors, "philox4x32 10"). */
static const struct {
    uint32_t counter[4], key[2], out[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(rng_known_answers)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct rng r = {.used = 4};
        memcpy(r.counter, known[i].counter, sizeof r.counter);
        memcpy(r.key, known[i].key, sizeof r.key);
        for (size_t k = 0; k < 4; k++)
            ASSERT_EQ(rng_u32(&r), known[i].out[k]);
    }
}

TEST(rng_same_key_same_numbers_other_key_others)
{
    struct rng a, b, other[3];
    rng_init(&a, 7, 3, RNG_SAMPLE);
    rng_init(&b, 7, 3, RNG_SAMPLE);
    rng_init(&other[0], 8, 3, RNG_SAMPLE);
    rng_init(&other[1], 7, 4, RNG_SAMPLE);
    rng_init(&other[2], 7, 3, RNG_ORDER);
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_u64(&a);
        ASSERT(x == rng_u64(&b));
        for (int k = 0; k < 3; k++)
            ASSERT(x != rng_u64(&other[k]));
    }
}

TEST(rng_block_carries)
{
    struct rng r, carried;
    rng_init(&r, 1, 2, RNG_SIM);
    carried = r;
    r.counter[0] = 0xffffffff;
    carried.counter[1]++;
    for (int i = 0; i < 4; i++)
        rng_u32(&r);
    for (int i = 0; i < 4; i++)
        ASSERT_EQ(rng_u32(&r), rng_u32(&carried));
}

TEST(rng_unit_is_uniform)
{
    struct rng r;
    enum { N = 100000 };
    int bins[20] = {0};
    double sum = 0;
    rng_init(&r, 42, 0, RNG_TEST);
    for (int i = 0; i < N; i++) {
        double u = rng_unit(&r);
        ASSERT(u >= 0 && u < 1);
        sum += u;
        bins[(int)(u * 20)]++;
    }
    ASSERT(fabs(sum / N - 0.5) < 0.005);
    double chi2 = 0;
    for (int i = 0; i < 20; i++)
        chi2 += (bins[i] - N / 20.0) * (bins[i] - N / 20.0) / (N / 20.0);
    ASSERT(chi2 < 43.8); /* 19 degrees of freedom, p = 0.001 */
}

TEST(rng_below_covers_and_is_unbiased)
{
    struct rng r;
    rng_init(&r, 42, 1, RNG_TEST);
    ASSERT_EQ(rng_below(&r, 1), 0);
    int seen[7] = {0};
    for (int i = 0; i < 70000; i++)
        seen[rng_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        ASSERT(abs(seen[i] - 10000) < 500);
    /* At n = 3 * 2^62 a bare modulo puts half of all numbers in the lowest third. */
    uint64_t n = UINT64_C(3) << 62;
    int low = 0;
    for (int i = 0; i < 10000; i++)
        low += rng_below(&r, n) < n / 3;
    ASSERT(abs(low - 3333) < 250);
}
