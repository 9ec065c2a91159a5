/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `metric` and `metrics`: what the sweep minimises or maximises. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

/* n is a mapping. strict: mistakes are errors, as in W&B for bayes; otherwise they are warnings. */
void spec_metric_read(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                      bool strict);
/* n is a list. */
void spec_metric_read_several(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                              bool strict);
