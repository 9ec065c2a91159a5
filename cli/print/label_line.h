/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A line of a sheet about one thing: a label, and its text, from which control characters are taken.
 * Pure. */
#include "base/buf.h"

/* Appends "label     text"; nothing if the text is empty or NULL. */
void label_line_print(struct buf *out, const char *label, const char *text);
