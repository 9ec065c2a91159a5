/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Base64 (RFC 4648, section 4): bytes that need not be UTF-8, as text that JSON holds without
 * escapes. */
#include <stdbool.h>
#include "base/buf.h"

/* Characters that len bytes take. */
#define BASE64_BYTES(len) (((len) + 2) / 3 * 4)

void base64_print(struct buf *out, const void *bytes, size_t len);
/* Appends the bytes to out; false where the text is not base64, padded as base64_print does it. */
bool base64_parse(struct buf *out, const char *text, size_t len);
