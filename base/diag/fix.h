/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The edits of diagnostics, carried out on the text that they are about. A diagnostic is mended
 * whole or not at all. Pure; whether the text is better for it is for the caller to find out. */
#include <stdbool.h>
#include "base/diag/diag.h"
#include "base/diag/source.h"

/* The bytes [*ret_from, *ret_to) that an edit replaces. False where it is not within the text, or
 * where a tag, an anchor, an alias or a block begins there: what they stand for would be lost. */
bool fix_find(struct source *s, const struct diag_edit *edit, size_t *ret_from, size_t *ret_to);
/* Appends to out the text with the edits of items[0..n); where two are in each other's way, those
 * of one wait. Returns how many diagnostics are mended. */
size_t fix_apply(struct buf *out, const char *text, size_t len, const struct diag *items, size_t n);
/* Appends to out the line that d stands in, given by itself, as its edits in it leave it; false
 * where none is in it, or the line is longer than anybody reads. */
bool fix_line(struct buf *out, const char *line, size_t len, const struct diag *d);
