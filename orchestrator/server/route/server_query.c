/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/route/server_query.h"

#include <string.h>

#include "base/diag/display.h"
#include "base/diag/nearest.h"
#include "base/limits.h"
#include "net/http/http_target.h"

enum { SHOWN_BYTES = 40 };

/* Copies the next name of the list, and returns what follows; NULL after the last. */
static const char *names_next(const char *list, struct arena *a, const char **ret, bool *ret_number)
{
    size_t len = strcspn(list, " ");
    if (len == 0)
        return NULL;
    *ret_number = list[len - 1] == '#';
    *ret = arena_strndup(a, list, len - *ret_number);
    return list + len + (list[len] == ' ');
}

static struct value *names_list(const char *list, struct arena *a)
{
    struct value *v = value_list(a);
    const char *name;
    bool number;
    while ((list = names_next(list, a, &name, &number)))
        value_push(a, v, value_str(a, name));
    return v;
}

static bool names_have(const struct value *names, const char *name, size_t len)
{
    for (size_t i = 0; i < names->list.n; i++)
        if (names->list.items[i]->s.len == len &&
            memcmp(names->list.items[i]->s.ptr, name, len) == 0)
            return true;
    return false;
}

static int text_check(const char *query, const char *name, struct err *err)
{
    struct buf text;
    buf_init(&text, LIMIT_HTTP_URL_BYTES);
    int rc = http_target_query(query, name, &text);
    buf_done(&text);
    return rc == 0 ? 0 : err_set(err, ERR_USAGE, "%s= is not UTF-8 text, or has a NUL", name);
}

static int name_check(const struct value *names, const char *query, struct err *err)
{
    const char *at = query;
    struct buf name, again;
    int rc = 0;
    buf_init(&name, SIZE_MAX);
    buf_init(&again, SIZE_MAX);
    (void)http_target_name(&at, &name);
    if (names->list.n == 0) {
        rc = err_set(err, ERR_USAGE, "there are no parameters here: remove the text after '?'");
    } else if (!names_have(names, buf_str(&name), name.len)) {
        rc = nearest_unknown(err, "parameter", buf_str(&name), name.len, names);
    } else {
        while (rc == 0 && (buf_clear(&again), http_target_name(&at, &again)))
            if (again.len == name.len && memcmp(buf_str(&again), buf_str(&name), name.len) == 0)
                rc = err_set(err, ERR_USAGE, "duplicate %s=", buf_str(&name));
        if (rc == 0)
            rc = text_check(query, buf_str(&name), err);
    }
    buf_done(&again);
    buf_done(&name);
    return rc;
}

static int number_refuse(const char *query, const char *name, struct err *err)
{
    struct buf text, shown;
    buf_init(&text, LIMIT_HTTP_URL_BYTES);
    buf_init(&shown, SIZE_MAX);
    (void)http_target_query(query, name, &text);
    display_clean(&shown, buf_peek(&text), text.len < SHOWN_BYTES ? text.len : SHOWN_BYTES);
    int rc = err_set(err, ERR_USAGE, "%s=%s is not a whole number, from 0 to 10^%d - 1", name,
                     buf_str(&shown), HTTP_TARGET_DIGITS);
    buf_done(&shown);
    buf_done(&text);
    return rc;
}

int server_query_check(const struct server_route *r, const char *query, struct err *err)
{
    struct arena a;
    int rc = 0;
    if (!r->query || !*query)
        return 0;
    arena_init(&a);
    const struct value *names = names_list(r->query, &a);
    for (const char *at = query; rc == 0 && *(at += strspn(at, "&")); at += strcspn(at, "&"))
        rc = name_check(names, at, err);
    const char *list = r->query, *name;
    bool number;
    uint64_t n;
    while (rc == 0 && (list = names_next(list, &a, &name, &number)))
        if (number && http_target_number(query, name, &n) == ERR_USAGE)
            rc = number_refuse(query, name, err);
    arena_done(&a);
    return rc;
}

struct value *server_query_read(const struct server_route *r, const char *query, bool typed,
                                struct arena *a)
{
    struct value *v = value_dict(a);
    const char *list = *query && r->query ? r->query : "", *name;
    bool number;
    uint64_t n = 0;
    while ((list = names_next(list, a, &name, &number))) {
        struct buf text;
        buf_init(&text, LIMIT_HTTP_URL_BYTES);
        if (typed && number && http_target_number(query, name, &n) == 0)
            value_put(a, v, name, value_int(a, (int64_t)n));
        else if (http_target_query(query, name, &text) == 0)
            value_put(a, v, name, value_strn(a, buf_peek(&text), text.len));
        buf_done(&text);
    }
    return v;
}

uint64_t server_query_number(const char *query, const char *name, uint64_t otherwise)
{
    uint64_t n = otherwise;
    return http_target_number(query, name, &n) == 0 ? n : otherwise;
}
