/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a fuzz target defines: libFuzzer or tests/fuzz/driver.c calls it. It must take any bytes,
 * and ends the process where a promise is broken. */
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
