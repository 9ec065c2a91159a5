/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/explain_lines.h"

#include <string.h>

#include "orchestrator/view/explain/explain.h"
#include "orchestrator/view/explain/view_suspect.h"
#include "orchestrator/view/view_inside.h"

struct lines {
    struct arena *a;
    struct value *list;
};

static void line_push(void *arg, const char *label, const char *text)
{
    const struct lines *l = arg;
    struct value *line = value_list(l->a);
    value_push(l->a, line, value_str(l->a, label));
    value_push(l->a, line, value_str(l->a, text));
    value_push(l->a, l->list, line);
}

static bool line_is_good(const struct value *line)
{
    return line->kind == VALUE_LIST && line->list.n == 2 &&
           line->list.items[0]->kind == VALUE_STR && line->list.items[1]->kind == VALUE_STR;
}

/* The controller says them in its own words. */
static int lines_ask(struct view *v, struct arena *a, const struct value *trial, struct value **ret,
                     struct err *err)
{
    const char *path = arena_printf(a, "trials/%s/explain", value_get_str(trial, "id", ""));
    int rc = v->remote->get(v->remote, a, path, ret, err);
    bool good = rc == 0 && *ret && (*ret)->kind == VALUE_LIST;
    for (size_t i = 0; good && i < (*ret)->list.n; i++)
        good = line_is_good((*ret)->list.items[i]);
    return rc != 0 || good ? rc : err_set(err, ERR_PROTOCOL, "the controller sent no explanation");
}

int explain_lines(struct view *v, struct arena *a, const struct value *trial, struct value **ret,
                  struct err *err)
{
    struct lines lines = {a, value_list(a)};
    *ret = lines.list;
    if (v->remote)
        return lines_ask(v, a, trial, ret, err);
    explain_trial(v, a, trial, line_push, &lines);
    const char *failed = explain_failure(a, trial);
    if (failed)
        line_push(&lines, "failed", failed);
    const char *suspect = view_suspect(v, a, trial);
    if (suspect)
        line_push(&lines, "suspect", suspect);
    return 0;
}

const char *explain_lines_find(const struct value *lines, const char *label)
{
    for (size_t i = 0; i < lines->list.n; i++)
        if (strcmp(lines->list.items[i]->list.items[0]->s.ptr, label) == 0)
            return lines->list.items[i]->list.items[1]->s.ptr;
    return NULL;
}
