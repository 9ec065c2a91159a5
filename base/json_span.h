/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Values in JSON text by where they begin and end, without a tree: long histories and tables are read
 * for a few of their values. What is malformed ends a walk early; a span is parsed by json_parse(). */
#include "base/value.h"

struct json_span {
    const char *at, *end;
};

/* The members of an object or the items of a list, one after the other. */
struct json_walk {
    const char *at, *end;
    char close; /* '}' or ']' */
};

/* Without the space around it. */
struct json_span json_span_of(const char *text, size_t len);
/* False where the span is neither an object nor a list. */
bool json_span_enter(struct json_span v, struct json_walk *ret);
/* The next item; *ret_key is that of an object's member, with its quotes. False after the last. */
bool json_span_next(struct json_walk *w, struct json_span *ret_key, struct json_span *ret);
/* The member of an object; false where it is missing. */
bool json_span_find(struct json_span object, const char *key, struct json_span *ret);
/* The item of a list at this place, from 0; false where it is missing. */
bool json_span_item(struct json_span list, size_t at, struct json_span *ret);
/* Whether a key, with its quotes, is this text. */
bool json_span_is(struct json_span key, const char *text);
/* A text without its quotes, in the arena; NULL of what is malformed or something else. */
const char *json_span_text(struct arena *a, struct json_span v);
/* Any value, as json_parse() reads it, and at less cost if it is a number or a text without escapes. False: it is
 * malformed. */
bool json_span_value(struct arena *a, struct json_span v, struct value *ret);
/* A number: bare NaN and infinities too, and these as texts. False of other values. */
bool json_span_number(struct json_span v, double *ret);
