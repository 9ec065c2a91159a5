/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom importance: which parameters of a sweep matter. */
#include <math.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/picture/importance_text.h"
#include "cli/print/table.h"
#include "cli/print/terminal.h"
#include "orchestrator/view/analysis/matters.h"

enum { BAR_MAX = 32, BAR_MIN = 8, REST_COLUMNS = 60 /* of a line, without the bar */ };

/* Of a list there is none. */
static const char *rho_words(struct looking *l, const struct value *rho)
{
    return value_is_number(rho) ? arena_printf(&l->arena, "%+.2f", value_number(rho)) : "";
}

static void print_table(struct looking *l, const struct value *list, bool correlates)
{
    struct table t;
    bool utf8 = terminal_utf8();
    size_t bar = l->columns > REST_COLUMNS + BAR_MIN ? l->columns - REST_COLUMNS : BAR_MIN;
    bar = bar < BAR_MAX ? bar : BAR_MAX;
    double most = value_get_float(list->list.items[0], "importance", 0);
    table_init(&t, &l->arena);
    table_column(&t, "parameter", TABLE_SHRINK);
    table_column(&t, correlates ? "explains" : "share", TABLE_RIGHT);
    table_column(&t, "", 0);
    table_column(&t, "90% interval", TABLE_DROP);
    if (correlates)
        table_column(&t, "rho", TABLE_RIGHT);
    table_column(&t, "trend", 0);
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *item = list->list.items[i];
        double share = value_get_float(item, "importance", 0);
        bool noise = value_get_bool(item, "noise", false);
        table_cell(&t, value_get_str(item, "name", ""), TABLE_PLAIN);
        table_cell(&t, arena_printf(&l->arena, "%.3f", share), TABLE_PLAIN);
        table_cell(&t, importance_text_bar(&l->arena, share / fmax(most, 1e-300), bar, utf8),
                   noise ? TABLE_PLAIN : TABLE_GOOD);
        table_cell(&t,
                   arena_printf(&l->arena, "%.3f to %.3f", value_get_float(item, "low", 0),
                                value_get_float(item, "high", 0)),
                   TABLE_PLAIN);
        if (correlates)
            table_cell(&t, rho_words(l, value_get(item, "rho")), TABLE_PLAIN);
        table_cell(&t, noise ? "may be noise" : value_get_str(item, "trend", ""), TABLE_PLAIN);
    }
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

static const char *goal_sign(const struct value *doc)
{
    bool maximize = strcmp(value_get_str(doc, "goal", ""), "maximize") == 0;
    return !terminal_utf8() ? maximize ? "(maximize)" : "(minimize)" : maximize ? "↑" : "↓";
}

static void print_text(struct looking *l, const struct value *sweep, const struct value *doc)
{
    const char *id = value_get_str(sweep, "id", ""), *name = value_get_str(sweep, "name", "");
    const struct value *list = value_get(doc, "parameters"), *notes = value_get(doc, "notes");
    importance_text_note(&l->out,
                         arena_printf(&l->arena, "%s%s%s: what matters for %s %s, by %s, %s", name,
                                      *name ? " " : "", id, value_get_str(doc, "metric", ""),
                                      goal_sign(doc), value_get_str(doc, "method", ""),
                                      value_get_str(doc, "basis", "")),
                         l->columns);
    buf_addc(&l->out, '\n');
    if (list && list->kind == VALUE_LIST && list->list.n > 0) {
        print_table(l, list, strcmp(value_get_str(doc, "method", ""), "correlation") == 0);
        buf_addc(&l->out, '\n');
    }
    for (size_t i = 0; notes && notes->kind == VALUE_LIST && i < notes->list.n; i++)
        if (notes->list.items[i]->kind == VALUE_STR)
            importance_text_note(&l->out, notes->list.items[i]->s.ptr, l->columns);
}

static int show_importance(struct looking *l, const struct invocation *inv, struct err *err)
{
    const struct evidence_query q = {.metric = invocation_option(inv, "metric"),
                                     .goal = invocation_option(inv, "goal"),
                                     .at = invocation_option(inv, "at")};
    const struct value *sweep;
    struct value *doc = NULL;
    char id[16];
    int rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (!rc)
        rc = matters_read(l->view, &l->arena, id, &q, invocation_option(inv, "method"), &doc, err);
    if (rc)
        return rc;
    if (l->json)
        looking_json(l, doc);
    else
        print_text(l, sweep, doc);
    return 0;
}

int cmd_importance(struct invocation *inv)
{
    return looking_run(inv, show_importance);
}
