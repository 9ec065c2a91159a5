/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The table of a spec's top-level keys: which are read, accepted without effect, or understood and
 * refused until they are obeyed. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

void spec_keys_read(struct spec_reader *r, struct spec *s, const struct spec_node *root);
