/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Regular expressions over lines of text. The only user of PCRE2; does not know what the patterns
 * are for. Bytes that are not UTF-8 match nothing. */
#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct regex;

struct regex_span {
    bool set; /* the group took part in the match */
    size_t from, to;
};

/* ERR_SYNTAX has the position in the pattern and the message of PCRE2. */
NODISCARD int regex_new(const char *text, struct regex **ret, struct err *err);
void regex_free(struct regex *r); /* takes NULL */
/* Compiles it to machine code, for one that is used often. */
void regex_speed_up(struct regex *r);
size_t regex_groups(const struct regex *r); /* the whole match not counted */
/* The i-th name, by alphabet, and its group; NULL past the last. */
const char *regex_name(const struct regex *r, size_t i, size_t *ret_group);
/* Searches from byte `from`; spans[0] is the whole match, spans[g] is group g. Returns whether the
 * pattern matches, or ERR_LIMIT if the search takes too many steps. */
NODISCARD int regex_match(const struct regex *r, const char *text, size_t len, size_t from,
                          struct regex_span *spans, size_t n);
