/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The listed values of a categorical parameter and their probabilities. */
#include "sweep/space.h"
#include "language/reader/spec_node.h"

bool spec_values_read(struct spec_reader *r, const struct spec_node *values, struct parameter *p);
bool spec_values_read_probabilities(struct spec_reader *r, const struct spec_node *probabilities,
                                    struct parameter *p);
/* Of values that are no list since a comma ended them: says so, however often it is asked (equal
 * messages are one), and returns true. */
bool spec_values_say_cut_off(struct spec_reader *r, const struct spec_node *values);
/* Whether e is what a comma cut off of them: an entry behind them that is empty. */
bool spec_values_is_cut(const struct spec_node *values, const struct yaml_entry *e);
