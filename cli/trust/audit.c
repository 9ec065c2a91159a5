/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom audit: who asked for what, and the outcome. */
#include <string.h>

#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/print/table.h"
#include "orchestrator/view/trust/view_trust.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MOST = 10000000 };

/* "oper0001 (CI)" of a credential with a name. */
static const char *audit_by(struct arena *a, const struct value *tokens, const char *by)
{
    for (size_t i = 0; i < tokens->list.n; i++) {
        const struct value *token = tokens->list.items[i];
        const char *name = value_get_str(token, "name", NULL);
        if (name && strcmp(value_get_str(token, "id", ""), by) == 0)
            return arena_printf(a, "%s (%s)", by, name);
    }
    return by;
}

static void audit_print(struct looking *l, const struct value *actions, const struct value *tokens)
{
    struct table t;
    table_init(&t, &l->arena);
    table_column(&t, "time", 0);
    table_column(&t, "who", TABLE_SHRINK);
    table_column(&t, "from", TABLE_SHRINK | TABLE_DROP);
    table_column(&t, "action", 0);
    table_column(&t, "of", TABLE_SHRINK);
    table_column(&t, "outcome", TABLE_SHRINK);
    for (size_t i = 0; i < actions->list.n; i++) {
        const struct value *action = actions->list.items[i];
        bool done = strcmp(value_get_str(action, "result", ""), "ok") == 0;
        const char *text = value_get_str(action, "text", value_get_str(action, "result", ""));
        table_cell(&t, looking_moment(&l->arena, action, "time"), TABLE_PLAIN);
        table_cell(&t, audit_by(&l->arena, tokens, value_get_str(action, "by", "")), TABLE_PLAIN);
        table_cell(&t, value_get_str(action, "from", ""), TABLE_PLAIN);
        table_cell(&t, value_get_str(action, "what", ""), TABLE_PLAIN);
        table_cell(&t, value_get_str(action, "subject", ""), TABLE_PLAIN);
        table_cell(&t, done ? "done" : text, done ? TABLE_GOOD : TABLE_BAD);
    }
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

static int audit_show(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct value *actions, *tokens;
    uint64_t limit = LIMIT_DEFAULT;
    int rc = invocation_number(inv, "limit", 0, LIMIT_MOST, &limit, err);
    if (rc == 0)
        rc = view_actions(l->view, &l->arena, limit, &actions, err);
    if (rc == 0)
        rc = view_tokens(l->view, &l->arena, &tokens, err);
    if (rc != 0)
        return rc;
    if (!looking_list(l, actions, "no action is recorded yet\n"))
        audit_print(l, actions, tokens);
    return 0;
}

int cmd_audit(struct invocation *inv)
{
    return looking_run_fleet(inv, audit_show);
}
