/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Numbers in ascending order: the k-th of them, and how many lie below a value. Kept in sorted
 * blocks, so that adding one among a million takes some microseconds. Must not know what they are. */
#include <stddef.h>

struct ranking_block;
struct ranking {
    struct ranking_block **blocks; /* each with at least one value */
    size_t n, blocks_n, cap;
};

void ranking_init(struct ranking *r);
void ranking_done(struct ranking *r);
void ranking_add(struct ranking *r, double value);           /* not NaN */
double ranking_at(const struct ranking *r, size_t k);        /* k from 0, below n */
size_t ranking_below(const struct ranking *r, double value); /* how many are less */
