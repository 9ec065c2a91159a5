/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads a mapping by its table (language/language.h): fields that are none, and values that are of
 * the wrong kind, are reported; the others are there to be taken. Knows what values look like, not
 * what they mean. */
#include "language/language.h"
#include "language/reader/spec_node.h"

/* A key that is none, and near to one that lacks. */
struct spec_slip {
    const char *key, *near;
    size_t said; /* which of the diagnostics names it, and one */
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

/* Says what is wrong with a field that is LANGUAGE_BY_METHOD. */
void spec_fields_say_wrong(struct spec_reader *r, const struct language_object *object, int field,
                           const struct spec_node *n, bool strict);

/* Each leaves *ret as it is where the field is not there, and returns whether it is. */
bool spec_fields_int(struct spec_reader *r, const struct spec_fields *f, int field, int64_t *ret);
/* Whether the field is there under a misspelt name: that it lacks is then said already. needed: an
 * error, for nothing goes without it. */
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
