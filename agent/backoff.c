/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/backoff.h"

#include "base/number/rng.h"

int64_t backoff_ms(uint64_t seed, uint32_t tries)
{
    struct rng r;
    int64_t most = BACKOFF_MS_MIN;
    for (uint32_t i = 0; i < tries && most < BACKOFF_MS_MAX; i++)
        most *= 2;
    most = most < BACKOFF_MS_MAX ? most : BACKOFF_MS_MAX;
    rng_init(&r, seed, tries, RNG_BACKOFF);
    return most / 2 + (int64_t)rng_below(&r, (uint64_t)(most / 2) + 1);
}
