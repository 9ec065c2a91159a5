/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Amounts of memory as people write them: "8GiB", "512MiB", "1.5TB". */
#include <stdbool.h>
#include <stdint.h>

/* Bytes, at least one; false if the text is not an amount of memory, which leaves *ret unchanged.
 * The unit is required: KiB, MiB, GiB, TiB of 1024, or KB, MB, GB, TB of 1000. */
bool memory_size_parse(const char *text, uint64_t *ret);
