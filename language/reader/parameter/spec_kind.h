/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which distribution a parameter has: the one it names, or the one that W&B infers from its fields.
 */
#include "sweep/space.h"
#include "language/reader/parameter/spec_draft.h"

/* The names of the distributions, by their kinds; SPACE_EXPR is none, and the last. */
enum { SPEC_KIND_COUNT = SPACE_EXPR };
extern const char *const spec_kind_names[SPEC_KIND_COUNT + 1];

/* The fields that a kind takes beside `distribution`, as bits. */
unsigned spec_kind_fields(enum space_kind kind);
/* Those of them that must be there. */
unsigned spec_kind_required(enum space_kind kind);
/* Whether the kind takes the logarithms of its bounds. */
bool spec_kind_takes_logarithm(enum space_kind kind);
/* What `q` makes of a distribution that W&B gives no `q`; others stay as they are. */
bool spec_kind_is_named(const struct spec_draft *d, enum space_kind kind);
enum space_kind spec_kind_rounded(enum space_kind kind);
/* False, and reported, where there is none or its fields do not fit. Plain ranges come out as
 * uniform: spec_range_read() sees whether their bounds make it int_uniform. */
bool spec_kind_find(struct spec_reader *r, const struct spec_draft *d, enum space_kind *ret);
/* Where spec_kind_find() or a field has failed: the kind by which the fields that are there can be
 * judged; false where one lacks that it needs. Says nothing. */
bool spec_kind_guess(const struct spec_draft *d, enum space_kind *ret);
