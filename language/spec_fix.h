/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A spec's text with what a machine may mend mended. The text is read again after each change: none
 * is kept that leaves more errors than there were. Comments and layout stay as they are. */
#include "base/buf.h"
#include "base/diag/diag.h"

/* Takes away those edits of d that spec_fix() would not make; d is what spec_look() said of this
 * text, and nothing else. */
void spec_fix_keep(struct diags *d, const char *text, size_t len, const char *root);
/* Appends the text to out. root: as for spec_look(). Returns how many diagnostics were mended. */
size_t spec_fix(struct buf *out, const char *text, size_t len, const char *root);
