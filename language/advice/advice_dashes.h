/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A mapping whose lines begin with dashes, which make it a list of mappings: what was meant. Knows
 * no key of the language. */
#include "language/reader/spec_node.h"

/* "metric: {name: loss, goal: minimize}": name with the fields of all of them. NULL where n is no
 * such list, where a field is there twice, and where that is longer than a line. */
const char *advice_dashes_line(struct spec_reader *r, const char *name, const struct spec_node *n);
