/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/heap.h"

#include "base/number/rng.h"
#include "tests/test.h"

enum { ITEMS = 200 };

struct number {
    struct heap_item item;
    uint64_t value;
};

static bool number_before(const struct heap_item *a, const struct heap_item *b)
{
    return ((const struct number *)a)->value < ((const struct number *)b)->value;
}

static uint64_t least(const struct number *all)
{
    uint64_t min = UINT64_MAX;
    for (int i = 0; i < ITEMS; i++)
        if (all[i].item.place && all[i].value < min)
            min = all[i].value;
    return min;
}

TEST(heap_gives_the_first_whatever_is_put_moved_and_removed)
{
    struct rng rng;
    rng_init(&rng, 1, 1, RNG_TEST);
    for (int round = 0; round < 20; round++) {
        static struct number all[ITEMS];
        struct heap h;
        heap_init(&h, number_before);
        size_t in = 0;
        for (int i = 0; i < ITEMS; i++)
            all[i] = (struct number){.value = 0};
        for (int move = 0; move < 2000; move++) {
            struct number *one = &all[rng_below(&rng, ITEMS)];
            bool was = one->item.place != 0;
            if (rng_below(&rng, 3)) {
                one->value = rng_below(&rng, 1000); /* many are equal */
                heap_put(&h, &one->item);
                in += !was;
            } else {
                heap_remove(&h, &one->item);
                in -= was;
            }
            ASSERT_EQ(h.n, in);
            const struct number *first = (const struct number *)heap_first(&h);
            ASSERT_EQ(first ? first->value : UINT64_MAX, least(all));
        }
        heap_done(&h);
    }
}

TEST(heap_empties_in_order)
{
    static struct number all[ITEMS];
    struct rng rng;
    struct heap h;
    uint64_t last = 0;
    rng_init(&rng, 2, 1, RNG_TEST);
    heap_init(&h, number_before);
    for (int i = 0; i < ITEMS; i++) {
        all[i].value = rng_u64(&rng);
        heap_put(&h, &all[i].item);
    }
    for (int i = 0; i < ITEMS; i++) {
        struct heap_item *first = heap_first(&h);
        ASSERT(((struct number *)first)->value >= last);
        last = ((struct number *)first)->value;
        heap_remove(&h, first);
        heap_remove(&h, first);
    }
    ASSERT(!heap_first(&h));
    heap_done(&h);
}
