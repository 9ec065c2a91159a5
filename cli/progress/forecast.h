/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is expected of a sweep (orchestrator/view/pace/outlook.h), in words. Pure. */
#include <stddef.h>
#include <stdint.h>

enum { FORECAST_BYTES = 40 };

/* "22–31 min", "3 h 10–4 h 20", rounded outwards; "about 40 s" where both ends are one. */
void forecast_range(char out[FORECAST_BYTES], int64_t low_ms, int64_t high_ms, const char *dash);
/* "2.1/min": n in that time; "" where it cannot be told. */
void forecast_rate(char out[FORECAST_BYTES], uint64_t n, int64_t in_ms);
