/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sorts a parameter's mapping into its fields, and reports unknown ones. */
#include "language/reader/parameter/spec_draft.h"

/* Sorts the fields of draft->node; false if one of them is unknown, which is reported. */
bool spec_draft_read(struct spec_reader *r, struct spec_draft *draft);
/* Reports a value instead of a parameter's mapping: `min:0.1` on a line of its own. */
bool spec_draft_say_tight(struct spec_reader *r, const struct spec_node *n);
