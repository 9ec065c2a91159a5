/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A list that somebody wrote without its brackets, in a line or a value a line. Says nothing itself. */
#include "language/reader/spec_node.h"

/* "[64, 128, 256]" for n that is no list; NULL where none is meant, or that is longer than a line.
 */
const char *advice_list_meant(struct spec_reader *r, const struct spec_node *n);
