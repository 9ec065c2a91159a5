/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/rng.h"

#include <string.h>

#include "base/check.h"

/* The round constants of Philox4x32 (Salmon et al., table 2), and Weyl steps of the key: the golden
 * ratio and sqrt(3)-1 as 32-bit fractions. */
enum { ROUNDS = 10 };
static const uint32_t MULTIPLIER[2] = {0xD2511F53, 0xCD9E8D57};
static const uint32_t WEYL[2] = {0x9E3779B9, 0xBB67AE85};

static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4], k[2] = {key[0], key[1]};
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)MULTIPLIER[0] * c[0];
        uint64_t p1 = (uint64_t)MULTIPLIER[1] * c[2];
        uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k[0], (uint32_t)p1,
                            (uint32_t)(p0 >> 32) ^ c[3] ^ k[1], (uint32_t)p0};
        memcpy(c, next, sizeof c);
        k[0] += WEYL[0];
        k[1] += WEYL[1];
    }
    memcpy(out, c, sizeof c);
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
        philox(r->counter, r->key, r->out);
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
    /* 2^64 mod n of the lowest numbers are refused, so that a whole multiple of n is left. */
    uint64_t refuse = (0 - n) % n;
    uint64_t u;
    do
        u = rng_u64(r);
    while (u < refuse);
    return u % n;
}
