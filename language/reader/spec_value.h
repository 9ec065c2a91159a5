/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The value of a node as one of a given kind. Each function reports a value of another kind, and
 * then returns false. Knows no key of the language. */
#include "language/reader/spec_finding.h"

bool spec_value_dict(struct spec_reader *r, const struct spec_node *n,
                     const struct spec_finding *found);
bool spec_value_text(struct spec_reader *r, const struct spec_node *n, const char **ret);
bool spec_value_above_zero(struct spec_reader *r, const struct spec_node *n, int64_t *ret);
/* A finite number; text that spells a number is read as one, with a warning. */
bool spec_value_number(struct spec_reader *r, const struct spec_node *n, struct spec_number *ret);
/* Reports a value that is not a finite number, and text that is read as a number. */
void spec_value_say_no_number(struct spec_reader *r, const struct spec_node *n,
                              const struct spec_finding *found);
void spec_value_say_text(struct spec_reader *r, const struct spec_node *n);
/* The number that n is, or that its text spells, as YAML; NULL if it is not a number. */
const char *spec_value_as_number(struct spec_reader *r, const struct spec_node *n);
