/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads a mapping by its table (language/language.h): reports unknown fields and values of the
 * wrong kind, and offers the others to the functions below. Knows the kinds of values, not their
 * meaning. */
#include "language/language.h"
#include "language/reader/spec_node.h"

/* An unknown key that is near to a missing one. */
struct spec_slip {
    const char *key, *near;
    size_t said; /* 1 + the index of the diagnostic that names it */
};

struct spec_fields {
    struct spec_slip slips[LANGUAGE_FIELDS_MAX];
    struct spec_node nodes[LANGUAGE_FIELDS_MAX];
    bool present[LANGUAGE_FIELDS_MAX]; /* there, and right */
    size_t wrong;                      /* fields that are there, and not right */
};

/* n is a mapping, and outlives *ret. strict: what W&B would only find fault with is an error. */
void spec_fields_read(struct spec_reader *r, const struct spec_node *n,
                      const struct language_object *object, bool strict, struct spec_fields *ret);

/* Reports what is wrong with a field that is LANGUAGE_BY_METHOD. */
void spec_fields_say_wrong(struct spec_reader *r, const struct language_object *object, int field,
                           const struct spec_node *n, bool strict);

/* Each returns whether the field is there, and leaves *ret unchanged if not. */
bool spec_fields_int(struct spec_reader *r, const struct spec_fields *f, int field, int64_t *ret);
/* Whether the field is there under a misspelt name: then a diagnostic says so already. needed:
 * that diagnostic becomes an error, because the field is required. */
bool spec_fields_slipped(struct spec_reader *r, const struct spec_fields *f, int field,
                         bool needed);

bool spec_fields_number(struct spec_reader *r, const struct spec_fields *f, int field, double *ret);
bool spec_fields_bool(const struct spec_fields *f, int field, bool *ret);
/* As Python prints it, where a number stands for text. */
bool spec_fields_text(struct spec_reader *r, const struct spec_fields *f, int field,
                      const char **ret);
/* The index of the word in the table. */
bool spec_fields_word(const struct spec_fields *f, const struct language_object *object, int field,
                      int *ret);
bool spec_fields_span(const struct spec_fields *f, int field, double *ret_s);
