/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lost indentation: the fields of a parameter that stand below it where its name does, and so look
 * like parameters called min and max. */
#include "language/reader/spec_node.h"

enum { SPEC_INDENT_MAX = 16 };

struct spec_indent {
    size_t field[SPEC_INDENT_MAX], owner[SPEC_INDENT_MAX]; /* entries of the mapping */
    size_t n;
};

/* Finds them among parameters, and reports one error for each parameter that lacks its own. */
void spec_indent_find(struct spec_reader *r, const struct spec_node *parameters,
                      struct spec_indent *ret);
/* Whether an entry was reported so: as such a field, or as what it belongs to. */
bool spec_indent_has(const struct spec_indent *found, size_t entry);
