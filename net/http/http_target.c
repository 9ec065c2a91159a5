/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_target.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

static int target_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The byte that "%xx" at s stands for; -1 where it is malformed. */
static int target_escape(const char *s)
{
    int high = target_hex(s[1]), low = high < 0 ? -1 : target_hex(s[2]);
    return low < 0 ? -1 : high * 16 + low;
}

static bool target_is_plain(const char *s, const char *refused)
{
    for (; *s; s++)
        if (*s <= ' ' || *s == 0x7f || strchr(refused, *s) || (*s == '%' && target_escape(s) < 0))
            return false;
    return true;
}

static bool target_decode(char *path)
{
    char *out = path;
    for (const char *in = path; *in; in++) {
        int c = *in;
        if (c == '%') {
            c = target_escape(in);
            if (c < ' ' || c == 0x7f || c == '/' || c == '\\')
                return false;
            in += 2;
        }
        *out++ = (char)c;
    }
    *out = '\0';
    return utf8_valid_prefix(path, (size_t)(out - path)) == (size_t)(out - path);
}

static bool target_is_normal(const char *path)
{
    while (*path == '/' && path[1]) {
        const char *part = path + 1;
        size_t len = strcspn(part, "/");
        if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && strncmp(part, "..", 2) == 0))
            return false;
        path = part + len;
    }
    return *path == '\0' || (*path == '/' && !path[1]);
}

bool http_target_split(char *target, char **path, char **query)
{
    char *mark = strchr(target, '?');
    if (target[0] != '/')
        return false;
    *path = target;
    *query = mark ? mark + 1 : target + strlen(target);
    if (mark)
        *mark = '\0';
    return target_is_plain(*path, "#\"<>\\^`{|}") && target_is_plain(*query, "#\"<>\\") &&
           target_decode(*path) && target_is_normal(*path);
}

static void target_decode_value(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int c = s[i] == '+' ? ' ' : s[i];
        if (c == '%') { /* well-formed: target_is_plain */
            c = target_escape(s + i);
            i += 2;
        }
        buf_addc(out, (char)c);
    }
}

bool http_target_name(const char **query, struct buf *out)
{
    *query += strspn(*query, "&");
    if (!**query)
        return false;
    size_t len = strcspn(*query, "&");
    target_decode_value(out, *query, strcspn(*query, "&="));
    *query += len;
    return true;
}

int http_target_query(const char *query, const char *name, struct buf *out)
{
    size_t name_len = strlen(name), begin = out->len;
    const char *at = query;
    bool found = false;
    while (!found) {
        struct buf decoded;
        query = at;
        buf_init(&decoded, SIZE_MAX);
        bool any = http_target_name(&at, &decoded);
        found = any && decoded.len == name_len && memcmp(buf_str(&decoded), name, name_len) == 0;
        buf_done(&decoded);
        if (!any)
            return ERR_NOT_FOUND;
    }
    query += strspn(query, "&");
    const char *equals = memchr(query, '=', (size_t)(at - query));
    if (equals)
        target_decode_value(out, equals + 1, (size_t)(at - equals - 1));
    const char *value = buf_peek(out) + begin;
    size_t value_len = out->len - begin;
    bool good = !memchr(value, '\0', value_len) && utf8_valid_prefix(value, value_len) == value_len;
    return good ? 0 : ERR_USAGE;
}

int http_target_number(const char *query, const char *name, uint64_t *ret)
{
    struct buf text;
    uint64_t n = 0;
    buf_init(&text, HTTP_TARGET_DIGITS);
    int rc = http_target_query(query, name, &text);
    bool good = rc == 0 && text.len > 0 && !text.overflow;
    for (size_t i = 0; good && i < text.len; i++) {
        char digit = buf_peek(&text)[i];
        good = digit >= '0' && digit <= '9';
        n = n * 10 + (uint64_t)(digit - '0');
    }
    buf_done(&text);
    if (rc != 0)
        return rc;
    if (!good)
        return ERR_USAGE;
    *ret = n;
    return 0;
}

void http_target_encode(struct buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (isalnum(c) || (c && strchr("-._~", c)))
            buf_addc(out, (char)c);
        else
            buf_addf(out, "%%%02X", c);
    }
}
