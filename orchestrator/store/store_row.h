/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A trial's row number contains its sweep and number, so that the trials of a sweep are adjacent
 * and need no second index. */
#include <stdint.h>

enum { STORE_NUMBER_BITS = 40, STORE_SWEEP_BITS = 63 - STORE_NUMBER_BITS };
/* Under it are the tags of the sweep itself; no trial has it. */
#define STORE_TAG_NUMBER ((UINT64_C(1) << STORE_NUMBER_BITS) - 1)

static inline uint64_t store_trial_row(uint64_t sweep_n, uint64_t number)
{
    return sweep_n << STORE_NUMBER_BITS | number;
}

static inline uint64_t store_trial_number(uint64_t row)
{
    return row & ((UINT64_C(1) << STORE_NUMBER_BITS) - 1);
}
