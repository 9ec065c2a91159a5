/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/number/number.h"
#include "base/utf8.h"

/* cJSON would round integers, accept 01, 1e400, control characters and bad UTF-8, end strings at
 * \u0000, and place errors roughly. So a scan runs first: it checks the text against the whole
 * grammar and notes the numbers in order. cJSON gets a copy in which each number is 0; the tree
 * then gets the numbers back in the same order. */
enum expect { A_VALUE, VALUE_OR_END, A_KEY, KEY_OR_END, A_COLON, COMMA_OR_END, NOTHING };

struct scan {
    const char *text;
    size_t len, at;
    char *copy;
    struct value *numbers;
    size_t n, cap, taken;
    enum expect expect;
    int depth;
    size_t values, most;         /* scanned so far; how many there may be */
    bool twice;                  /* an object has a key twice */
    bool dict[LIMIT_JSON_DEPTH]; /* or a list */
    struct err *err;
};

static int scan_refuse(struct scan *s, int code, size_t at, const char *why)
{
    return err_set(s->err, code, "invalid JSON at byte %zu: %s", at, why);
}

static int read_hex(const char *p, size_t len, uint32_t *ret)
{
    uint32_t c = 0;
    if (len < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        char x = p[i];
        int digit = x >= '0' && x <= '9'   ? x - '0'
                    : x >= 'a' && x <= 'f' ? x - 'a' + 10
                    : x >= 'A' && x <= 'F' ? x - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        c = c << 4 | (uint32_t)digit;
    }
    *ret = c;
    return 0;
}

/* At a backslash. */
static int scan_escape(struct scan *s)
{
    const char *p = s->text + s->at;
    size_t left = s->len - s->at;
    uint32_t c, low;
    if (left < 2 || !p[1] || !strchr("\"\\/bfnrtu", p[1]))
        return scan_refuse(s, ERR_SYNTAX, s->at, "not an escape");
    if (p[1] != 'u') {
        s->at += 2;
        return 0;
    }
    if (read_hex(p + 2, left - 2, &c) < 0)
        return scan_refuse(s, ERR_SYNTAX, s->at, "\\u without four hexadecimal digits");
    if (c == 0)
        return scan_refuse(s, ERR_SYNTAX, s->at, "a NUL character");
    s->at += 6;
    if (c < 0xD800 || c >= 0xE000)
        return 0;
    if (c >= 0xDC00 || left < 12 || p[6] != '\\' || p[7] != 'u' ||
        read_hex(p + 8, left - 8, &low) < 0 || low < 0xDC00 || low >= 0xE000)
        return scan_refuse(s, ERR_SYNTAX, s->at - 6, "half of a surrogate pair");
    s->at += 6;
    return 0;
}

static int scan_string(struct scan *s)
{
    size_t begin = s->at++;
    while (s->at < s->len) {
        unsigned char c = (unsigned char)s->text[s->at];
        uint32_t code;
        size_t n = 1;
        if (c == '"') {
            s->at++;
            return 0;
        }
        if (c == '\\') {
            int rc = scan_escape(s);
            if (rc < 0)
                return rc;
            continue;
        }
        if (c < 0x20)
            return scan_refuse(s, ERR_SYNTAX, s->at,
                               c ? "a control character in a string" : "a NUL character");
        if (c >= 0x80 && (n = utf8_decode(s->text + s->at, s->len - s->at, &code)) == 0)
            return scan_refuse(s, ERR_SYNTAX, s->at, "not UTF-8");
        s->at += n;
    }
    return scan_refuse(s, ERR_SYNTAX, begin, "a string without a closing quote");
}

static size_t digits_at(const struct scan *s, size_t at)
{
    size_t n = 0;
    while (at + n < s->len && s->text[at + n] >= '0' && s->text[at + n] <= '9')
        n++;
    return n;
}

/* The length of the number at s->at by JSON's grammar, or 0; sets whether it has a point or
 * exponent. */
