/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which distribution a parameter has: the one it names, or the one that W&B infers from its fields.
 */
#include "sweep/space.h"
#include "language/reader/parameter/spec_draft.h"

/* The names of the distributions, by their kinds; the last, SPACE_EXPR, is not a distribution. */
enum { SPEC_KIND_COUNT = SPACE_EXPR };
extern const char *const spec_kind_names[SPEC_KIND_COUNT + 1];

/* The fields that a kind takes beside `distribution`, as bits. */
unsigned spec_kind_fields(enum space_kind kind);
/* The ones of these that are required. */
unsigned spec_kind_required(enum space_kind kind);
/* Whether the kind takes the logarithms of its bounds. */
bool spec_kind_takes_logarithm(enum space_kind kind);
/* The kind for a distribution with `q`, if W&B has no `q` for it; otherwise the same kind. */
bool spec_kind_is_named(const struct spec_draft *d, enum space_kind kind);
enum space_kind spec_kind_rounded(enum space_kind kind);
/* False, and reported, if there is none or its fields do not fit. Plain ranges become uniform:
 * spec_range_read() decides whether their bounds make it int_uniform. */
bool spec_kind_find(struct spec_reader *r, const struct spec_draft *d, enum space_kind *ret);
/* After spec_kind_find() or a field has failed: a kind by which the present fields can be checked;
 * false if a field that it needs is missing. Adds no diagnostic. */
bool spec_kind_guess(const struct spec_draft *d, enum space_kind *ret);
