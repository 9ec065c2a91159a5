/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_scalar.h"

#include <math.h>
#include <string.h>
#include "base/check.h"
#include "base/mem.h"
#include "base/number/number.h"
#include "base/yaml/yaml_date.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool one_of(const char *s, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == len && memcmp(*words, s, len) == 0)
            return true;
    return false;
}

enum { DIGITS = 1, UNDERSCORE = 2, BINARY = 4, OCTAL = 8, HEX = 16 };

static const unsigned char classes[256] = {
    ['0' ... '1'] = DIGITS | BINARY | OCTAL | HEX,
    ['2' ... '7'] = DIGITS | OCTAL | HEX,
    ['8' ... '9'] = DIGITS | HEX,
    ['a' ... 'f'] = HEX,
    ['A' ... 'F'] = HEX,
    ['_'] = UNDERSCORE,
};

/* Length of the run of characters of these classes at the start of s. */
static size_t span_of_set(const char *s, size_t len, unsigned set)
{
    size_t n = 0;
    while (n < len && classes[(unsigned char)s[n]] & set)
        n++;
    return n;
}

static size_t sign_of(const char *s, size_t len)
{
    return len > 0 && (s[0] == '+' || s[0] == '-') ? 1 : 0;
}

/* (:[0-5]?[0-9])+ from at; returns where the match ends, or at if nothing matches. */
static size_t skip_base60(const char *s, size_t len, size_t at)
{
    while (at + 1 < len && s[at] == ':' && is_digit(s[at + 1])) {
        if (s[at + 1] <= '5' && at + 2 < len && is_digit(s[at + 2]))
            at += 3;
        else
            at += 2;
    }
    return at;
}

static struct yaml_scalar of_int(uint64_t magnitude, bool negative, enum yaml_scalar_base base)
{
    struct yaml_scalar r = {.kind = YAML_SCALAR_INT, .base = base};
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        r.kind = YAML_SCALAR_TOO_LONG;
    else if (negative)
        r.i = magnitude > INT64_MAX ? INT64_MIN : -(int64_t)magnitude;
    else
        r.i = (int64_t)magnitude;
    return r;
}

static unsigned digit_of(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    return (unsigned)((c | 0x20) - 'a') + 10;
}

/* Digits of the radix with '_' between them. */
static struct yaml_scalar read_int(const char *s, size_t len, unsigned radix, bool negative)
{
    uint64_t sum = 0;
    size_t digits = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '_')
            continue;
        digits++;
        if (__builtin_mul_overflow(sum, radix, &sum) ||
            __builtin_add_overflow(sum, digit_of(s[i]), &sum))
            return (struct yaml_scalar){.kind = YAML_SCALAR_TOO_LONG};
    }
    if (digits == 0)
        return (struct yaml_scalar){.kind = YAML_SCALAR_EMPTY_INT};
    return of_int(sum, negative, radix == 8 ? YAML_SCALAR_OCTAL : YAML_SCALAR_DECIMAL);
}

static struct yaml_scalar read_int_base60(const char *s, size_t len, bool negative)
{
    uint64_t sum = 0, part = 0;
    for (size_t i = 0; i <= len; i++) {
        bool end = i == len || s[i] == ':';
        if (end &&
            (__builtin_mul_overflow(sum, 60, &sum) || __builtin_add_overflow(sum, part, &sum)))
            return (struct yaml_scalar){.kind = YAML_SCALAR_TOO_LONG};
        if (end)
            part = 0;
        else if (s[i] != '_' && (__builtin_mul_overflow(part, 10, &part) ||
                                 __builtin_add_overflow(part, digit_of(s[i]), &part)))
            return (struct yaml_scalar){.kind = YAML_SCALAR_TOO_LONG};
    }
    return of_int(sum, negative, YAML_SCALAR_BASE60);
}

