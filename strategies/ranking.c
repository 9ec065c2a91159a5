/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/ranking.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

/* A million values are some 3000 blocks: walking over them costs as much as moving half a block. */
enum { BLOCK_VALUES = 512 };

struct ranking_block {
    size_t n;
    double values[BLOCK_VALUES];
};

void ranking_init(struct ranking *r)
{
    *r = (struct ranking){0};
}

void ranking_done(struct ranking *r)
{
    for (size_t i = 0; i < r->blocks_n; i++)
        mem_free(r->blocks[i]);
    mem_free(r->blocks);
    *r = (struct ranking){0};
}

static void block_insert(struct ranking *r, size_t at, struct ranking_block *block)
{
    r->blocks = mem_grow(r->blocks, &r->cap, r->blocks_n + 1, sizeof *r->blocks);
    memmove(r->blocks + at + 1, r->blocks + at, (r->blocks_n - at) * sizeof *r->blocks);
    r->blocks[at] = block;
    r->blocks_n++;
}

static void block_split(struct ranking *r, size_t at)
{
    struct ranking_block *left = r->blocks[at], *right = mem_alloc(sizeof *right);
    left->n /= 2;
    right->n = BLOCK_VALUES - left->n;
    memcpy(right->values, left->values + left->n, right->n * sizeof *right->values);
    block_insert(r, at + 1, right);
}

/* The first block whose last value is at least value; the last block if there is none. */
static size_t block_of(const struct ranking *r, double value)
{
    size_t low = 0, high = r->blocks_n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->blocks[middle]->values[r->blocks[middle]->n - 1] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t block_below(const struct ranking_block *b, double value)
{
    size_t low = 0, high = b->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->values[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void ranking_add(struct ranking *r, double value)
{
    PRE(value == value);
    if (r->blocks_n == 0)
        block_insert(r, 0, mem_alloc(sizeof(struct ranking_block)));
    size_t at = block_of(r, value);
    if (r->blocks[at]->n == BLOCK_VALUES) {
        block_split(r, at);
        at = block_of(r, value);
    }
    struct ranking_block *b = r->blocks[at];
    size_t place = block_below(b, value);
    memmove(b->values + place + 1, b->values + place, (b->n - place) * sizeof *b->values);
    b->values[place] = value;
    b->n++;
    r->n++;
}

double ranking_at(const struct ranking *r, size_t k)
{
    PRE(k < r->n);
    size_t at = 0;
    for (; k >= r->blocks[at]->n; at++)
        k -= r->blocks[at]->n;
    return r->blocks[at]->values[k];
}

size_t ranking_below(const struct ranking *r, double value)
{
    size_t below = 0;
    if (r->blocks_n == 0)
        return 0;
    size_t at = block_of(r, value);
    for (size_t i = 0; i < at; i++)
        below += r->blocks[i]->n;
    return below + block_below(r->blocks[at], value);
}
