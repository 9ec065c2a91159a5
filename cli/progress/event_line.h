/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The line that `besom run` prints for an event where there is no terminal: KEY=VALUE, by spaces.
 * Pure. */
#include <stdint.h>
#include "base/buf.h"

/* A value with spaces, quotes, '=' or '\' is quoted; in quotes, '\' escapes quotes and itself. A space or
 * such a character in a key becomes '_'. */
void event_line_text(struct buf *line, const char *key, const char *value);
void event_line_count(struct buf *line, const char *key, uint64_t n);
void event_line_number(struct buf *line, const char *key, double f); /* six digits */
