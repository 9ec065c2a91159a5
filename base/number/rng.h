/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Random numbers that are computed from a key, without state: Philox4x32-10 (Salmon et al., SC
 * 2011, section 3.3), keyed by the sweep's seed and counting in (stream, purpose, block). The same
 * key gives the same numbers on any machine. */
#include <stdint.h>

enum rng_purpose {
    RNG_SAMPLE,
    RNG_ORDER,
    RNG_SCRAMBLE,
    RNG_SIM,
    RNG_TEST,
    RNG_BACKOFF,
    RNG_SEARCH,
    RNG_BOOTSTRAP,
    RNG_FILL,
    RNG_RECOMMEND,
    RNG_EVOLVE,
    RNG_WEIGHTS
};

struct rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t out[4];
    unsigned used; /* of out, 0…4 */
};

void rng_init(struct rng *r, uint64_t seed, uint64_t stream, enum rng_purpose purpose);
uint32_t rng_u32(struct rng *r);
uint64_t rng_u64(struct rng *r);
double rng_unit(struct rng *r);                /* uniform in [0, 1), 53 bits */
uint64_t rng_below(struct rng *r, uint64_t n); /* uniform in [0, n), n > 0, without bias */
double rng_normal(struct rng *r);              /* standard normal (Box and Muller, 1958) */
