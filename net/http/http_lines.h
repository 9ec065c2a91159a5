/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The lines of a head, checked byte by byte before any of it is parsed: lines end with CR LF,
 * header names are tokens directly before their colon, values are not folded and hold no control
 * character, and neither line nor head is longer than its limit. */
#include <stdbool.h>
#include <stddef.h>

struct http_lines {
    size_t line;  /* 0: the first line; then one for each header */
    size_t len;   /* of the line so far */
    size_t bytes; /* of the headers so far */
    bool colon, cr, skipped, response;
};

void http_lines_init(struct http_lines *l, bool response);
/* For trailers, which have no first line. */
void http_lines_init_trailers(struct http_lines *l);
bool http_lines_done(const struct http_lines *l); /* the empty line at the end was read */
/* Checks bytes up to the end of the head, and counts those in *used. Returns 0, or the status to
 * refuse the head with and the reason. */
int http_lines_check(struct http_lines *l, const char *bytes, size_t len, size_t *used,
                     const char **why);
