/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The text that a node was read from, for details that its value does not show. There is no text
 * for a spec that is not a file, and for a very long one, where finding lines would take long. */
#include "language/reader/spec_node.h"

enum { SPEC_TIGHT_MAX = 20 };

/* Lines without the space after a ':' or a '-'. */
struct spec_tight {
    struct diag_span at[SPEC_TIGHT_MAX]; /* of the sign in each line */
    size_t n;
    /* In the first: the bytes [from, to) that are the sign. */
    struct spec_sign {
        size_t from, to;
        char is;
    } sign;
    const char *line; /* the first, from where its text begins */
    size_t len;
};

/* The text in the file, with its quotes; NULL if it takes several lines or is not there. */
const char *spec_source_of(const struct spec_reader *r, const struct spec_node *n, size_t *ret_len);
/* Double ones, as in JSON. */
bool spec_source_key_in_quotes(const struct spec_reader *r, const struct spec_node *n);
/* If n is text whose lines have no space after the ':' of a field that is one of names (as for
 * base/diag/nearest.h), or after the '-' of a list: reports it and returns true. */
bool spec_source_say_tight_fields(struct spec_reader *r, const struct spec_node *n, bool error,
                                  const void *names, size_t names_n, size_t stride);
bool spec_source_say_tight_dashes(struct spec_reader *r, const struct spec_node *n);
