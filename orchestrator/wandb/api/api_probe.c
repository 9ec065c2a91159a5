/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/api/api_probe.h"

#include <ctype.h>
#include <string.h>

#include "orchestrator/wandb/api/api_node.h"

enum { TYPES_MAX = 32 };

bool api_probe_is(const char *operation)
{
    return strncmp(operation, "Probe", strlen("Probe")) == 0;
}

/* The word before `: __type(`, by which the client calls the answer. The query is within a JSON text, where a line ends with
 * \n in two letters. */
static const char *alias_before(struct arena *a, const char *from, const char *at)
{
    while (at > from && (at[-1] == ' ' || at[-1] == ':'))
        at--;
    const char *end = at;
    while (at > from && (isalnum((unsigned char)at[-1]) || at[-1] == '_'))
        at--;
    if (at > from && at[-1] == '\\' && at < end)
        at++;
    return arena_strndup(a, at, (size_t)(end - at));
}

int api_probe(struct desk_call *c, struct value **ret, struct err *err)
{
    static const char word[] = "__type(";
    struct arena *a = c->arena;
    struct value *data = value_dict(a);
    const char *at = c->ask->body;
    (void)err;
    for (int i = 0; i < TYPES_MAX && (at = strstr(at, word)) != NULL; i++, at += strlen(word)) {
        struct value *type = value_dict(a);
        value_put(a, type, "fields", value_list(a));
        value_put(a, type, "inputFields", value_list(a));
        value_put(a, data, alias_before(a, c->ask->body, at), type);
    }
    *ret = api_node_wrap(a, "data", data);
    return 0;
}
