/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Metrics out of lines of output: regular expressions (PCRE2) whose named groups are metrics, the
 * group `step` the step. What it gives are the JSON lines of a metrics file. The only user of
 * PCRE2. */
#include "base/buf.h"
#include "base/value.h"

struct patterns;

/* ERR_SPEC names the pattern, the place in it and what PCRE2 says of it. list holds strings. */
NODISCARD int patterns_new(const struct value *list, struct patterns **ret, struct err *err);
void patterns_free(struct patterns *p); /* takes NULL */
/* Appends one JSON line for each line of text that a pattern matches (the first that does). */
void patterns_apply(const struct patterns *p, const char *text, size_t len, struct buf *out);