static bool resolve_int(const char *s, size_t len, struct yaml_scalar *ret)
{
    size_t sign = sign_of(s, len);
    bool negative = sign && s[0] == '-';
    const char *p = s + sign;
    size_t n = len - sign;
    if (n == 0 || !is_digit(p[0]))
        return false;
    if (n > 2 && p[0] == '0' && p[1] == 'b' &&
        span_of_set(p + 2, n - 2, BINARY | UNDERSCORE) == n - 2)
        *ret = read_int(p + 2, n - 2, 2, negative);
    else if (n > 2 && p[0] == '0' && p[1] == 'x' &&
             span_of_set(p + 2, n - 2, HEX | UNDERSCORE) == n - 2)
        *ret = read_int(p + 2, n - 2, 16, negative);
    else if (n > 1 && p[0] == '0' && span_of_set(p + 1, n - 1, OCTAL | UNDERSCORE) == n - 1)
        *ret = read_int(p, n, 8, negative);
    else if (n == 1 && p[0] == '0')
        *ret = of_int(0, false, YAML_SCALAR_DECIMAL);
    else if (p[0] != '0') {
        size_t whole = span_of_set(p, n, DIGITS | UNDERSCORE);
        if (whole == n)
            *ret = read_int(p, n, 10, negative);
        else if (p[whole] == ':' && skip_base60(p, n, whole) == n)
            *ret = read_int_base60(p, n, negative);
        else
            return false;
    } else {
        return false;
    }
    return true;
}

static struct yaml_scalar of_float(double f, enum yaml_scalar_base base)
{
    return (struct yaml_scalar){.kind = YAML_SCALAR_FLOAT, .base = base, .f = f};
}

/* The text with its '_' taken out, as a number: the pattern has been checked before. */
static double read_float(const char *s, size_t len)
{
    char small[128] = "";
    char *text = len < sizeof small ? small : mem_alloc(len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        if (s[i] != '_')
            text[n++] = s[i];
    double f = 0;
    bool ok = number_parse(text, n, &f);
    POST(ok);
    if (text != small)
        mem_free(text);
    return f;
}

static struct yaml_scalar read_float_base60(const char *s, size_t len, bool negative)
{
    double sum = 0;
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && s[i] != ':')
            continue;
        sum = sum * 60 + read_float(s + start, i - start);
        start = i + 1;
    }
    return of_float(negative ? -sum : sum, YAML_SCALAR_BASE60);
}

/* ([eE][-+][0-9]+)? to the end; sign_needed is YAML 1.1's rule. */
static bool is_exponent(const char *s, size_t len, bool sign_needed)
{
    if (len == 0)
        return true;
    if (s[0] != 'e' && s[0] != 'E')
        return false;
    size_t sign = sign_of(s + 1, len - 1);
    if (sign_needed && !sign)
        return false;
    size_t digits = len - 1 - sign;
    return digits > 0 && span_of_set(s + 1 + sign, digits, DIGITS) == digits;
}

static bool resolve_named_float(const char *s, size_t len, struct yaml_scalar *ret)
{
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infs[] = {".inf", ".Inf", ".INF", NULL};
    if (len > 5)
        return false;
    if (one_of(s, len, nans)) {
        *ret = of_float(NAN, YAML_SCALAR_DECIMAL);
        return true;
    }
    size_t sign = sign_of(s, len);
    if (!one_of(s + sign, len - sign, infs))
        return false;
    *ret = of_float(sign && s[0] == '-' ? -INFINITY : INFINITY, YAML_SCALAR_DECIMAL);
    return true;
}

static bool resolve_float(const char *s, size_t len, struct yaml_scalar *ret)
{
    if (resolve_named_float(s, len, ret))
        return true;
    if (len > 1 && s[0] == '.' && is_digit(s[1])) {
        size_t fraction = 1 + span_of_set(s + 1, len - 1, DIGITS | UNDERSCORE);
        if (!is_exponent(s + fraction, len - fraction, true))
            return false;
        *ret = of_float(read_float(s, len), YAML_SCALAR_DECIMAL);
        return true;
    }
    size_t sign = sign_of(s, len);
    if (sign == len || !is_digit(s[sign]))
        return false;
    size_t at = sign + span_of_set(s + sign, len - sign, DIGITS | UNDERSCORE);
    if (at < len && s[at] == ':') {
        size_t dot = skip_base60(s, len, at);
        if (dot == at || dot == len || s[dot] != '.' ||
            span_of_set(s + dot + 1, len - dot - 1, DIGITS | UNDERSCORE) != len - dot - 1)
            return false;
        *ret = read_float_base60(s + sign, len - sign, sign && s[0] == '-');
        return true;
    }
    if (at == len || s[at] != '.')
        return false;
    at += 1 + span_of_set(s + at + 1, len - at - 1, DIGITS | UNDERSCORE);
    if (!is_exponent(s + at, len - at, true))
        return false;
    *ret = of_float(read_float(s, len), YAML_SCALAR_DECIMAL);
    return true;
}

