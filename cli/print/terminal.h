/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What stands at the other end of a stream: a terminal or not, how wide, with colours or without.
 */
#include <stdbool.h>
#include <stdio.h>

bool terminal_is(FILE *f);
/* Columns of the terminal; $COLUMNS where there is none, else 100. */
size_t terminal_columns(FILE *f);
/* A terminal, no NO_COLOR, and none that calls itself dumb. */
bool terminal_colour(FILE *f);
/* Prints a line on stderr, cleaned of what a terminal would obey. */
void terminal_say(const char *text);
