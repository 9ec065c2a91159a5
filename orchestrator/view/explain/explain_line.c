/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/explain_line.h"

#include <string.h>

#include "orchestrator/view/view_inside.h"

static bool line_is_good(const struct value *line)
{
    return line->kind == VALUE_LIST && line->list.n == 2 &&
           line->list.items[0]->kind == VALUE_STR && line->list.items[1]->kind == VALUE_STR;
}

int explain_line_ask(struct view *v, struct arena *a, const struct value *trial, struct value **ret,
                     struct err *err)
{
    const char *path = arena_printf(a, "trials/%s/explain", value_get_str(trial, "id", ""));
    int rc = v->remote->get(v->remote, a, path, ret, err);
    bool good = rc == 0 && *ret && (*ret)->kind == VALUE_LIST;
    for (size_t i = 0; good && i < (*ret)->list.n; i++)
        good = line_is_good((*ret)->list.items[i]);
    return rc != 0 || good ? rc : err_set(err, ERR_PROTOCOL, "the controller sent no explanation");
}

const char *explain_line_find(const struct value *lines, const char *label)
{
    for (size_t i = 0; i < lines->list.n; i++)
        if (strcmp(lines->list.items[i]->list.items[0]->s.ptr, label) == 0)
            return lines->list.items[i]->list.items[1]->s.ptr;
    return NULL;
}
