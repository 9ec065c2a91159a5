/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Small rows of numbers, each with a number found for it: dense, since there are very many. Rows of
 * the same first number must be equally long. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memo_slot {
    uint32_t at; /* 1 + where its row begins in words, 0: empty */
    uint32_t hash, found;
};

struct memo {
    uint32_t *words;
    struct memo_slot *slots;
    size_t words_n, words_cap, n, cap;
};

void memo_init(struct memo *m);
void memo_done(struct memo *m);
bool memo_find(const struct memo *m, const uint32_t *row, size_t n, uint32_t *ret);
/* Adds a row that is not there yet. */
void memo_put(struct memo *m, const uint32_t *row, size_t n, uint32_t found);
