/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The kind of an error: its text without its numbers, addresses and identifiers, which differ each time. Pure. */
#include <stddef.h>

/* "nan in layer # at #" of "nan in layer 9 at 0x7f3a", in at most max bytes with the NUL; a kind is never
 * longer than its text. */
void log_kind(char *kind, size_t max, const char *text);
