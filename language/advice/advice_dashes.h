/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The intended mapping if its lines begin with dashes, which make it a list of mappings. Knows no
 * key of the language. */
#include "language/reader/spec_node.h"

/* "metric: {name: loss, goal: minimize}": name with the fields of all of them. NULL if n is not
 * such a list, if a field is repeated, or if the result is longer than a line. */
const char *advice_dashes_line(struct spec_reader *r, const char *name, const struct spec_node *n);
