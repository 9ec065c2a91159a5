/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The listed values of a categorical parameter and their probabilities. */
#include "sweep/space.h"
#include "language/reader/spec_node.h"

bool spec_values_read(struct spec_reader *r, const struct spec_node *values, struct parameter *p);
bool spec_values_read_probabilities(struct spec_reader *r, const struct spec_node *probabilities,
                                    struct parameter *p);
/* If the values are not a list because a comma ended them: reports it and returns true. May be
 * called several times; equal messages are merged. */
bool spec_values_say_cut_off(struct spec_reader *r, const struct spec_node *values);
/* Whether e is the part that the comma cut off: an empty entry after them. */
bool spec_values_is_cut(const struct spec_node *values, const struct yaml_entry *e);
