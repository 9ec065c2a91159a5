/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `command` and says what becomes of its macros. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

void spec_command_read(struct spec_reader *r, struct spec *s, const struct spec_node *n);
/* What may not be meant: macros that are none, parameters that are not passed. n is `command`, or
 * NULL where there is none; the parameters have been read. */
void spec_command_check(struct spec_reader *r, const struct spec *s, const struct spec_node *n);
/* The line, or within brackets the item, to write in place of an item of `command`. */
const char *spec_command_item(struct spec_reader *r, const struct spec_node *item,
                              const char *word);
