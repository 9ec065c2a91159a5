/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* "Did you mean": how far two words are apart, counting letters changed, dropped, added and swapped
 * with their neighbour. Knows no list of words. */
#include <stddef.h>

enum { NEAREST_WORD_MAX = 64 };
/* Longer words than NEAREST_WORD_MAX are far from everything: SIZE_MAX. */
size_t nearest_distance(const char *a, const char *b);
/* Whether b is near enough to a to be offered in its place. */
int nearest_enough(const char *a, const char *b, size_t distance);
