/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `early_terminate`: the rule by which poor trials are stopped, and its bands. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

/* n is a mapping. */
void spec_stopper_read(struct spec_reader *r, struct spec *s, const struct spec_node *n);
