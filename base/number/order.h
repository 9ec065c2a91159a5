/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The order of numbers. Pure. */
#include <stddef.h>

/* The places of n keys, none of them NaN, the lowest first; equal keys keep their order. ret: room for
 * n. */
void order_ascending(const double *keys, size_t n, size_t *ret);
