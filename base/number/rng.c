/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/rng.h"

#include <math.h>

#include "base/check.h"

/* The round constants of Philox4x32 (Salmon et al., table 2), and Weyl steps of the key: the golden
 * ratio and sqrt(3)-1 as 32-bit fractions. */
enum { ROUNDS = 10 };
static const uint32_t MULTIPLIER[2] = {0xD2511F53, 0xCD9E8D57};
static const uint32_t WEYL[2] = {0x9E3779B9, 0xBB67AE85};

static void philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
#pragma GCC unroll 10
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)MULTIPLIER[0] * c0;
        uint64_t p1 = (uint64_t)MULTIPLIER[1] * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += WEYL[0];
        k1 += WEYL[1];
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* counter: block (56 bits) | purpose (8 bits) | stream (64 bits). */
void rng_init(struct rng *r, uint64_t seed, uint64_t stream, enum rng_purpose purpose)
{
    *r = (struct rng){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, (uint32_t)purpose << 24, (uint32_t)stream, (uint32_t)(stream >> 32)},
        .used = 4,
    };
}

uint32_t rng_u32(struct rng *r)
{
    if (r->used == 4) {
        philox_block(r->counter, r->key, r->out);
        if (++r->counter[0] == 0)
            r->counter[1]++;
        r->used = 0;
    }
    return r->out[r->used++];
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t low = rng_u32(r);
    return low | (uint64_t)rng_u32(r) << 32;
}

double rng_unit(struct rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    PRE(n > 0);
    /* The lowest 2^64 mod n numbers are rejected, so that a whole multiple of n is left. */
    uint64_t refuse = (0 - n) % n;
    uint64_t u;
    do
        u = rng_u64(r);
    while (u < refuse);
    return u % n;
}

double rng_normal(struct rng *r)
{
    double u = 1 - rng_unit(r); /* above 0 */
    return sqrt(-2 * log(u)) * cos(2 * M_PI * rng_unit(r));
}