static size_t number_len(const struct scan *s, bool *is_float)
{
    size_t at = s->at + (s->text[s->at] == '-');
    size_t n = digits_at(s, at);
    *is_float = false;
    if (n == 0 || (n > 1 && s->text[at] == '0'))
        return 0;
    at += n;
    if (at < s->len && s->text[at] == '.') {
        n = digits_at(s, at + 1);
        if (n == 0)
            return 0;
        at += 1 + n;
        *is_float = true;
    }
    if (at < s->len && (s->text[at] == 'e' || s->text[at] == 'E')) {
        at++;
        at += at < s->len && (s->text[at] == '+' || s->text[at] == '-');
        n = digits_at(s, at);
        if (n == 0)
            return 0;
        at += n;
        *is_float = true;
    }
    return at - s->at;
}

static bool parse_int(const char *s, size_t len, int64_t *ret)
{
    bool negative = *s == '-';
    uint64_t magnitude = 0, most = (uint64_t)INT64_MAX + negative;
    for (size_t i = negative; i < len; i++)
        if (__builtin_mul_overflow(magnitude, 10, &magnitude) ||
            __builtin_add_overflow(magnitude, (uint64_t)(s[i] - '0'), &magnitude))
            return false;
    if (magnitude > most)
        return false;
    *ret = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

static void note_number(struct scan *s, size_t len, struct value number)
{
    s->numbers = mem_grow(s->numbers, &s->cap, s->n + 1, sizeof *s->numbers);
    s->numbers[s->n++] = number;
    memset(s->copy + s->at, ' ', len);
    s->copy[s->at] = '0';
    s->at += len;
}

static bool scan_name(struct scan *s, const char *name, double f)
{
    size_t len = strlen(name);
    if (s->len - s->at < len || memcmp(s->text + s->at, name, len) != 0)
        return false;
    note_number(s, len, (struct value){.kind = VALUE_FLOAT, .f = f});
    return true;
}

static int scan_number(struct scan *s)
{
    size_t begin = s->at;
    bool digits = digits_at(s, begin + (s->text[begin] == '-')) > 0;
    if (digits || (!scan_name(s, "NaN", NAN) && !scan_name(s, "Infinity", INFINITY) &&
                   !scan_name(s, "-Infinity", -INFINITY))) {
        bool is_float;
        size_t len = number_len(s, &is_float);
        struct value v = {.kind = VALUE_INT};
        if (len == 0)
            return scan_refuse(s, ERR_SYNTAX, begin, "not a number");
        if (is_float || !parse_int(s->text + begin, len, &v.i)) {
            v.kind = VALUE_FLOAT;
            check(number_parse(s->text + begin, len, &v.f));
            if (isinf(v.f))
                return scan_refuse(s, ERR_SYNTAX, begin,
                                   "a number beyond the range of 64-bit floats");
        }
        note_number(s, len, v);
    }
    return 0;
}

/* At a character that begins a value. */
static int scan_scalar(struct scan *s)
{
    static const char *const words[] = {"true", "false", "null"};
    char c = s->text[s->at];
    if (c == '"')
        return scan_string(s);
    if ((c >= '0' && c <= '9') || c == '-' || c == 'N' || c == 'I')
        return scan_number(s);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        if (s->len - s->at >= len && memcmp(s->text + s->at, words[i], len) == 0) {
            s->at += len;
            return 0;
        }
    }
    return scan_refuse(s, ERR_SYNTAX, s->at, c ? "expected a value" : "a NUL byte");
}

static int open_container(struct scan *s, bool dict)
{
    if (s->depth == LIMIT_JSON_DEPTH)
        return scan_refuse(s, ERR_LIMIT, s->at, "nested too deeply");
    s->dict[s->depth++] = dict;
    s->expect = dict ? KEY_OR_END : VALUE_OR_END;
    s->at++;
    return 0;
}

static void end_value(struct scan *s)
{
    s->expect = s->depth > 0 ? COMMA_OR_END : NOTHING;
}

static bool may_close(const struct scan *s, char c)
{
    if (s->expect == COMMA_OR_END)
        return c == (s->dict[s->depth - 1] ? '}' : ']');
    return c == '}' ? s->expect == KEY_OR_END : s->expect == VALUE_OR_END;
}

