/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Random value trees for property tests. */
#include "base/number/rng.h"
#include "base/value.h"

struct value *gen_value(struct rng *r, struct arena *a, int depth);
double gen_float(struct rng *r); /* any finite one, of every size and shape */
bool gen_finite(const struct value *v);
