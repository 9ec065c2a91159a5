/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The numbers of a distribution: checks bounds, step and shape against what the kind allows. */
#include "sweep/space.h"
#include "language/reader/parameter/spec_draft.h"

/* p->kind is set; each reports what is wrong and returns false then. */
bool spec_range_read(struct spec_reader *r, const struct spec_draft *d, struct parameter *p);
bool spec_range_read_q(struct spec_reader *r, const struct spec_draft *d, struct parameter *p);
bool spec_range_read_shape(struct spec_reader *r, const struct spec_draft *d, struct parameter *p);
/* For a complete distribution that rounds to multiples of q: warns if nearly all draws are the
 * same multiple. */
void spec_range_check_steps(struct spec_reader *r, const struct spec_draft *d,
                            const struct parameter *p);
