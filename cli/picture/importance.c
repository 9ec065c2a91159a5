/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom importance: which parameters of a sweep matter. */
#include <math.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/picture/evidence.h"
#include "cli/picture/matters.h"
#include "cli/print/table.h"
#include "cli/print/terminal.h"

enum { BAR_MAX = 32, BAR_MIN = 8, REST_COLUMNS = 60 /* of a line, without the bar */ };

static void print_json(struct looking *l, const struct matters *m, const struct evidence *e)
{
    struct arena *a = &l->arena;
    struct value *v = value_dict(a), *list = value_list(a);
    value_put(a, v, "metric", value_str(a, e->metric));
    value_put(a, v, "method", value_str(a, importance_method_name(m->method)));
    value_put(a, v, "trials", value_int(a, (int64_t)e->used.rows));
    value_put(a, v, "parameters", list);
    for (size_t i = 0; i < m->n; i++) {
        const struct importance *item = &m->items[i];
        struct value *one = value_dict(a);
        value_put(a, one, "name", value_str(a, item->factor->p->name));
        value_put(a, one, "importance", value_float(a, item->value));
        value_put(a, one, "low", value_float(a, item->low));
        value_put(a, one, "high", value_float(a, item->high));
        value_put(a, one, "noise", value_bool(a, item->noise));
        value_push(a, list, one);
    }
    looking_json(l, v);
}

static void print_table(struct looking *l, const struct matters *m)
{
    struct table t;
    bool utf8 = terminal_utf8();
    size_t bar = l->columns > REST_COLUMNS + BAR_MIN ? l->columns - REST_COLUMNS : BAR_MIN;
    bar = bar < BAR_MAX ? bar : BAR_MAX;
    table_init(&t, &l->arena);
    table_column(&t, "parameter", TABLE_SHRINK);
    table_column(&t, "share", TABLE_RIGHT);
    table_column(&t, "", 0);
    table_column(&t, "90% interval", TABLE_DROP);
    table_column(&t, "noise?", 0);
    for (size_t i = 0; i < m->n; i++) {
        const struct importance *item = &m->items[i];
        table_cell(&t, item->factor->p->name, TABLE_PLAIN);
        table_cell(&t, arena_printf(&l->arena, "%.3f", item->value), TABLE_PLAIN);
        table_cell(&t,
                   matters_bar(&l->arena, item->value / fmax(m->items[0].value, 1e-300), bar, utf8),
                   item->noise ? TABLE_PLAIN : TABLE_GOOD);
        table_cell(&t, arena_printf(&l->arena, "%.3f to %.3f", item->low, item->high), TABLE_PLAIN);
        table_cell(&t, item->noise ? "not told from noise" : "", TABLE_PLAIN);
    }
    table_print(&l->out, &t, l->columns, l->colour);
    table_done(&t);
}

static void print_head(struct looking *l, const struct matters *m, const struct evidence *e)
{
    const char *name = evidence_name(e);
    matters_note_print(&l->out,
                       arena_printf(&l->arena, "%s%s%s: what matters for %s %s, by %s", name,
                                    name == e->id ? "" : " ", name == e->id ? "" : e->id, e->metric,
                                    evidence_goal(e, terminal_utf8()),
                                    importance_method_name(m->method)),
                       l->columns);
    buf_addc(&l->out, '\n');
}

static void print_text(struct looking *l, const struct matters *m, const struct evidence *e)
{
    print_head(l, m, e);
    if (m->n > 0) {
        print_table(l, m);
        buf_addc(&l->out, '\n');
    }
    for (size_t i = 0; i < m->notes_n; i++) {
        matters_note_print(&l->out, m->notes[i], l->columns);
    }
}

static int show_importance(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct evidence e;
    struct matters m = {.method = IMPORTANCE_PED_ANOVA};
    const char *method = invocation_option(inv, "method");
    if (method)
        m.method = (enum importance_method)importance_method_find(method);
    int rc = evidence_read(&e, l, inv, m.method == IMPORTANCE_PED_ANOVA, err);
    if (!rc) {
        matters_find(&m, &e, &l->arena);
        if (l->json)
            print_json(l, &m, &e);
        else
            print_text(l, &m, &e);
    }
    evidence_done(&e);
    return rc;
}

int cmd_importance(struct invocation *inv)
{
    return looking_run(inv, show_importance);
}
