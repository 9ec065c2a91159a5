/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/remote/remote_ask.h"

#include <string.h>

#include "cli/remote/remote.h"
#include "net/http/http_target.h"

/* The path of each request whose path differs from sweeps/SWEEP/OP. name: the field of the request with
 * the name in the path; "": none. */
static const struct {
    const char *op, *collection, *name, *part;
    bool reads; /* GET, with the rest of the request as the query */
} asked[] = {
    {"agents", "agents", "", "", true},
    {"waits", "sweeps", "sweep", "waits", true},
    {"log", "sweeps", "sweep", "log", true},
    {"agent", "agents", "agent", "duty", false},
    {"token_create", "tokens", "", "create", false},
    {"token_revoke", "tokens", "token", "revoke", false},
};

static void path_add(struct buf *path, const char *text)
{
    if (!*text)
        return;
    buf_adds(path, path->len > 0 ? "/" : "");
    http_target_encode(path, text, strlen(text));
}

static void query_add(struct buf *path, const struct value *request, const char *name)
{
    char sign = '?';
    for (size_t i = 0; i < request->dict.n; i++) {
        const struct value_entry *e = &request->dict.entries[i];
        if (strcmp(e->key, "op") == 0 || strcmp(e->key, name) == 0 || e->value->kind == VALUE_NULL)
            continue;
        buf_addf(path, "%c%s=", sign, e->key);
        if (e->value->kind == VALUE_STR)
            http_target_encode(path, e->value->s.ptr, e->value->s.len);
        else if (e->value->kind == VALUE_INT)
            buf_addf(path, "%lld", (long long)e->value->i);
        sign = '&';
    }
}

int remote_ask(struct remote *remote, const struct value *request, struct arena *a,
               struct value **ret, struct err *err)
{
    const char *op = value_get_str(request, "op", ""), *name = "sweep", *collection = "sweeps";
    const char *part = op;
    struct buf path;
    bool reads = false;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        if (strcmp(asked[i].op, op) == 0) {
            collection = asked[i].collection;
            name = asked[i].name;
            part = asked[i].part;
            reads = asked[i].reads;
        }
    buf_init(&path, SIZE_MAX);
    path_add(&path, collection);
    path_add(&path, *name ? value_get_str(request, name, "") : "");
    path_add(&path, part);
    if (reads)
        query_add(&path, request, name);
    int rc = reads ? remote_get(remote, buf_str(&path), a, ret, err)
                   : remote_post(remote, buf_str(&path), request, a, ret, err);
    buf_done(&path);
    return rc;
}
