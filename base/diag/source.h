/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A text by lines and columns, counted as libyaml counts them: from 1, in characters, a line
 * ending as YAML 1.1 ends it, a byte order mark at the start not counted. Queries from the top
 * down, and in a line from left to right, take one pass in total. Knows no syntax; UTF-16 has no
 * lines here. */
#include <stdbool.h>
#include <stddef.h>

struct source {
    const char *text; /* the caller's */
    size_t len;
    int line;       /* the one looked at last */
    size_t at, end; /* the bytes where it begins and ends */
    int column;     /* of it, the column looked at last */
    size_t column_at;
};

struct source source_of(const char *text, size_t len);
/* Bytes [*ret_start, *ret_end) of a line, without its line break; false if there is no such line. */
bool source_line(struct source *s, int line, size_t *ret_start, size_t *ret_end);
/* The byte at a place, which may be just after the end of the line; false if there is no such
 * place. */
bool source_offset(struct source *s, int line, int column, size_t *ret);
