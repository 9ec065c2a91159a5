/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom best: the configuration that won, and how to run it again. */
#include "cli/look/best.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "cli/print/cell.h"
#include "cli/cmd.h"
#include "cli/configuration.h"
#include "base/diag/display.h"
#include "cli/print/elapsed.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"

/* What comes from outside may hold anything; each of its lines is cleaned on its own. */
static void add_clean(struct buf *out, const struct buf *text, const char *indent)
{
    for (const char *line = buf_str(text); *line;) {
        size_t len = strcspn(line, "\n");
        buf_adds(out, indent);
        display_clean(out, line, len);
        buf_addc(out, '\n');
        line += len + (line[len] == '\n');
    }
}

static void print_headline(struct buf *out, struct arena *a, const struct value *sweep,
                           const struct value *trial)
{
    char span[ELAPSED_BYTES];
    const char *metric = value_get_str(value_get(sweep, "metric"), "name", "objective");
    const char *name = value_get_str(sweep, "name", "");
    buf_addf(out, "best: trial %" PRId64 " of sweep ", value_get_int(trial, "number", 0));
    display_clean(out, value_get_str(trial, "sweep", ""),
                  strlen(value_get_str(trial, "sweep", "")));
    if (*name) {
        buf_adds(out, " (");
        display_clean(out, name, strlen(name));
        buf_adds(out, ")");
    }
    buf_adds(out, ", ");
    display_clean(out, metric, strlen(metric));
    elapsed_format(span, looking_span(trial));
    buf_addf(out, " %s, %s, %s\n", cell_value(a, value_get(trial, "objective")),
             looking_state(a, trial), span);
}

void best_print(struct buf *out, const struct value *sweep, const struct value *trial)
{
    struct arena a;
    struct buf text;
    struct err err = {0};
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    print_headline(out, &a, sweep, trial);
    configuration_yaml(&text, value_get(trial, "params"), 0);
    add_clean(out, &text, "  ");
    buf_clear(&text);
    /* A spec that cannot be read takes the command away, not the configuration. */
    if (configuration_command(&text, value_get(sweep, "spec"),
                              value_get_str(sweep, "workdir", NULL), value_get(trial, "params"),
                              &err) == 0) {
        buf_adds(out, "run it again:\n");
        add_clean(out, &text, "  ");
    }
    buf_done(&text);
    arena_done(&a);
}

static int show_best(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    const struct value *sweep;
    struct value *trial = NULL;
    int rc = looking_sweep(l, invocation_arg(inv, 0), id, &sweep, err);
    if (!rc)
        rc = view_best(l->view, &l->arena, id, &trial, err);
    if (rc)
        return rc;
    l->none = trial == NULL;
    if (l->json) {
        json_print(&l->out, trial ? trial : value_null(&l->arena), JSON_COMPACT);
        buf_addc(&l->out, '\n');
    } else if (trial) {
        best_print(&l->out, sweep, trial);
        const char *name = looking_trial_id(l, trial);
        buf_addf(&l->out, "look at it:\n  besom metrics %s\n  besom logs %s\n", name, name);
    } else {
        const char *metric = value_get_str(value_get(sweep, "metric"), "name", NULL);
        if (metric) {
            buf_addf(&l->out, "sweep %s has no best trial yet: none has reported ", id);
            display_clean(&l->out, metric, strlen(metric));
            buf_addc(&l->out, '\n');
        } else {
            buf_addf(&l->out, "sweep %s has no best trial: its spec names no metric\n", id);
        }
    }
    return 0;
}

int cmd_best(struct invocation *inv)
{
    return looking_run(inv, show_best);
}
