/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The numbers of a distribution: bounds, step and shape, held against what the kind allows. */
#include "sweep/space.h"
#include "language/reader/parameter/spec_draft.h"

/* p->kind is set; each reports what is wrong and returns false then. */
bool spec_range_read(struct spec_reader *r, const struct spec_draft *d, struct parameter *p);
bool spec_range_read_q(struct spec_reader *r, const struct spec_draft *d, struct parameter *p);
bool spec_range_read_shape(struct spec_reader *r, const struct spec_draft *d, struct parameter *p);
/* Of a law that is read whole and rounds to multiples of q: warns where those are hardly more than
 * one. */
void spec_range_check_steps(struct spec_reader *r, const struct spec_draft *d,
                            const struct parameter *p);
