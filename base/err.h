/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Errors as values. A fallible function returns 0 or a negative ERR_*; if a person will read the
 * error, its last parameter is a struct err, which is not changed on success. This module must not
 * know who prints it. */
#include <stddef.h>

#define ERR_LIST(X)                                             \
    X(ERR_USAGE, 1, "wrong usage")                              \
    X(ERR_SPEC, 2, "the spec cannot be used")                   \
    X(ERR_SYNTAX, 3, "malformed input")                         \
    X(ERR_LIMIT, 4, "a limit was exceeded")                     \
    X(ERR_NOT_FOUND, 5, "not found")                            \
    X(ERR_EXISTS, 6, "exists already")                          \
    X(ERR_BUSY, 7, "in use")                                    \
    X(ERR_EXHAUSTED, 8, "the space is exhausted")               \
    X(ERR_EMPTY, 9, "the space has no point")                   \
    X(ERR_STALE, 10, "a newer one has taken over")              \
    X(ERR_PROTOCOL, 11, "the peer does not speak our protocol") \
    X(ERR_IO, 12, "input or output failed")                     \
    X(ERR_FULL, 13, "no space left")                            \
    X(ERR_DAMAGED, 14, "the data is damaged")                   \
    X(ERR_UNSUPPORTED, 15, "not supported yet")                 \
    X(ERR_STATE, 16, "not possible in this state")              \
    X(ERR_PERMISSION, 17, "not allowed")                        \
    X(ERR_UNREACHABLE, 18, "the other side does not answer")    \
    X(ERR_IDENTITY, 19, "the peer is not the expected one")

enum err_code {
#define X(name, number, text) name = -number,
    ERR_LIST(X)
#undef X
};

enum { ERR_TEXT_BYTES = 768 };

struct err {
    int code; /* 0 or ERR_* */
    char text[ERR_TEXT_BYTES];
};

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

const char *err_name(int code);     /* "ERR_SPEC" */
int err_find(const char *name);     /* the code of that name; 0 if none */
const char *err_sentence(int code); /* "the spec cannot be used" */

/* Fills err (which may be NULL) and returns code, so that a caller writes `return err_set(…)`. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Puts "prefix: " before the text that err holds; returns its code. */
int err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
