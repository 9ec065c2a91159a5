/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

enum { MATCH_STEPS_MAX = 100000, NUMBER_BYTES_MAX = 64 };
static const double STEP_MAX = 9007199254740992; /* the integers that a double holds */

struct pattern {
    pcre2_code *code;
    const char *names; /* PCRE2's table: two bytes of group number, then the name */
    uint32_t n, entry_bytes;
};

struct patterns {
    struct pattern *items;
    size_t n;
    pcre2_match_context *limits;
};

static int pattern_compile(const char *text, struct pattern *ret, struct err *err)
{
    int code;
    PCRE2_SIZE at;
    PCRE2_UCHAR message[160];
    ret->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                              PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, NULL);
    if (!ret->code) {
        pcre2_get_error_message(code, message, sizeof message);
        return err_set(err, ERR_SPEC, "report.stdout: the pattern %s, at its character %zu: %s",
                       text, at + 1, (const char *)message);
    }
    pcre2_jit_compile(ret->code, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
    pcre2_pattern_info(ret->code, PCRE2_INFO_NAMECOUNT, &ret->n);
    pcre2_pattern_info(ret->code, PCRE2_INFO_NAMEENTRYSIZE, &ret->entry_bytes);
    pcre2_pattern_info(ret->code, PCRE2_INFO_NAMETABLE, &ret->names);
    if (ret->n == 0)
        return err_set(err, ERR_SPEC,
                       "report.stdout: the pattern %s has no named group; write the metric as "
                       "(?<loss>[-+.0-9e]+)",
                       text);
    return 0;
}

int patterns_new(const struct value *list, struct patterns **ret, struct err *err)
{
    struct patterns *p = mem_alloc(sizeof *p);
    p->items = mem_alloc((list->list.n + 1) * sizeof *p->items);
    p->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(p->limits, MATCH_STEPS_MAX);
    for (size_t i = 0; i < list->list.n; i++) {
        p->n++;
        int rc = pattern_compile(list->list.items[i]->s.ptr, &p->items[i], err);
        if (rc != 0) {
            patterns_free(p);
            return rc;
        }
    }
    *ret = p;
    return 0;
}

void patterns_free(struct patterns *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        pcre2_code_free(p->items[i].code);
    pcre2_match_context_free(p->limits);
    mem_free(p->items);
    mem_free(p);
}

static bool read_number(const char *at, size_t len, double *ret)
{
    char text[NUMBER_BYTES_MAX], *end;
    if (len == 0 || len >= sizeof text)
        return false;
    memcpy(text, at, len);
    text[len] = '\0';
    *ret = strtod(text, &end);
    return end != text && *end == '\0';
}

static bool match_line(const struct patterns *p, const struct pattern *pattern, const char *at,
                       size_t len, struct buf *out)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    int rc = pcre2_match(pattern->code, (PCRE2_SPTR)at, len, 0, 0, match, p->limits);
    bool found = false;
    if (rc > 0) {
        const PCRE2_SIZE *groups = pcre2_get_ovector_pointer(match);
        struct arena a;
        arena_init(&a);
        struct value *v = value_dict(&a);
        for (uint32_t i = 0; i < pattern->n; i++) {
            const unsigned char *entry =
                (const unsigned char *)pattern->names + i * pattern->entry_bytes;
            unsigned group = (unsigned)entry[0] << 8 | entry[1];
            PCRE2_SIZE from = groups[2 * group], to = groups[2 * group + 1];
            const char *name = (const char *)entry + 2;
            double x;
            bool is_step = strcmp(name, "step") == 0;
            if (from == PCRE2_UNSET || !read_number(at + from, to - from, &x) ||
                (is_step && !(fabs(x) < STEP_MAX)))
                continue;
            value_put(&a, v, name, is_step ? value_int(&a, (int64_t)x) : value_float(&a, x));
        }
        found = v->dict.n > 0;
        if (found) {
            json_print(out, v, JSON_COMPACT);
            buf_addc(out, '\n');
        }
        arena_done(&a);
    }
    pcre2_match_data_free(match);
    return found;
}

void patterns_apply(const struct patterns *p, const char *text, size_t len, struct buf *out)
{
    for (const char *at = text, *end = text + len; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = newline ? (size_t)(newline - at) : (size_t)(end - at);
        for (size_t i = 0; i < p->n; i++)
            if (match_line(p, &p->items[i], at, n, out))
                break;
        at += n + 1;
    }
}
