/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/answer_query.h"

#include <math.h>
#include <stdlib.h>

int answer_query_number(const struct value *query, const char *name, uint64_t max, uint64_t *ret,
                        struct err *err)
{
    const char *text = value_get_str(query, name, NULL);
    uint64_t n = 0;
    if (!text)
        return 0;
    for (const char *p = text; *p; p++)
        if (*p < '0' || *p > '9' || (n = 10 * n + (uint64_t)(*p - '0')) > max)
            return err_set(err, ERR_USAGE, "%s=%.40s is not a whole number from 0 to %llu", name,
                           text, (unsigned long long)max);
    if (!*text)
        return err_set(err, ERR_USAGE, "%s has no value", name);
    *ret = n;
    return 0;
}

int answer_query_float(const struct value *query, const char *name, double *ret, struct err *err)
{
    const char *text = value_get_str(query, name, NULL);
    char *end;
    *ret = NAN;
    if (!text)
        return 0;
    *ret = strtod(text, &end);
    if (end == text || *end || !isfinite(*ret))
        return err_set(err, ERR_USAGE, "%s=%.40s is not a number", name, text);
    return 0;
}

int answer_query_list(const struct value *query, struct arena *a, const char *name, size_t most,
                      const uint64_t **ret, size_t *ret_n, struct err *err)
{
    const char *text = value_get_str(query, name, NULL);
    *ret = NULL;
    *ret_n = 0;
    if (!text)
        return 0;
    uint64_t *list = arena_alloc(a, most * sizeof *list);
    *ret = list;
    for (const char *at = text; *at; at += *at == ',') {
        char *end;
        uint64_t n = *at >= '0' && *at <= '9' ? strtoull(at, &end, 10) : UINT64_MAX;
        if (n > INT64_MAX / 16 || (*end && *end != ','))
            return err_set(err, ERR_USAGE, "%s=%.40s is not a list of numbers", name, text);
        if (*ret_n == most)
            return err_set(err, ERR_LIMIT, "%s= names more than %zu %s", name, most, name);
        list[(*ret_n)++] = n;
        at = end;
    }
    return 0;
}
