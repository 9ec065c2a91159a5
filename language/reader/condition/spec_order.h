/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The order in which the parameters of a space get their values: each after the ones that it
 * names. */
#include "language/spec.h"
#include "language/reader/condition/spec_claim.h"

/* Sets s->space.order; reports each cycle, and returns false then. */
bool spec_order_find(struct spec_reader *r, struct spec *s, const struct spec_claim *claims);
