/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A list that somebody wrote otherwise: with the brackets of other languages, a value a line, or
 * with names for its items. Says nothing itself. */
#include "language/reader/spec_node.h"

/* "[64, 128, 256]" for n that is no list; NULL where none is meant, or that is longer than a line.
 */
const char *spec_list_meant(struct spec_reader *r, const struct spec_node *n);