static int scan_token(struct scan *s)
{
    static const char *const wanted[] = {
        [A_VALUE] = "expected a value",
        [VALUE_OR_END] = "expected a value or ']'",
        [A_KEY] = "expected a key in quotes",
        [KEY_OR_END] = "expected a key in quotes or '}'",
        [A_COLON] = "expected ':'",
        [COMMA_OR_END] = "expected ',' or the end of the list",
        [NOTHING] = "text after the value",
    };
    char c = s->text[s->at];
    int rc;
    if ((c == '}' || c == ']') && may_close(s, c)) {
        s->depth--;
        s->at++;
        end_value(s);
        return 0;
    }
    switch (s->expect) {
    case A_VALUE:
    case VALUE_OR_END:
        if (++s->values > s->most)
            return scan_refuse(s, ERR_LIMIT, s->at, "too many values");
        if (c == '{' || c == '[')
            return open_container(s, c == '{');
        rc = scan_scalar(s);
        end_value(s);
        return rc;
    case A_KEY:
    case KEY_OR_END:
        s->expect = A_COLON;
        return c == '"' ? scan_string(s) : scan_refuse(s, ERR_SYNTAX, s->at, wanted[A_KEY]);
    case A_COLON:
    case COMMA_OR_END:
        if (c != (s->expect == A_COLON ? ':' : ','))
            break;
        s->expect = s->expect == COMMA_OR_END && s->dict[s->depth - 1] ? A_KEY : A_VALUE;
        s->at++;
        return 0;
    case NOTHING:
        break;
    }
    return scan_refuse(s, ERR_SYNTAX, s->at, wanted[s->expect]);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static int scan_all(struct scan *s)
{
    for (;;) {
        while (s->at < s->len && is_space(s->text[s->at]))
            s->at++;
        if (s->at == s->len)
            break;
        int rc = scan_token(s);
        if (rc < 0)
            return rc;
    }
    return s->expect == NOTHING ? 0 : scan_refuse(s, ERR_SYNTAX, s->at, "the text ends too early");
}

static struct value *convert_node(struct scan *s, struct arena *a, const cJSON *item)
{
    struct value *v;
    switch (item->type & 0xFF) {
    case cJSON_False:
    case cJSON_True:
        return value_bool(a, cJSON_IsTrue(item));
    case cJSON_NULL:
        return value_null(a);
    case cJSON_Number:
        v = value_null(a);
        *v = s->numbers[s->taken++];
        return v;
    case cJSON_String:
        return value_str(a, item->valuestring);
    case cJSON_Array:
        v = value_list(a);
        for (const cJSON *child = item->child; child; child = child->next)
            value_push(a, v, convert_node(s, a, child));
        return v;
    default:
        v = value_dict(a);
        for (const cJSON *child = item->child; child; child = child->next) {
            size_t had = v->dict.n;
            value_put(a, v, child->string, convert_node(s, a, child));
            s->twice |= v->dict.n == had;
        }
        return v;
    }
}

static struct value *build_value(struct scan *s, struct arena *a)
{
    /* cJSON also resets its global record of the last error; nobody here reads it, so threads may
     * parse at the same time. */
    cJSON *tree = cJSON_ParseWithLengthOpts(s->copy, s->len + 1, NULL, 1);
    check(tree); /* the grammar was checked, so only memory can have run out */
    struct value *v = convert_node(s, a, tree);
    cJSON_Delete(tree);
    check(s->taken == s->n);
    return v;
}

int json_parse(struct arena *a, const char *text, size_t len, struct value **ret, struct err *err)
{
    return json_parse_within(a, text, len, SIZE_MAX, ret, err);
}

int json_parse_within(struct arena *a, const char *text, size_t len, size_t most,
                      struct value **ret, struct err *err)
{
    bool twice;
    return json_parse_noting(a, text, len, most, ret, &twice, err);
}

int json_parse_noting(struct arena *a, const char *text, size_t len, size_t most,
                      struct value **ret, bool *ret_twice, struct err *err)
{
    struct scan s = {.text = text, .len = len, .most = most, .err = err};
    s.copy = mem_resize(NULL, len + 1);
    if (len)
        memcpy(s.copy, text, len);
    s.copy[len] = '\0';
    int rc = scan_all(&s);
    if (rc == 0)
        *ret = build_value(&s, a);
    mem_free(s.copy);
    mem_free(s.numbers);
    *ret_twice = s.twice;
    return rc;
}
