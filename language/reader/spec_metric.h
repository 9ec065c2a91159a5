/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `metric` and `metrics`: what is to be minimised or maximised. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

/* n is a mapping. strict: W&B refuses what it otherwise only finds fault with, as for bayes. */
void spec_metric_read(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                      bool strict);
/* n is a list. */
void spec_metric_read_several(struct spec_reader *r, struct spec *s, const struct spec_node *n,
                              bool strict);
