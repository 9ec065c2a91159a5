/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads the keys that choose configurations: method, strategy, scheduler. */
#include "language/spec.h"
#include "language/reader/spec_fields.h"

/* Whether the method learns from results: W&B's bayes refuses a metric for which the others only
 * warn. */
bool spec_search_learns(enum spec_method m);
/* False, and reported, if it is missing or unknown; *top are the sweep's keys, root its mapping. */
bool spec_search_read_method(struct spec_reader *r, struct spec *s, const struct spec_node *root,
                             const struct spec_fields *top);
/* The method is known. */
void spec_search_read_strategy(struct spec_reader *r, struct spec *s, const struct spec_node *n);
/* Returns whether the parameters are the scheduler's own. n is a mapping. */
bool spec_search_read_scheduler(struct spec_reader *r, struct spec *s, bool method_known,
                                const struct spec_node *n);
/* Checks what the method needs from the other keys, after all of them were read. */
void spec_search_check(struct spec_reader *r, const struct spec *s, const struct spec_node *root,
                       const struct spec_fields *top);
