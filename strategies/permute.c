/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/permute.h"

#include "base/check.h"
#include "base/number/rng.h"

/* A Feistel network over the least power of two that holds n. A result outside [0, n) is encrypted
 * again until it falls inside (cycle walking: Black and Rogaway, "Ciphers with arbitrary finite
 * domains", CT-RSA 2002, section 3.2). The halves may differ by a bit, which keeps the walk below
 * two steps on average. Four rounds would do for a large domain; small ones need more. Each round
 * has its own key from Philox and mixes it in by multiplying and folding, which suffices without an
 * adversary. */
void permute_init(struct permute *p, uint64_t seed, uint64_t n)
{
    PRE(n > 0);
    unsigned bits = 2;
    while (bits < 64 && (n - 1) >> bits)
        bits++;
    *p = (struct permute){.n = n, .left_bits = bits / 2, .right_bits = bits - bits / 2};
    struct rng r;
    rng_init(&r, seed, n, RNG_ORDER);
    for (unsigned round = 0; round < PERMUTE_ROUNDS; round++)
        p->keys[round] = rng_u64(&r);
}

static uint64_t round_word(uint64_t key, uint64_t half, unsigned bits)
{
    uint64_t x = (half ^ key) * 0xd6e8feb86659fd93;
    x = (x ^ x >> 32 ^ key) * 0xd6e8feb86659fd93;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
    return x >> (64 - bits);
}

static uint64_t permute_once(const struct permute *p, uint64_t x)
{
    uint64_t left = x >> p->right_bits, right = x & ((UINT64_C(1) << p->right_bits) - 1);
    for (unsigned round = 0; round < PERMUTE_ROUNDS; round += 2) {
        left ^= round_word(p->keys[round], right, p->left_bits);
        right ^= round_word(p->keys[round + 1], left, p->right_bits);
    }
    return left << p->right_bits | right;
}

uint64_t permute_at(const struct permute *p, uint64_t i)
{
    PRE(i < p->n);
    do
        i = permute_once(p, i);
    while (i >= p->n);
    return i;
}
