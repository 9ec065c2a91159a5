/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/explain_lines.h"

#include "orchestrator/view/explain/explain.h"
#include "orchestrator/view/explain/explain_host.h"
#include "orchestrator/view/explain/explain_line.h"
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

int explain_lines(struct view *v, struct arena *a, const struct value *trial, struct value **ret,
                  struct err *err)
{
    struct lines lines = {a, value_list(a)};
    *ret = lines.list;
    if (v->remote)
        return explain_line_ask(v, a, trial, ret, err);
    explain_trial(v, a, trial, line_push, &lines);
    const char *failed = explain_failure(a, trial);
    if (failed)
        line_push(&lines, "failed", failed);
    const char *host = explain_host(v, a, trial);
    if (host)
        line_push(&lines, "host", host);
    const char *suspect = view_suspect(v, a, trial);
    if (suspect)
        line_push(&lines, "suspect", suspect);
    return 0;
}
