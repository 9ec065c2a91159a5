/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `command` and says what becomes of its macros. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

void spec_command_read(struct spec_reader *r, struct spec *s, const struct spec_node *n);
/* Reports what is probably not intended: unknown macros, parameters that are not passed. n is
 * `command`, or NULL if there is none; call it after the parameters were read. */
void spec_command_check(struct spec_reader *r, const struct spec *s, const struct spec_node *n);
