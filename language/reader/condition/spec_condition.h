/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads what makes a space conditional (`when`, `expr`, `forbid`) once all names are known. */
#include "language/spec.h"
#include "language/reader/condition/spec_claim.h"
#include "language/reader/condition/spec_names.h"

/* Fills in when and expr of the space's parameters, its order and forbid. The items are those of
 * s->space, claims[i] belongs to items[i]; forbid may be NULL. */
void spec_condition_read(struct spec_reader *r, struct spec *s, struct parameter *items,
                         struct spec_claim *claims, const struct spec_names *names,
                         const struct spec_node *forbid);
