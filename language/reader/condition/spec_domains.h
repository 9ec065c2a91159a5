/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The listed values of each parameter of a spec, by hash, made when first asked for: a condition
 * may name a thousand values of a parameter that has thousands. */
#include "sweep/space.h"

struct spec_domains {
    struct arena *arena;
    const struct parameter *items;
    struct spec_domains_index {
        uint32_t *places; /* 1 + place in distinct, 0 empty */
        size_t cap;
    } * index; /* one for each parameter */
};

struct spec_domains spec_domains_of(struct arena *a, const struct parameter *items, size_t n);
/* False only if v is certainly not one of the values of parameter i. */
bool spec_domains_has(struct spec_domains *d, size_t i, const struct value *v);
/* Whether v is one of the values that parameter i lists. */
bool spec_domains_lists(struct spec_domains *d, size_t i, const struct value *v);
