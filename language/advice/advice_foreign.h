/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A file that is not a sweep at all: one message says so and names the tool that it looks like,
 * instead of a long list of errors. Knows which keys identify a sweep, not their values. */
#include "language/reader/spec_node.h"

/* Whether it is not a sweep, and was reported so: the report replaces all diagnostics except
 * errors from entry `from` on. */
bool advice_foreign_say(struct spec_reader *r, const struct spec_node *root, size_t from);
