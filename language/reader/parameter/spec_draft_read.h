/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sorts a parameter's mapping into its fields, and reports those that are none. */
#include "language/reader/parameter/spec_draft.h"

/* Sorts the fields of draft->node; false where one of them is none, which is reported. */
bool spec_draft_read(struct spec_reader *r, struct spec_draft *draft);
/* Of a value in place of a parameter's mapping: `min:0.1` on a line of its own. */
bool spec_draft_say_tight(struct spec_reader *r, const struct spec_node *n);
