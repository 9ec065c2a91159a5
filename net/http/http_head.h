/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The head of an HTTP message: its first line and its headers, as read by net/http/http_reader.h.
 * http_head_judge refuses every head that two readers could understand differently. Knows no
 * socket. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_head_method {
    HTTP_METHOD_OTHER, /* answered with 501 */
    HTTP_METHOD_GET,
    HTTP_METHOD_HEAD,
    HTTP_METHOD_POST,
    HTTP_METHOD_PUT,
    HTTP_METHOD_PATCH,
    HTTP_METHOD_DELETE,
    HTTP_METHOD_OPTIONS,
};

struct http_header {
    char *name; /* in lower case */
    char *value;
};

struct http_head {
    /* Of requests. */
    enum http_head_method method;
    char *path;  /* percent-decoded once, without "." and ".." and empty parts; or "*" */
    char *query; /* still encoded: http_target_query; "" where there is none */
    bool expects_continue;
    bool upgrade; /* it asks for another protocol: its header "upgrade" names it */
    /* Of responses. */
    int status;
    /* Of both. */
    int minor; /* HTTP/1.minor */
    struct http_header *headers;
    size_t n, cap;
    bool keep_alive, chunked, has_length; /* neither of the last two: there is no body */
    uint64_t length;                      /* of the body, if has_length */
};

/* Splits the first line of a request, which ends at end, and reads it into head. Returns 0, or the
 * status to refuse it with and the reason. */
int http_head_first_line(struct http_head *head, char *line, char *end, const char **why);
/* Judges the headers of a head, and sets what they mean. As above; for a response, any status means
 * that it cannot be used. */
int http_head_judge(struct http_head *head, bool response, const char **why);
/* The value of the first header of that name (in lower case); NULL if there is none. */
const char *http_head_find(const struct http_head *head, const char *name);
/* Whether one of the headers of that name lists the word, in any case. */
bool http_head_lists(const struct http_head *head, const char *name, const char *word);
/* Whether a header Accept-Encoding names the coding, and not with q=0 (RFC 9110, 12.5.3). "*" does not count: a client
 * that decodes it says so. */
bool http_head_accepts(const struct http_head *head, const char *coding);
const char *http_head_method_name(enum http_head_method method);
bool http_head_is_token(char c); /* a character of names of methods and headers */
