/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json_span.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number/number.h"
#include "base/utf8.h"

static const char *space_skip(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* After the quote that ends a text, which begins at `at`; NULL where there is none. */
static const char *text_skip(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : NULL;
}

static const char *value_skip(const char *at, const char *end)
{
    size_t depth = 0;
    if (at < end && *at == '"')
        return text_skip(at, end);
    for (; at < end; at++) {
        if (*at == '"') {
            at = text_skip(at, end);
            if (!at)
                return NULL;
            at--;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0)
                return at;
            if (--depth == 0)
                return at + 1;
        } else if (depth == 0 && (*at == ',' || *at == ':')) {
            return at;
        }
    }
    return depth == 0 ? at : NULL;
}

struct json_span json_span_of(const char *text, size_t len)
{
    const char *at = space_skip(text, text + len), *end = text + len;
    while (end > at && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t'))
        end--;
    return (struct json_span){at, end};
}

bool json_span_enter(struct json_span v, struct json_walk *ret)
{
    if (v.at >= v.end || (*v.at != '{' && *v.at != '['))
        return false;
    *ret = (struct json_walk){v.at + 1, v.end, *v.at == '{' ? '}' : ']'};
    return true;
}

bool json_span_next(struct json_walk *w, struct json_span *ret_key, struct json_span *ret)
{
    const char *at = space_skip(w->at, w->end), *end;
    *ret_key = (struct json_span){NULL, NULL};
    if (at < w->end && *at == ',')
        at = space_skip(at + 1, w->end);
    if (at >= w->end || *at == w->close)
        return false;
    if (w->close == '}') {
        end = *at == '"' ? text_skip(at, w->end) : NULL;
        if (!end)
            return false;
        *ret_key = (struct json_span){at, end};
        at = space_skip(end, w->end);
        if (at >= w->end || *at != ':')
            return false;
        at = space_skip(at + 1, w->end);
    }
    end = value_skip(at, w->end);
    if (!end || end == at)
        return false;
    w->at = end;
    *ret = json_span_of(at, (size_t)(end - at));
    return true;
}

/* Reads \uXXXX. False if it is malformed. */
static bool code_read(const char *at, const char *end, uint32_t *ret)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    uint32_t code = 0;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return false;
    for (int i = 2; i < 6; i++) {
        const char *digit = memchr(digits, at[i], sizeof digits - 1);
        if (!digit)
            return false;
        code = code << 4 | ((uint32_t)(digit - digits) & 15);
    }
    *ret = code;
    return true;
}

/* Decodes an escape to UTF-8 and skips it. Returns the number of bytes; 0 if it is malformed. */
static size_t escape_read(const char **at, const char *end, char out[UTF8_BYTES_MAX])
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint32_t code, low;
    const char *one = end - *at < 2 ? NULL : memchr(from, (*at)[1], sizeof from - 1);
    if (one) {
        *at += 2;
        return out[0] = to[one - from], 1;
    }
    if (!code_read(*at, end, &code) || code == 0 || (code >= 0xDC00 && code < 0xE000))
        return 0;
    *at += 6;
    if (code >= 0xD800 && code < 0xDC00) {
        if (!code_read(*at, end, &low) || low < 0xDC00 || low >= 0xE000)
            return 0;
        *at += 6;
        code = 0x10000 + ((code - 0xD800) << 10 | (low - 0xDC00));
    }
    return utf8_encode(out, code);
}

bool json_span_is(struct json_span key, const char *text)
{
    size_t len = strlen(text);
    if (!key.at || key.end - key.at < 2)
        return false;
    const char *at = key.at + 1, *end = key.end - 1, *text_end = text + len;
    while (at < end) {
        char c[UTF8_BYTES_MAX] = {*at};
        size_t n = 1;
        if (*at == '\\')
            n = escape_read(&at, end, c);
        else
            at++;
        if (n == 0 || (size_t)(text_end - text) < n || memcmp(text, c, n) != 0)
            return false;
        text += n;
    }
    return text == text_end;
}

