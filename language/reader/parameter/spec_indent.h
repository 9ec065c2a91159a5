/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lost indentation: the fields of a parameter that are indented like its name, and so look like
 * parameters called min and max. */
#include "language/reader/spec_node.h"

enum { SPEC_INDENT_MAX = 16 };

struct spec_indent {
    size_t field[SPEC_INDENT_MAX], owner[SPEC_INDENT_MAX]; /* entries of the mapping */
    size_t n;
};

/* Finds them among parameters, and reports one error for each parameter whose fields are there. */
void spec_indent_find(struct spec_reader *r, const struct spec_node *parameters,
                      struct spec_indent *ret);
/* Whether an entry was reported, as such a field or as its parameter. */
bool spec_indent_has(const struct spec_indent *found, size_t entry);
