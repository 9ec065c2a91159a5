/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The value of a node, taken as one of some kind. Each look says what is wrong with a value of
 * another kind, and then returns false. Knows no key of the language. */
#include "language/reader/spec_finding.h"

bool spec_value_dict(struct spec_reader *r, const struct spec_node *n,
                     const struct spec_finding *found);
bool spec_value_text(struct spec_reader *r, const struct spec_node *n, const char **ret);
bool spec_value_above_zero(struct spec_reader *r, const struct spec_node *n, int64_t *ret);
/* A finite number; text that reads whole as one is taken for it, with a warning. */
bool spec_value_number(struct spec_reader *r, const struct spec_node *n, struct spec_number *ret);
/* What is said of a value that is no finite number; and of text that is taken for one. */
void spec_value_say_no_number(struct spec_reader *r, const struct spec_node *n,
                              const struct spec_finding *found);
void spec_value_say_text(struct spec_reader *r, const struct spec_node *n);
/* The number that n is, or whose text it is, as one writes it; NULL where it is none. */
const char *spec_value_as_number(struct spec_reader *r, const struct spec_node *n);
