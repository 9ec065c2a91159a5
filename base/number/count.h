/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Counts that others send, and sums of them: they stop at the largest number that JSON and SQL carry
 * exactly, so that no sum overflows. */
#include <stdint.h>

#define COUNT_MAX (UINT64_C(1) << 53)

uint64_t count_add(uint64_t a, uint64_t b);
