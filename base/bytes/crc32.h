/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* CRC-32 as in zlib: of short texts, and of files that other programs write. */
#include <stddef.h>
#include <stdint.h>

/* Of the bytes that a call with `before` has covered, followed by these; before: 0 at first. */
uint32_t crc32_add(uint32_t before, const void *bytes, size_t len);
