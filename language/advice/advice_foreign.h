/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A file that is no sweep at all: one word says so, and whose it looks like, where a list of all
 * that is wrong with it would help nobody. Knows by which keys a sweep is told, not what they hold.
 */
#include "language/reader/spec_node.h"

/* Whether it is none, and reported so: in place of all but the errors in what was said from the
 * place `from` of the list on. */
bool advice_foreign_say(struct spec_reader *r, const struct spec_node *root, size_t from);