/* [-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)? */
static bool reads_whole(const char *s, size_t len, bool *integer)
{
    size_t at = sign_of(s, len);
    size_t whole = span_of_set(s + at, len - at, DIGITS);
    at += whole;
    bool dot = at < len && s[at] == '.';
    size_t fraction = 0;
    if (dot) {
        fraction = span_of_set(s + at + 1, len - at - 1, DIGITS);
        at += 1 + fraction;
    }
    if (whole == 0 && fraction == 0)
        return false;
    *integer = !dot && at == len;
    return is_exponent(s + at, len - at, false);
}

struct yaml_scalar yaml_scalar_number(const char *s, size_t len)
{
    struct yaml_scalar r = {.kind = YAML_SCALAR_TEXT};
    bool integer;
    if (!reads_whole(s, len, &integer))
        return r;
    if (!integer)
        return of_float(read_float(s, len), YAML_SCALAR_DECIMAL);
    size_t sign = sign_of(s, len);
    return read_int(s + sign, len - sign, 10, sign && s[0] == '-');
}

struct yaml_scalar yaml_scalar_float(const char *s, size_t len)
{
    struct yaml_scalar r;
    bool integer;
    if (resolve_float(s, len, &r))
        return r;
    if (reads_whole(s, len, &integer))
        return of_float(read_float(s, len), YAML_SCALAR_DECIMAL);
    return (struct yaml_scalar){.kind = YAML_SCALAR_TEXT};
}

/* Text that begins like a number or a date. */
static struct yaml_scalar of_digits(const char *s, size_t len)
{
    struct yaml_scalar r = {.kind = YAML_SCALAR_TEXT};
    bool integer;
    if (resolve_float(s, len, &r) || resolve_int(s, len, &r))
        return r;
    if (yaml_date_is(s, len))
        r.kind = YAML_SCALAR_TIMESTAMP;
    else if (reads_whole(s, len, &integer) && !integer) {
        r = of_float(read_float(s, len), YAML_SCALAR_DECIMAL);
        r.loose = true;
    }
    return r;
}

static struct yaml_scalar of_word(const char *s, size_t len)
{
    static const char *const yes[] = {"yes",  "Yes", "YES", "true", "True",
                                      "TRUE", "on",  "On",  "ON",   NULL};
    static const char *const no[] = {"no",    "No",  "NO",  "false", "False",
                                     "FALSE", "off", "Off", "OFF",   NULL};
    static const char *const nulls[] = {"~", "null", "Null", "NULL", "", NULL};
    struct yaml_scalar r = {.kind = YAML_SCALAR_TEXT};
    if (one_of(s, len, yes))
        return (struct yaml_scalar){.kind = YAML_SCALAR_BOOL, .b = true};
    if (one_of(s, len, no))
        return (struct yaml_scalar){.kind = YAML_SCALAR_BOOL, .b = false};
    if (one_of(s, len, nulls))
        return (struct yaml_scalar){.kind = YAML_SCALAR_NULL};
    if (len == 2 && memcmp(s, "<<", 2) == 0)
        r.kind = YAML_SCALAR_MERGE;
    else if (len == 1 && s[0] == '=')
        r.kind = YAML_SCALAR_EQUALS;
    return r;
}

struct yaml_scalar yaml_scalar_plain(const char *s, size_t len)
{
    enum { LONGEST_WORD = 5 };
    if (len > 0 && (is_digit(s[0]) || s[0] == '.' || s[0] == '+' || s[0] == '-'))
        return of_digits(s, len);
    return len > LONGEST_WORD ? (struct yaml_scalar){.kind = YAML_SCALAR_TEXT} : of_word(s, len);
}
