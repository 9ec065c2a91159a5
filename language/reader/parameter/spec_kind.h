/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which distribution a parameter has: the one it names, or the one that W&B infers from its fields.
 */
#include "sweep/space.h"
#include "language/reader/parameter/spec_draft.h"

/* The fields that a kind takes beside `distribution`, as bits. */
unsigned spec_kind_fields(enum space_kind kind);
/* Those of them that must be there. */
unsigned spec_kind_required(enum space_kind kind);
/* Whether the kind takes the logarithms of its bounds. */
bool spec_kind_takes_logarithm(enum space_kind kind);
/* What `q` makes of a distribution that W&B gives no `q`; others stay as they are. */
enum space_kind spec_kind_rounded(enum space_kind kind);
/* The kind that is meant by a name that is none: a word of other tools, or a slip; NULL where none
 * is near. */
const char *spec_kind_near(const char *name);
/* False, and reported, where there is none or its fields do not fit. Plain ranges come out as
 * uniform: spec_range_read() sees whether their bounds make it int_uniform. */
bool spec_kind_find(struct spec_reader *r, const struct spec_draft *d, enum space_kind *ret);
/* Where spec_kind_find() or a field has failed: the kind by which the fields that are there can be
 * judged; false where one lacks that it needs. Says nothing. */
bool spec_kind_guess(const struct spec_draft *d, enum space_kind *ret);
/* `uniform: [0, 1]`: what to write for a distribution in place of a field; NULL where it is none.
 */
const char *spec_kind_of_key(struct spec_reader *r, const struct spec_node *field);
