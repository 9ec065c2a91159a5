/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads one line of JSON step by step without building a tree; sweep/point.c reads metrics with
 * it. base/json is for everything else. Knows no names. */
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct scan {
    const char *p, *end; /* what is left */
};

void scan_space(struct scan *r);
bool scan_take(struct scan *r, char c); /* steps over white space and c, if c comes next */
bool scan_word(struct scan *r, const char *word);
/* The bytes between the quotes, escapes still in them; r->p is after the opening quote. */
bool scan_string(struct scan *r, const char **s, size_t *len, bool *escaped);
/* Adds what scan_string() gave with its escapes resolved; false where one is wrong, or a NUL. */
bool scan_unescape(struct buf *out, const char *s, size_t len);
/* A finite number, exactly. *whole is set if it was written as an integer of at most 18 digits. */
bool scan_number(struct scan *r, double *ret, bool *integer, int64_t *whole);
/* Skips a list or dict: its brackets are balanced, but its content is not checked further. */
bool scan_skip(struct scan *r);
