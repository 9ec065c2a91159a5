/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom trials: the trials of a sweep, sorted and filtered. */
#include <string.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/look/trial_table.h"

enum { CHUNK = 64 << 10 };

/* A list of many is streamed, each on a line of its own, so that memory does not grow with it. */
struct printing {
    struct looking *l;
    bool any;
};

static int print_json(void *arg, const struct value *trial)
{
    struct printing *p = arg;
    buf_adds(&p->l->out, p->any ? ",\n" : "");
    json_print(&p->l->out, trial, JSON_COMPACT);
    p->any = true;
    if (p->l->out.len > CHUNK)
        looking_flush(p->l);
    return 0;
}

struct gathering {
    struct arena *arena;
    struct value *list;
};

static int gather_trial(void *arg, const struct value *trial)
{
    struct gathering *g = arg;
    value_push(g->arena, g->list, value_copy(g->arena, trial));
    return 0;
}

static int print_table(struct looking *l, const struct value *sweep, const struct view_query *q,
                       struct err *err)
{
    struct gathering g = {&l->arena, value_list(&l->arena)};
    int rc = view_trials(l->view, value_get_str(sweep, "id", ""), q, gather_trial, &g, err);
    if (rc)
        return rc;
    if (g.list->list.n == 0)
        buf_addf(&l->out, "sweep %s has no %s%strial yet\n", value_get_str(sweep, "id", ""),
                 q->state ? q->state : "", q->state ? " " : "");
    else
        trial_table_print(&l->out, &l->arena, g.list,
                          value_get_str(value_get(sweep, "metric"), "name", NULL), l->columns,
                          l->colour);
    return 0;
}

static int show_trials(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    const struct value *sweep;
    struct view_query q = {.state = invocation_option(inv, "state"),
                           .sort = invocation_option(inv, "sort"),
                           .descending = invocation_flag(inv, "desc")};
    int rc = invocation_number(inv, "limit", 1, UINT64_MAX, &q.limit, err);
    if (!rc)
        rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (rc || !l->json)
        return rc ? rc : print_table(l, sweep, &q, err);
    struct printing p = {.l = l};
    buf_adds(&l->out, "[");
    rc = view_trials(l->view, id, &q, print_json, &p, err);
    buf_adds(&l->out, "]\n");
    return rc;
}

int cmd_trials(struct invocation *inv)
{
    return looking_run(inv, show_trials);
}
