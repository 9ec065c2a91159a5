/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_domains.h"

#include "language/reader/condition/spec_domain.h"

struct spec_domains spec_domains_of(struct arena *a, const struct parameter *items, size_t n)
{
    return (struct spec_domains){a, items,
                                 arena_alloc(a, (n + 1) * sizeof(struct spec_domains_index))};
}

/* The place of v, or the empty place where it would go. */
static size_t find_place(const struct spec_domains_index *x, const struct value *values,
                         const struct value *v)
{
    size_t at = value_hash(v) & (x->cap - 1);
    while (x->places[at] && !value_same(values->list.items[x->places[at] - 1], v))
        at = (at + 1) & (x->cap - 1);
    return at;
}

static void domain_make(struct spec_domains *d, struct spec_domains_index *x,
                        const struct value *values)
{
    for (x->cap = 16; x->cap < 2 * values->list.n;)
        x->cap *= 2;
    x->places = arena_alloc(d->arena, x->cap * sizeof *x->places);
    for (size_t i = 0; i < values->list.n; i++)
        x->places[find_place(x, values, values->list.items[i])] = (uint32_t)i + 1;
}

bool spec_domains_lists(struct spec_domains *d, size_t i, const struct value *v)
{
    const struct value *values = d->items[i].distinct;
    struct spec_domains_index *x = &d->index[i];
    if (!values)
        return false;
    if (!x->cap)
        domain_make(d, x, values);
    return x->places[find_place(x, values, v)] != 0;
}

bool spec_domains_has(struct spec_domains *d, size_t i, const struct value *v)
{
    const struct parameter *p = &d->items[i];
    return p->distinct ? spec_domains_lists(d, i, v) : spec_domain_has(p, v);
}
