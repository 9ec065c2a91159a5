/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads `metric`: what is to be minimised or maximised. */
#include "sweep/spec.h"
#include "sweep/spec_node.h"

void spec_metric_read(struct spec_reader *r, struct spec *s, const struct spec_node *n);
