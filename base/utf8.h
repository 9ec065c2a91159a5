/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

/* The bytes the character at s takes, its code point in *ret; 0 where there is no valid one. */
size_t utf8_decode(const char *s, size_t len, uint32_t *ret);
enum { UTF8_BYTES_MAX = 4 };
size_t utf8_encode(char out[UTF8_BYTES_MAX], uint32_t c); /* not a surrogate, not above U+10FFFF */
/* The offset of the first byte that is not part of a valid character; len if all are valid. */
size_t utf8_valid_prefix(const char *s, size_t len);
/* Converts UTF-16 that begins with a byte order mark, and appends it to out without the mark.
 * Returns false if there is no mark or the text is not valid UTF-16. */
bool utf8_from_utf16(struct buf *out, const char *text, size_t len);
