/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/scan.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/number/number.h"
#include "base/utf8.h"

void scan_space(struct scan *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\r'))
        r->p++;
}

bool scan_take(struct scan *r, char c)
{
    scan_space(r);
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

bool scan_word(struct scan *r, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
        return false;
    r->p += len;
    return true;
}

/* The bytes between the quotes, escapes still in them; r->p is after the opening quote. */
bool scan_string(struct scan *r, const char **s, size_t *len, bool *escaped)
{
    *s = r->p;
    *escaped = false;
    for (; r->p < r->end; r->p++) {
        unsigned char c = (unsigned char)*r->p;
        if (c == '"') {
            *len = (size_t)(r->p++ - *s);
            return true;
        }
        if (c < ' ')
            return false;
        if (c == '\\') {
            *escaped = true;
            if (++r->p == r->end)
                return false;
        }
    }
    return false;
}

static bool take_hex4(const char **p, const char *end, uint32_t *ret)
{
    *ret = 0;
    if (end - *p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = *(*p)++;
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit > 15)
            return false;
        *ret = *ret << 4 | digit;
    }
    return true;
}

/* \uXXXX, or a pair of them for a larger code point; *p is after the u. */
static bool add_unicode(struct buf *out, const char **p, const char *end)
{
    uint32_t c, low;
    if (!take_hex4(p, end, &c) || c == 0 || (c >= 0xdc00 && c < 0xe000))
        return false;
    if (c >= 0xd800 && c < 0xdc00) {
        if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
            return false;
        *p += 2;
        if (!take_hex4(p, end, &low) || low < 0xdc00 || low >= 0xe000)
            return false;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    char bytes[UTF8_BYTES_MAX];
    buf_add(out, bytes, utf8_encode(bytes, c));
    return true;
}

bool scan_unescape(struct buf *out, const char *s, size_t len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    for (const char *end = s + len; s < end;) {
        if (*s != '\\') {
            buf_addc(out, *s++);
            continue;
        }
        char c = s[1];
        s += 2;
        const char *at = strchr(from, c);
        if (c == 'u' ? !add_unicode(out, &s, end) : !c || !at)
            return false;
        if (c != 'u')
            buf_addc(out, to[at - from]);
    }
    return true;
}

/* mantissa * 10^scale by one 64-bit operation with exact operands. Rounding the result again, to 53
 * bits, is right unless it lies halfway between two doubles. */
static bool scan_round(uint64_t mantissa, int scale, double *ret)
{
#if LDBL_MANT_DIG == 64
    static const long double tens[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                       1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                       1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
                                       1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    enum { MIDDLE = 1 << 10, BELOW = (1 << 11) - 1 };
    uint64_t bits;
    if (scale < -27 || scale > 27)
        return false;
    long double f = (long double)mantissa;
    f = scale < 0 ? f / tens[-scale] : f * tens[scale];
    memcpy(&bits, &f, sizeof bits);
    *ret = (double)f;
    return (bits & BELOW) != MIDDLE;
#else
    (void)mantissa, (void)scale, (void)ret;
    return false;
#endif
}

struct decimal {
    uint64_t mantissa; /* exact where there are at most DIGITS */
    int digits, scale; /* how many there are without zeros in front, and the power of ten */
    bool negative;
};

enum { DIGITS = 18 };

/* Takes digits from p on; returns the first byte after them. *ret_taken: how many the mantissa has of them. */
static inline const char *digits_take(const char *p, const char *end, struct decimal *d,
                                      int *ret_taken)
{
    uint64_t mantissa = d->mantissa;
    int digits = d->digits, taken = 0;
    for (; p < end && *p >= '0' && *p <= '9'; digits += digits || *p != '0', p++)
        if (digits <= DIGITS)
            mantissa = 10 * mantissa + (uint64_t)(*p - '0'), taken++;
    d->mantissa = mantissa;
    d->digits = digits;
    *ret_taken = taken;
    return p;
}

/* After the e. NULL: there are no digits. */
static const char *exponent_take(const char *p, const char *end, struct decimal *d)
{
    bool minus = p < end && *p == '-';
    int exponent = 0;
    p += p < end && (*p == '-' || *p == '+');
    const char *first = p;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        exponent = exponent < 100000 ? 10 * exponent + (*p - '0') : exponent;
    d->scale += minus ? -exponent : exponent;
    return p > first ? p : NULL;
}

/* False where rounding twice could differ from rounding once. */
static bool decimal_round(const struct decimal *d, double *ret)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->digits > DIGITS)
        return false;
    if (d->mantissa <= 1ull << 53 && d->scale >= -22 && d->scale <= 22) {
        *ret = (double)d->mantissa;
        *ret = d->scale < 0 ? *ret / tens[-d->scale] : *ret * tens[d->scale];
    } else if (!scan_round(d->mantissa, d->scale, ret)) {
        return false;
    }
    *ret = d->negative ? -*ret : *ret;
    return true;
}

/* Reads a JSON number exactly: number_parse() reads those for which the fast way would round twice.
 */
bool scan_number(struct scan *r, double *ret, bool *integer, int64_t *whole)
{
    const char *start = r->p, *end = r->end, *p = start;
    struct decimal d = {.negative = p < end && *p == '-'};
    int taken;
    const char *first = p += d.negative;
    p = digits_take(p, end, &d, &taken);
    if (p == first || (*first == '0' && p - first > 1))
        return false;
    *integer = d.digits <= DIGITS;
    if (p < end && *p == '.') {
        const char *dot = p;
        p = digits_take(p + 1, end, &d, &taken);
        d.scale -= taken;
        if (p == dot + 1)
            return false;
        *integer = false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p = exponent_take(p + 1, end, &d);
        if (!p)
            return false;
        *integer = false;
    }
    r->p = p;
    if (*integer)
        *whole = d.negative ? -(int64_t)d.mantissa : (int64_t)d.mantissa;
    if (decimal_round(&d, ret))
        return true;
    return number_parse(start, (size_t)(p - start), ret) && isfinite(*ret);
}

/* Skips a value that is not a metric: its brackets are balanced, but its content is not checked
 * further. */
bool scan_skip(struct scan *r)
{
    int depth = 0;
    while (r->p < r->end) {
        char c = *r->p++;
        const char *s;
        size_t len;
        bool escaped;
        if (c == '"' && !scan_string(r, &s, &len, &escaped))
            return false;
        if (c == '[' || c == '{')
            depth++;
        if ((c == ']' || c == '}') && --depth == 0)
            return true;
    }
    return false;
}