bool json_span_find(struct json_span object, const char *key, struct json_span *ret)
{
    struct json_walk w;
    struct json_span name;
    if (!json_span_enter(object, &w) || w.close != '}')
        return false;
    while (json_span_next(&w, &name, ret))
        if (json_span_is(name, key))
            return true;
    return false;
}

bool json_span_item(struct json_span list, size_t at, struct json_span *ret)
{
    struct json_walk w;
    struct json_span none;
    if (!json_span_enter(list, &w))
        return false;
    do {
        if (!json_span_next(&w, &none, ret))
            return false;
    } while (at-- > 0);
    return true;
}

bool json_span_number(struct json_span v, double *ret)
{
    static const struct {
        const char *name;
        double value;
    } names[] = {
        {"NaN", (double)NAN}, {"Infinity", (double)INFINITY}, {"-Infinity", -(double)INFINITY}};
    bool quoted = v.at < v.end && *v.at == '"';
    if (v.end - v.at < (quoted ? 3 : 1))
        return false;
    size_t len = (size_t)(v.end - v.at) - (quoted ? 2 : 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == len && memcmp(v.at + quoted, names[i].name, len) == 0) {
            *ret = names[i].value;
            return true;
        }
    return !quoted && number_parse(v.at, len, ret);
}

/* Between its quotes it is what it means: neither escapes nor what json_parse() would refuse. */
static bool text_is_plain(struct json_span v)
{
    bool ascii = true;
    if (v.end - v.at < 2 || *v.at != '"' || v.end[-1] != '"')
        return false;
    for (const char *at = v.at + 1; at < v.end - 1; at++) {
        if ((unsigned char)*at < 0x20 || *at == '\\' || *at == '"')
            return false;
        ascii = ascii && (unsigned char)*at < 0x80;
    }
    size_t len = (size_t)(v.end - v.at) - 2;
    return ascii || utf8_valid_prefix(v.at + 1, len) == len;
}

/* An integer that surely fits. */
static bool int_read(struct json_span v, int64_t *ret)
{
    const char *at = v.at + (*v.at == '-');
    *ret = 0;
    if (at == v.end || v.end - at > 18 || (*at == '0' && v.end - at > 1))
        return false;
    for (; at < v.end && *at >= '0' && *at <= '9'; at++)
        *ret = 10 * *ret + (*at - '0');
    *ret = *v.at == '-' ? -*ret : *ret;
    return at == v.end;
}

/* A number of JSON with a point or an exponent. */
static bool float_read(struct json_span v, double *ret)
{
    size_t len = (size_t)(v.end - v.at);
    const char *first = v.at + (*v.at == '-');
    bool digits = first < v.end && *first >= '0' && *first <= '9';
    bool zeros = digits && *first == '0' && first + 1 < v.end && first[1] >= '0' && first[1] <= '9';
    const char *point = memchr(v.at, '.', len);
    bool bare = point && (point + 1 == v.end || point[1] < '0' || point[1] > '9');
    return digits && !zeros && !bare &&
           (point || memchr(v.at, 'e', len) || memchr(v.at, 'E', len)) &&
           number_parse(v.at, len, ret) && isfinite(*ret);
}

bool json_span_value(struct arena *a, struct json_span v, struct value *ret)
{
    struct value *parsed;
    if (v.at >= v.end)
        return false;
    *ret = (struct value){.kind = VALUE_FLOAT};
    if (float_read(v, &ret->f))
        return true;
    ret->kind = VALUE_INT;
    if (int_read(v, &ret->i))
        return true;
    if (text_is_plain(v)) {
        size_t len = (size_t)(v.end - v.at) - 2;
        *ret = (struct value){.kind = VALUE_STR, .s = {arena_strndup(a, v.at + 1, len), len}};
        return true;
    }
    if (json_parse(a, v.at, (size_t)(v.end - v.at), &parsed, NULL) != 0)
        return false;
    *ret = *parsed;
    return true;
}

const char *json_span_text(struct arena *a, struct json_span v)
{
    struct value text;
    return v.at < v.end && *v.at == '"' && json_span_value(a, v, &text) ? text.s.ptr : NULL;
}
