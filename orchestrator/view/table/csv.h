/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Fields of CSV as in RFC 4180, except that a line ends with a newline alone. Pure. */
#include "base/buf.h"
#include "base/value.h"

/* Appends a field, in quotes if it needs them, and a comma before it unless it is the first of its
 * line. An empty field is no value (NULL, null); an empty text is "". */
void csv_text(struct buf *out, bool first, const char *text);
/* Numbers whole, not rounded; NaN, Infinity, -Infinity; lists and dicts as JSON. */
void csv_value(struct buf *out, struct arena *a, bool first, const struct value *v);
