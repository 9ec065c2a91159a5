/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A keyed bijection of [0, n): a random order of any number of things; each place is computed by
 * itself and nothing is stored. */
#include <stdint.h>

enum { PERMUTE_ROUNDS = 8 };

struct permute {
    uint64_t n;
    uint64_t keys[PERMUTE_ROUNDS];
    unsigned left_bits, right_bits; /* of the power of two that covers n */
};

/* n > 0. The same seed and n give the same order on any machine. */
void permute_init(struct permute *p, uint64_t seed, uint64_t n);
uint64_t permute_at(const struct permute *p, uint64_t i); /* i < n */
