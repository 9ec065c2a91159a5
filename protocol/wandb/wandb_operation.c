/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_operation.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"

static const char *space_skip(const char *at)
{
    while (isspace((unsigned char)*at) || *at == ',' || *at == '#')
        at += *at == '#' ? strcspn(at, "\n") : 1;
    return at;
}

static size_t word_len(const char *at)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || at[n] == '_')
        n++;
    return n;
}

/* The name after the first word, which is `query` or `mutation`. */
static const char *query_name(struct arena *a, const char *query)
{
    const char *at = space_skip(query);
    size_t len = word_len(at);
    bool known = (len == strlen("query") && memcmp(at, "query", len) == 0) ||
                 (len == strlen("mutation") && memcmp(at, "mutation", len) == 0);
    if (!known)
        return "";
    at = space_skip(at + len);
    return arena_strndup(a, at, word_len(at));
}

int wandb_operation_parse(struct arena *a, const char *body, size_t len,
                          struct wandb_operation *ret, struct err *err)
{
    struct value *v = NULL;
    int rc = json_parse_within(a, body, len, LIMIT_WANDB_VALUES, &v, err);
    if (rc != 0)
        return rc;
    const char *query = value_get_str(v, "query", NULL);
    const char *name = value_get_str(v, "operationName", NULL);
    if (!query)
        return err_set(err, ERR_SYNTAX, "the body is not {\"query\":…,\"variables\":{…}}");
    ret->name = name && *name ? name : query_name(a, query);
    ret->variables = value_get(v, "variables");
    if (ret->variables && ret->variables->kind != VALUE_DICT)
        ret->variables = NULL;
    return 0;
}
