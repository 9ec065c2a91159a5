/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/files/file_listing.h"

#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "orchestrator/wandb/files/file_node.h"
#include "protocol/wandb/wandb_value.h"

struct page {
    struct desk_call *call;
    const struct file_listing *wanted;
    struct map names; /* those that are asked for */
    bool all;
    struct value *edges;
    const char *last;
    int64_t limit;
    bool more;
    int rc;
    struct err *err;
};

/* '%': any characters, '_': any one. The last '%' is tried again one further, so the time is bounded by
 * the product of the lengths. */
static bool name_is_like(const char *name, const char *pattern)
{
    const char *again = NULL, *at = NULL;
    while (*name) {
        if (*pattern == '%') {
            again = ++pattern;
            at = name;
        } else if (*pattern && (*pattern == '_' || *pattern == *name)) {
            pattern++;
            name++;
        } else if (again) {
            pattern = again;
            name = ++at;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "%")] == '\0';
}

/* A request may name half a million files, of as many. */
static void names_read(struct page *p)
{
    const struct value *names = p->wanted->names;
    map_init(&p->names);
    p->all = !names || names->kind != VALUE_LIST || names->list.n == 0;
    for (size_t i = 0; !p->all && i < names->list.n; i++) {
        struct value *v = names->list.items[i];
        if (v->kind == VALUE_STR && v->s.len > 0)
            map_put(&p->names, v->s.ptr, v->s.len, v);
    }
}

static bool name_is_wanted(const struct page *p, const char *name)
{
    const char *pattern = p->wanted->pattern;
    return (p->all || map_find(&p->names, name, strlen(name))) &&
           (!pattern || name_is_like(name, pattern));
}

static bool page_take(void *arg, const struct runs_file *f)
{
    struct page *p = arg;
    struct value *node;
    if (!name_is_wanted(p, f->name))
        return true;
    if ((int64_t)p->edges->list.n == p->limit) {
        p->more = true;
        return false;
    }
    p->rc =
        file_node(p->call, p->wanted->of == RUNS_FILE_RUN ? "run" : "artifact", f, &node, p->err);
    wandb_value_edge(p->call->arena, p->edges, node, f->name);
    p->last = f->name;
    return p->rc == 0;
}

int file_listing_page(struct desk_call *c, const struct file_listing *wanted, struct value **ret,
                      int64_t *ret_count, struct err *err)
{
    struct page p = {.call = c, .wanted = wanted, .edges = value_list(c->arena), .err = err};
    bool bounded = wanted->limit > 0 && wanted->limit < LIMIT_FILES_ANSWER;
    p.limit = bounded ? wanted->limit : LIMIT_FILES_ANSWER;
    *ret_count = 0;
    names_read(&p);
    int rc = runs_file_count(c->runs, wanted->of, wanted->n, ret_count, err);
    if (rc == 0)
        rc = runs_file_list(c->runs, c->arena, wanted->of, wanted->n,
                            wanted->after ? wanted->after : "", page_take, &p, err);
    map_done(&p.names);
    *ret = wandb_value_page(c->arena, p.edges, p.last, p.more, *ret_count);
    return rc ? rc : p.rc;
}
