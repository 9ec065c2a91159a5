/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `parameters` of a spec into its space: W&B's kinds in W&B's order of inference. s->method
 * must be read before; forbid is the node of that key, or NULL. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

void spec_parameter_read_all(struct spec_reader *r, struct spec *s, bool method_known,
                             const struct spec_node *parameters, const struct spec_node *forbid);
