/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Applies the safe corrections to a spec's text. The text is read again after each change; a
 * change that adds errors is undone. Comments and layout are kept. */
#include "base/buf.h"
#include "base/diag/diag.h"

/* Removes the edits of d that spec_fix() would not make; d must be the result of spec_look() for
 * this text. */
void spec_fix_keep(struct diags *d, const char *text, size_t len, const char *root);
/* Appends the text to out. root: as for spec_look(). Returns how many diagnostics were fixed. */
size_t spec_fix(struct buf *out, const char *text, size_t len, const char *root);
