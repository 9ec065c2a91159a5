/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "net/http/http_target.h"

enum { LENGTH_DIGITS_MAX = 18 };

static const char *const method_names[] = {
    [HTTP_METHOD_OTHER] = "",        [HTTP_METHOD_GET] = "GET",
    [HTTP_METHOD_HEAD] = "HEAD",     [HTTP_METHOD_POST] = "POST",
    [HTTP_METHOD_PUT] = "PUT",       [HTTP_METHOD_PATCH] = "PATCH",
    [HTTP_METHOD_DELETE] = "DELETE", [HTTP_METHOD_OPTIONS] = "OPTIONS",
};

/* Headers that must not appear twice: another reader might use the second one. */
static const char *const single_headers[] = {
    "authorization",
    "content-type",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "if-match",
    "last-event-id",
    "origin",
    "sec-fetch-site",
    "sec-websocket-key",
    "upgrade",
    "transfer-encoding",
    "sec-websocket-version",
};

bool http_head_is_token(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

const char *http_head_method_name(enum http_head_method method)
{
    return method_names[method];
}

const char *http_head_find(const struct http_head *head, const char *name)
{
    for (size_t i = 0; i < head->n; i++)
        if (strcmp(head->headers[i].name, name) == 0)
            return head->headers[i].value;
    return NULL;
}

static bool head_value_lists(const char *value, const char *word)
{
    size_t len = strlen(word);
    while (*value) {
        value += strspn(value, " \t,");
        size_t item = strcspn(value, " \t,");
        if (item == len && strncasecmp(value, word, len) == 0)
            return true;
        value += item;
    }
    return false;
}

bool http_head_lists(const struct http_head *head, const char *name, const char *word)
{
    for (size_t i = 0; i < head->n; i++)
        if (strcmp(head->headers[i].name, name) == 0 &&
            head_value_lists(head->headers[i].value, word))
            return true;
    return false;
}

/* Whether text begins with q=WEIGHT that is not 0, and has nothing after it: 0, 1, 0.5 or 1.000. */
static bool weight_is_some(const char *text, size_t len)
{
    bool some = false;
    if (len < 3 || strncasecmp(text, "q=", 2) != 0 || (text[2] != '0' && text[2] != '1'))
        return false;
    for (size_t i = 2; i < len; i++) {
        if (i == 3 ? text[i] != '.' : !isdigit((unsigned char)text[i]))
            return false;
        some |= text[i] >= '1' && text[i] <= '9';
    }
    return some;
}

/* Of one item: CODING, or CODING;q=0.5 with space around the semicolon. One with any other parameter
 * is not understood, and not accepted. */
static bool item_accepts(const char *item, size_t len, const char *coding)
{
    const char *end = item + len;
    size_t name = strcspn(item, " \t;,");
    if (name != strlen(coding) || strncasecmp(item, coding, name) != 0)
        return false;
    for (item += name; item < end && strchr(" \t;", *item);)
        item++;
    while (end > item && strchr(" \t", end[-1]))
        end--;
    return item == end || weight_is_some(item, (size_t)(end - item));
}

static bool value_accepts(const char *value, const char *coding)
{
    while (*value) {
        value += strspn(value, " \t,");
        size_t len = strcspn(value, ",");
        if (item_accepts(value, len, coding))
            return true;
        value += len;
    }
    return false;
}

bool http_head_accepts(const struct http_head *head, const char *coding)
{
    for (size_t i = 0; i < head->n; i++)
        if (strcmp(head->headers[i].name, "accept-encoding") == 0 &&
            value_accepts(head->headers[i].value, coding))
            return true;
    return false;
}

static int head_refuse(int status, const char **why, const char *text)
{
    *why = text;
    return status;
}

static enum http_head_method head_method(const char *name)
{
    for (enum http_head_method m = HTTP_METHOD_GET; m <= HTTP_METHOD_OPTIONS; m++)
        if (strcmp(method_names[m], name) == 0)
            return m;
    return HTTP_METHOD_OTHER;
}

static bool head_is_version(const char *s)
{
    return strncmp(s, "HTTP/", 5) == 0 && isdigit((unsigned char)s[5]) && s[6] == '.' &&
           isdigit((unsigned char)s[7]) && !s[8];
}

int http_head_first_line(struct http_head *head, char *line, char *end, const char **why)
{
    static const char malformed[] = "the request line is malformed";
    *end = '\0';
    char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;
    if (!version || target == line || version == target + 1)
        return head_refuse(400, why, malformed);
    *target++ = *version++ = '\0';
    for (const char *p = line; *p; p++)
        if (!http_head_is_token(*p))
            return head_refuse(400, why, malformed);
    if (!head_is_version(version))
        return head_refuse(400, why, malformed);
    if (version[5] != '1' || version[7] > '1')
        return head_refuse(505, why, "only HTTP/1.1 and HTTP/1.0 are supported");
    if (strlen(target) > LIMIT_HTTP_URL_BYTES)
        return head_refuse(414, why, "the URL is longer than 8 KiB");
    head->minor = version[7] - '0';
    head->method = head_method(line);
    if (head->method == HTTP_METHOD_OTHER)
        return head_refuse(501, why, "the method is not supported");
    if (strcmp(target, "*") == 0 && head->method == HTTP_METHOD_OPTIONS) {
        head->path = target;
        head->query = target + 1;
        return 0;
    }
    return http_target_split(target, &head->path, &head->query)
               ? 0
               : head_refuse(400, why, "the request target is malformed");
}

/* A name, an IPv4 address or an IPv6 address in brackets; then maybe a port. */
static bool head_is_host(const char *s)
{
    size_t name = 0;
    if (*s == '[') {
        name = strspn(s + 1, "0123456789abcdefABCDEF:.") + 1;
        if (name < 3 || s[name] != ']')
            return false;
        name++;
    } else {
        while (isalnum((unsigned char)s[name]) || (s[name] && strchr("-._", s[name])))
            name++;
    }
    if (name == 0 || name > 255)
        return false;
    if (s[name] == '\0')
        return true;
    size_t digits = s[name] == ':' ? strspn(s + name + 1, "0123456789") : 0;
    return digits > 0 && digits <= 5 && !s[name + 1 + digits];
}

static int head_judge_length(struct http_head *head, const char **why)
{
    const char *length = http_head_find(head, "content-length");
    if (!length)
        return 0;
    size_t digits = strspn(length, "0123456789");
    if (digits == 0 || length[digits] || digits > LENGTH_DIGITS_MAX)
        return head_refuse(400, why, "Content-Length is not a number of bytes");
    head->has_length = true;
    head->length = 0;
    for (; *length; length++)
        head->length = 10 * head->length + (uint64_t)(*length - '0');
    return 0;
}

static int head_judge_encoding(struct http_head *head, const char **why)
{
    const char *coding = http_head_find(head, "transfer-encoding");
    if (!coding)
        return 0;
    if (head->has_length)
        return head_refuse(400, why, "both Content-Length and Transfer-Encoding are given");
    if (head->minor == 0)
        return head_refuse(400, why, "Transfer-Encoding needs HTTP/1.1");
    head->chunked = strcasecmp(coding, "chunked") == 0;
    size_t len = strlen(coding);
    if (!head->chunked && (len < 9 || strcasecmp(coding + len - 9, ", chunked") != 0))
        return head_refuse(400, why, "the last Transfer-Encoding is not chunked");
    return head->chunked ? 0
                         : head_refuse(501, why, "only chunked is supported as Transfer-Encoding");
}

static int head_judge_request(struct http_head *head, const char **why)
{
    const char *host = http_head_find(head, "host"), *expect = http_head_find(head, "expect");
    if (!host && head->minor > 0)
        return head_refuse(400, why, "the header Host is missing");
    if (host && !head_is_host(host))
        return head_refuse(400, why, "the header Host is malformed");
    if (expect && strcasecmp(expect, "100-continue") != 0)
        return head_refuse(417, why, "only 100-continue can be expected");
    head->expects_continue = expect && head->minor > 0;
    return 0;
}

int http_head_judge(struct http_head *head, bool response, const char **why)
{
    for (size_t i = 0; i < sizeof single_headers / sizeof *single_headers; i++) {
        size_t n = 0;
        for (size_t k = 0; k < head->n; k++)
            n += strcmp(head->headers[k].name, single_headers[i]) == 0;
        if (n > 1)
            return head_refuse(400, why, "a header that may be given once is given twice");
    }
    int status = head_judge_length(head, why);
    if (status == 0)
        status = head_judge_encoding(head, why);
    if (status == 0 && !response)
        status = head_judge_request(head, why);
    if (status != 0)
        return status;
    head->keep_alive = head->minor > 0 ? !http_head_lists(head, "connection", "close")
                                       : http_head_lists(head, "connection", "keep-alive");
    head->upgrade = head->minor > 0 && http_head_find(head, "upgrade") &&
                    http_head_lists(head, "connection", "upgrade");
    return 0;
}
