/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A bound that is missing or not a number: the line to write, which fits the rest of the
 * parameter. Adds no diagnostic. */
#include "sweep/space.h"
#include "language/reader/parameter/spec_draft.h"

/* "min: 0.1": the number that its text means (0,1 or 10,000), else one on the right side of
 * the other bound. field is FIELD_MIN or FIELD_MAX. */
const char *advice_bound_line(struct spec_reader *r, const struct spec_draft *d,
                              enum space_kind kind, enum spec_field field);
