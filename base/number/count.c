/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/count.h"

uint64_t count_add(uint64_t a, uint64_t b)
{
    return a >= COUNT_MAX || b >= COUNT_MAX - a ? COUNT_MAX : a + b;
}
