/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The intended distribution if an unknown one is named, or none. */
#include "language/reader/spec_node.h"

/* By an unknown name: a word of other tools, or a misspelling; NULL if none is near. */
const char *advice_kind_near(const char *name);
/* By a field `uniform: [0, 1]`: what to write in its place; NULL where its key names none. */
const char *advice_kind_of_key(struct spec_reader *r, const struct spec_node *field);
