/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether a stream is a terminal, its width, and whether to use colours. */
#include <stdbool.h>
#include <stdio.h>
#include "base/err.h"

bool terminal_is(FILE *f);
/* Columns of the terminal; if it is not a terminal, $COLUMNS, else 100. */
size_t terminal_columns(FILE *f);
/* As above, for a table: without a terminal and $COLUMNS, as many as it needs. */
size_t terminal_table_columns(FILE *f);
/* Its lines and columns as they are; 24 and 80 where they cannot be told. */
void terminal_size(FILE *f, size_t *ret_lines, size_t *ret_columns);
/* Whether it is a terminal whose cursor can be moved: $TERM is not dumb. */
bool terminal_draws(FILE *f);
/* Whether it is a terminal, NO_COLOR is not set, and $TERM is not dumb. */
bool terminal_colour(FILE *f);
/* By the locale's variables. */
bool terminal_utf8(void);
/* Prints text of one or more lines, without control characters except the ends of lines. */
void terminal_print(FILE *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Prints a line on stderr, without control characters. */
void terminal_say(const char *text);
