/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Applies the edits of diagnostics to the text that they are about: all edits of a diagnostic, or
 * none. Pure; the caller checks whether the text is better afterwards. */
#include <stdbool.h>
#include "base/diag/diag.h"
#include "base/diag/source.h"

/* The bytes [*ret_from, *ret_to) that an edit replaces. False if the edit is not within the
 * text, or if a tag, an anchor, an alias or a block begins there, since the edit would lose
 * its meaning. */
bool fix_find(struct source *s, const struct diag_edit *edit, size_t *ret_from, size_t *ret_to);
/* Appends to out the text with the edits of items[0..n); if the edits of two diagnostics overlap,
 * only one of them is applied. Returns how many diagnostics were fixed. */
size_t fix_apply(struct buf *out, const char *text, size_t len, const struct diag *items, size_t n);
/* Appends to out the line of d, given alone, with the edits of d applied. False if no edit is
 * within the line, or if the line is very long. */
bool fix_line(struct buf *out, const char *line, size_t len, const struct diag *d);
