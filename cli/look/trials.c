/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom trials: the trials of a sweep, sorted and filtered. */
#include <string.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/front/front.h"
#include "cli/invocation.h"
#include "orchestrator/view/table/columns.h"
#include "orchestrator/view/table/trial_csv.h"
#include "cli/look/looking.h"
#include "cli/look/trial_table.h"

enum { CHUNK = 64 << 10 };

/* Long lists are streamed, so that memory does not grow with them. */
struct printing {
    struct looking *l;
    const struct columns *columns; /* for CSV */
    struct arena row;
    bool any;
};

static int print_json(void *arg, const struct value *trial)
{
    struct printing *p = arg;
    buf_adds(&p->l->out, p->any ? ",\n" : "");
    json_print(&p->l->out, looking_with_dir(p->l, &p->row, trial), JSON_COMPACT);
    arena_clear(&p->row);
    p->any = true;
    if (p->l->out.len > CHUNK)
        looking_flush(p->l);
    return 0;
}

static int print_csv(void *arg, const struct value *trial)
{
    struct printing *p = arg;
    trial_csv_row(&p->l->out, &p->row, p->columns, trial);
    arena_clear(&p->row);
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

static int show_json(struct looking *l, const char *id, const struct view_query *q, struct err *err)
{
    struct printing p = {.l = l};
    arena_init(&p.row);
    buf_adds(&l->out, "[");
    int rc = view_trials(l->view, id, q, print_json, &p, err);
    buf_adds(&l->out, "]\n");
    arena_done(&p.row);
    return rc;
}

static int show_csv(struct looking *l, const char *id, const struct view_query *q,
                    struct columns *c, const struct columns_choice *choice, struct err *err)
{
    struct printing p = {.l = l, .columns = c};
    int rc = columns_choose_all(c, choice, err);
    if (rc)
        return rc;
    arena_init(&p.row);
    trial_csv_head(&l->out, c);
    rc = view_trials(l->view, id, q, print_csv, &p, err);
    arena_done(&p.row);
    return rc;
}

static int show_table(struct looking *l, const char *id, const struct view_query *q,
                      struct columns *c, const struct columns_choice *choice, struct err *err)
{
    struct gathering g = {&l->arena, value_list(&l->arena)};
    int rc = columns_choose(c, choice, err);
    if (!rc)
        rc = view_trials(l->view, id, q, gather_trial, &g, err);
    if (rc)
        return rc;
    if (g.list->list.n == 0 && q->filter)
        buf_addf(&l->out, "no trial of sweep %s passes the filter\n", id);
    else if (g.list->list.n == 0)
        buf_addf(&l->out, "sweep %s has no %s%strial yet\n", id, q->state ? q->state : "",
                 q->state ? " " : "");
    else
        trial_table_print(&l->out, &l->arena, g.list, c, l->table_columns, l->colour);
    return 0;
}

static int show_some(struct looking *l, const struct invocation *inv, const char *id,
                     const struct value *sweep, struct columns *c, struct err *err)
{
    struct columns_choice choice = {.named = invocation_option(inv, "columns"),
                                    .sort = invocation_option(inv, "sort"),
                                    .metrics = invocation_flag(inv, "metrics"),
                                    .objectives = front_objectives(&l->arena, sweep)};
    struct view_query q = {.state = invocation_option(inv, "state"),
                           .filter = invocation_option(inv, "filter"),
                           .descending = invocation_flag(inv, "desc")};
    int rc = invocation_number(inv, "limit", 1, UINT64_MAX, &q.limit, err);
    if (!rc)
        rc = columns_sort(c, choice.sort, &q.sort, err);
    if (rc)
        return rc;
    choice.sort = q.sort;
    if (l->json)
        return show_json(l, id, &q, err);
    return invocation_flag(inv, "csv") ? show_csv(l, id, &q, c, &choice, err)
                                       : show_table(l, id, &q, c, &choice, err);
}

static int show_trials(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    const struct value *sweep;
    struct value *known;
    struct columns c;
    static const char *const others[] = {"csv", "columns", "metrics"};
    for (size_t i = 0; l->json && i < sizeof others / sizeof *others; i++)
        if (invocation_flag(inv, others[i]))
            return err_set(err, ERR_USAGE,
                           "--json prints whole trials and takes no --%s: leave one of them out",
                           others[i]);
    int rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (!rc)
        rc = view_columns(l->view, &l->arena, id, &known, err);
    if (rc)
        return rc;
    columns_init(&c, &l->arena, known, value_get_str(value_get(sweep, "metric"), "name", NULL));
    rc = show_some(l, inv, id, sweep, &c, err);
    columns_done(&c);
    return rc;
}

int cmd_trials(struct invocation *inv)
{
    return looking_run(inv, show_trials);
}
