/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How long the rest of a sweep may take, and whether more trials are worth it. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORECAST_TRIALS_MIN = 3, FORECAST_BYTES = 40, FORECAST_NEXT = 20 };

/* The times of the trials that have ended (Welford's sums). */
struct forecast {
    uint64_t n;
    double mean_ms, squares;
};

void forecast_add(struct forecast *f, int64_t ran_ms);
/* The range that the rest takes: its lower end is as likely too long as too short, its upper end is
 * exceeded one time in ten, if the times of the trials to come are like those before. rest: the
 * trials that have not ended; at_once: those that run; used_ms: the sum of how long these have run.
 * False: too few trials have ended, or none runs. */
bool forecast_left(const struct forecast *f, uint64_t rest, uint64_t at_once, int64_t used_ms,
                   int64_t *ret_low_ms, int64_t *ret_high_ms);
/* The chance, in percent, that one of the next m trials is better than all of n that were drawn as they
 * are: m/(n+m), as each of them is as likely the best. */
int forecast_chance(uint64_t n, uint64_t m);
/* "22–31 min", "3 h 10–4 h 20", "40 s". */
void forecast_range(char out[FORECAST_BYTES], int64_t low_ms, int64_t high_ms, const char *dash);
/* "2.1/min": n in that time; "" where it cannot be told. */
void forecast_rate(char out[FORECAST_BYTES], uint64_t n, int64_t in_ms);
