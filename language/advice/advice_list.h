/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A list without its brackets, on one line or with one value on each line. Adds no diagnostic. */
#include "language/reader/spec_node.h"

/* "[64, 128, 256]" for n that is not a list; NULL if no list is intended, or if the result is
 * longer than a line. */
const char *advice_list_meant(struct spec_reader *r, const struct spec_node *n);
