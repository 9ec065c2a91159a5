/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The table of a spec's top-level keys: which ones are read, accepted without effect, or refused
 * until they are supported. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

void spec_keys_read(struct spec_reader *r, struct spec *s, const struct spec_node *root);
