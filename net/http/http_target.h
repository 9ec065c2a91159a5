/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The target of a request, "/path?query". A path is decoded once, and one that needs more than
 * that to be understood is refused: other forms of a target, "." and "..", empty parts, encoded
 * slashes, backslashes, control characters, bytes that are not UTF-8. */
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

/* Splits and decodes target in place; false where it is refused. */
bool http_target_split(char *target, char **path, char **query);
/* Appends the decoded value of the first parameter of that name ('+' is a space). ERR_NOT_FOUND: it
 * is missing; ERR_USAGE: its value has a NUL, or is not UTF-8. */
int http_target_query(const char *query, const char *name, struct buf *out);
enum { HTTP_TARGET_DIGITS = 18 };

/* The first parameter of that name as a whole number of at most HTTP_TARGET_DIGITS digits.
 * ERR_NOT_FOUND: it is missing; ERR_USAGE: it is another text. *ret is set on success alone. */
int http_target_number(const char *query, const char *name, uint64_t *ret);
/* Appends the decoded name of the first parameter of *query, and moves *query past it; false where no
 * further one is there. */
bool http_target_name(const char **query, struct buf *out);
/* Appends text percent-encoded, as a part of a path or a value of a query. */
void http_target_encode(struct buf *out, const char *text, size_t len);
