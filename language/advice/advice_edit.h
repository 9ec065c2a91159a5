/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Adds safe edits to a diagnostic. Each does nothing if the text at the place is not plain: an
 * alias, a tag, a block of lines. */
#include "language/reader/spec_node.h"

/* Text in place of the value; or a name, which is written alike with quotes and without. */
void advice_edit_value(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                       const char *text);
void advice_edit_name(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                      const char *name);
/* The value stays, between before and after. */
void advice_edit_around(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                        const char *before, const char *after);
/* Text in place of the key. */
void advice_edit_key(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                     const char *text);
/* The same for a key that is not one of names (as for base/diag/nearest.h), if it is certainly a
 * misspelling of one that is not there already. */
void advice_edit_slip(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                      const void *names, size_t names_n, size_t stride);
