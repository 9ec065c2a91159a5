/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom explain: why a trial has its configuration, and why it was stopped, waits or failed. */
#include "orchestrator/view/explain/explain_line.h"
#include "orchestrator/view/explain/explain_lines.h"

#include <string.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"

enum { LABEL = 10 };

static void line_print(void *arg, const char *label, const char *text)
{
    struct buf *out = arg;
    buf_addf(out, "%-*s", LABEL, label);
    display_clean(out, text, strlen(text));
    buf_addc(out, '\n');
}

static const struct value *wait_of(struct looking *l, const struct value *trial, struct err *err)
{
    char id[16];
    const struct value *sweep = NULL;
    const char *of = value_get_str(trial, "state", "");
    bool runs = strcmp(of, "running") == 0;
    if ((!runs && strcmp(of, "pending") != 0) ||
        looking_sweep(l, value_get_str(trial, "sweep", ""), id, &sweep, err) != 0)
        return value_null(&l->arena);
    const char *state = value_get_str(sweep, "state", "");
    if (runs) { /* its agent may be away, or may not have the snapshot yet */
        const char *text = !looking_is_left(l, sweep)
                               ? looking_waits(l, &l->arena, id, value_get_int(trial, "number", 0))
                               : NULL;
        return text ? value_str(&l->arena, text) : value_null(&l->arena);
    }
    if (looking_is_left(l, sweep))
        return value_str(&l->arena, "no besom process runs its sweep: continue it with besom run");
    if (strcmp(state, "running") != 0)
        return value_str(&l->arena, arena_printf(&l->arena, "its sweep is %s", state));
    const char *text = looking_waits(l, &l->arena, id, value_get_int(trial, "number", 0));
    return value_str(&l->arena, text ? text : "for a free slot");
}

static bool label_is_fault(const char *label)
{
    return strcmp(label, "failed") == 0 || strcmp(label, "host") == 0 ||
           strcmp(label, "suspect") == 0;
}

static void lines_print(struct looking *l, const struct value *lines, bool faults)
{
    for (size_t i = 0; i < lines->list.n; i++) {
        const struct value *line = lines->list.items[i];
        const char *label = line->list.items[0]->s.ptr;
        if (label_is_fault(label) == faults)
            line_print(&l->out, label, line->list.items[1]->s.ptr);
    }
}

static void explain_print(struct looking *l, const struct value *trial, const struct value *lines,
                          const char *waits)
{
    line_print(&l->out, "trial", looking_trial_id(l, trial));
    line_print(&l->out, "state", looking_trial_state(&l->arena, trial));
    lines_print(l, lines, false);
    if (waits)
        line_print(&l->out, "waits", waits);
    lines_print(l, lines, true);
}

static int explain_named(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    uint64_t number;
    bool is_trial = false;
    struct value *trial = NULL, *lines = NULL;
    struct arena *a = &l->arena;
    int rc = view_find(l->view, invocation_arg(inv, 0), id, &is_trial, &number, err);
    if (rc == 0 && !is_trial)
        return err_set(err, ERR_USAGE, "%s is a sweep: name a trial, such as %s-0",
                       invocation_arg(inv, 0), id);
    if (rc == 0)
        rc = view_trial(l->view, a, id, number, &trial, err);
    if (rc == 0)
        rc = explain_lines(l->view, a, trial, &lines, err);
    if (rc)
        return rc;
    struct value *of = value_dict(a), *none = value_null(a);
    const struct value *why = value_get(trial, "why"), *stopped = value_get(trial, "stopped");
    const struct value *actor = value_get(trial, "stopped_by");
    const char *failed = explain_line_find(lines, "failed");
    const char *suspect = explain_line_find(lines, "suspect");
    const char *host = explain_line_find(lines, "host");
    bool known = why && why->kind == VALUE_DICT;
    value_put(a, of, "trial", value_str(a, looking_trial_id(l, trial)));
    value_put(a, of, "proposed", known ? value_copy(a, why) : none);
    value_put(a, of, "stopped", stopped ? value_copy(a, stopped) : none);
    value_put(a, of, "stopped_by", actor ? value_copy(a, actor) : none);
    value_put(a, of, "waits", value_copy(a, wait_of(l, trial, err)));
    value_put(a, of, "failed", failed ? value_str(a, failed) : none);
    value_put(a, of, "host", host ? value_str(a, host) : none);
    value_put(a, of, "suspect", suspect ? value_str(a, suspect) : none);
    if (l->json)
        looking_json(l, of);
    else
        explain_print(l, trial, lines, value_get_str(of, "waits", NULL));
    return 0;
}

int cmd_explain(struct invocation *inv)
{
    return looking_run(inv, explain_named);
}
