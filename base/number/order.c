/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/order.h"

#include <stdlib.h>

#include "base/mem.h"

struct keyed {
    double key;
    size_t place;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

void order_ascending(const double *keys, size_t n, size_t *ret)
{
    struct keyed *items = mem_alloc((n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = (struct keyed){keys[i], i};
    qsort(items, n, sizeof *items, compare_keyed);
    for (size_t i = 0; i < n; i++)
        ret[i] = items[i].place;
    mem_free(items);
}
