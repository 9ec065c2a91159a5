/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* JSON text to value and back, over cJSON with its traps closed: integers of 64 bits and the split
 * between 1 and 1.0 survive, floats print shortest, bare NaN and Infinity are read (wandb writes
 * them), trailing text, bad UTF-8, NUL and deep nesting are refused with an offset. */
#include "base/buf.h"
#include "base/value.h"

enum json_style {
    JSON_COMPACT, /* {"a":1}; NaN and infinities as the strings "NaN", "Infinity", "-Infinity" */
    JSON_PYTHON,  /* {"a": 1}, as json.dumps prints it: non-ASCII escaped, bare NaN and Infinity */
    JSON_PRETTY,  /* indented by two, for people */
};

NODISCARD int json_parse(struct arena *a, const char *text, size_t len, struct value **ret,
                         struct err *err);
/* The same, but ERR_LIMIT for a text with more than `most` values (keys do not count): a value takes
 * about 100 bytes of memory, however short its text is. */
NODISCARD int json_parse_within(struct arena *a, const char *text, size_t len, size_t most,
                                struct value **ret, struct err *err);
/* The same; *ret_twice: an object has a key twice, and the value has the last one. */
NODISCARD int json_parse_noting(struct arena *a, const char *text, size_t len, size_t most,
                                struct value **ret, bool *ret_twice, struct err *err);
void json_print(struct buf *out, const struct value *v, enum json_style style);
void json_print_str(struct buf *out, const char *s,
                    size_t len); /* quoted and escaped, compact style */
char *json_text(struct arena *a, const struct value *v, enum json_style style);
/* Shortest text that reads back as f, always with '.', 'e', or a name: "0.1", "1.0", "1e-05",
 * "NaN". */
enum { JSON_NUMBER_BYTES = 40 };
void json_number(char out[JSON_NUMBER_BYTES], double f);
