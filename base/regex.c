/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/mem.h"

enum { MATCH_STEPS_MAX = 100000 };

struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    const char *names; /* PCRE2's table: two bytes of group number, then the name */
    uint32_t names_n, entry_bytes, groups;
};

int regex_new(const char *text, struct regex **ret, struct err *err)
{
    int code;
    PCRE2_SIZE at;
    PCRE2_UCHAR message[160];
    pcre2_code *compiled = pcre2_compile(
        (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!compiled) {
        pcre2_get_error_message(code, message, sizeof message);
        return err_set(err, ERR_SYNTAX, "at character %zu: %s", at + 1, (const char *)message);
    }
    struct regex *r = mem_alloc(sizeof *r);
    r->code = compiled;
    r->match = pcre2_match_data_create_from_pattern(compiled, NULL);
    r->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(r->limits, MATCH_STEPS_MAX);
    pcre2_pattern_info(compiled, PCRE2_INFO_NAMECOUNT, &r->names_n);
    pcre2_pattern_info(compiled, PCRE2_INFO_NAMEENTRYSIZE, &r->entry_bytes);
    pcre2_pattern_info(compiled, PCRE2_INFO_NAMETABLE, &r->names);
    pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &r->groups);
    *ret = r;
    return 0;
}

void regex_free(struct regex *r)
{
    if (!r)
        return;
    pcre2_match_context_free(r->limits);
    pcre2_match_data_free(r->match);
    pcre2_code_free(r->code);
    mem_free(r);
}

void regex_speed_up(struct regex *r)
{
    pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
}

size_t regex_groups(const struct regex *r)
{
    return r->groups;
}

const char *regex_name(const struct regex *r, size_t i, size_t *ret_group)
{
    if (i >= r->names_n)
        return NULL;
    const unsigned char *entry = (const unsigned char *)r->names + i * r->entry_bytes;
    *ret_group = (size_t)entry[0] << 8 | entry[1];
    return (const char *)entry + 2;
}

int regex_match(const struct regex *r, const char *text, size_t len, size_t from,
                struct regex_span *spans, size_t n)
{
    int rc = pcre2_match(r->code, (PCRE2_SPTR)text, len, from, 0, r->match, r->limits);
    if (rc < 0)
        return rc == PCRE2_ERROR_NOMATCH ? 0 : ERR_LIMIT;
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->match);
    for (size_t i = 0; i < n; i++) {
        bool set = i <= r->groups && at[2 * i] != PCRE2_UNSET;
        spans[i] = (struct regex_span){set, set ? at[2 * i] : 0, set ? at[2 * i + 1] : 0};
    }
    return 1;
}
