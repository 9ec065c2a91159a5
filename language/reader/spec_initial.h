/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `initial`: configurations to try first. Checks each against the space, which must have been
 * read without errors. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

void spec_initial_read(struct spec_reader *r, struct spec *s, const struct spec_node *n);
