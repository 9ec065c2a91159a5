/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Stretches of an attempt's streams that were given up for their space, before the controller had
 * them: a file in the attempt's directory with a line for each. It is written before the bytes go,
 * so that no reader takes the hole for text. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct spool_gap {
    uint32_t stream;
    uint64_t from, to; /* offsets of the stream, each at the beginning of a line */
    uint64_t lines;    /* that were in it */
};

#define SPOOL_GAPS_FILE "gaps"

NODISCARD int spool_gaps_add(const char *dir, const struct spool_gap *gap, struct err *err);
/* The first gap of the stream that ends after the offset; false: none. */
bool spool_gaps_find(const char *dir, uint32_t stream, uint64_t offset, struct spool_gap *ret);
/* How many lines of streams below this one are missing. */
uint64_t spool_gaps_lines(const char *dir, uint32_t streams);
