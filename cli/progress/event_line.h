/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The line that `besom run` prints for each event if it does not print to a terminal: KEY=VALUE,
 * separated by spaces, or the same as a JSON object. Pure. */
#include <stdint.h>
#include "base/buf.h"

/* Begins an object in an empty buffer: what is added to it is JSON. */
void event_line_open(struct buf *line);
void event_line_close(struct buf *line); /* ends it, if it is one */
/* A value with spaces, quotes, '=' or '\' is quoted; in quotes, '\' escapes quotes and itself. A space or
 * such a character in a key becomes '_'. */
void event_line_text(struct buf *line, const char *key, const char *value);
void event_line_count(struct buf *line, const char *key, uint64_t n);
void event_line_number(struct buf *line, const char *key, double f);              /* six digits */
void event_line_part(struct buf *line, const char *key, uint64_t n, uint64_t of); /* "12/30" */
