/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A set of 64-bit numbers. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
    uint64_t *places; /* open addressing; 0 is an empty place */
    size_t cap, n;
    bool zero; /* whether 0 itself is in */
};

void seen_init(struct seen *s);
void seen_done(struct seen *s);
bool seen_has(const struct seen *s, uint64_t key);
bool seen_add(struct seen *s, uint64_t key); /* false where it was in */
