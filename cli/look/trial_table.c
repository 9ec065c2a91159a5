/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/trial_table.h"

#include <string.h>

#include "cli/print/cell.h"
#include "cli/print/elapsed.h"
#include "cli/look/looking.h"
#include "cli/print/table.h"

static enum table_tone tone_of(const struct value *trial)
{
    const char *state = value_get_str(trial, "state", "");
    if (strcmp(state, "finished") == 0)
        return TABLE_GOOD;
    if (strcmp(state, "failed") == 0 || strcmp(state, "lost") == 0)
        return TABLE_BAD;
    return strcmp(state, "running") == 0 ? TABLE_BUSY : TABLE_PLAIN;
}

static bool any_retried(const struct value *trials)
{
    for (size_t i = 0; i < trials->list.n; i++)
        if (value_get_int(trials->list.items[i], "attempts", 0) > 1)
            return true;
    return false;
}

static void add_row(struct table *t, const struct value *trial, const struct value *flat,
                    const struct value *keys, bool attempts)
{
    char span[ELAPSED_BYTES];
    table_cell(t, cell_value(t->arena, value_get(trial, "number")), TABLE_PLAIN);
    table_cell(t, looking_state(t->arena, trial), tone_of(trial));
    table_cell(t, cell_value(t->arena, value_get(trial, "objective")), TABLE_PLAIN);
    for (size_t i = 0; i < keys->list.n; i++)
        table_cell(t, cell_value(t->arena, value_get(flat, keys->list.items[i]->s.ptr)),
                   TABLE_PLAIN);
    elapsed_format(span, looking_span(trial));
    table_cell(t, span, TABLE_PLAIN);
    if (attempts)
        table_cell(t, cell_value(t->arena, value_get(trial, "attempts")), TABLE_PLAIN);
}

void trial_table_print(struct buf *out, struct arena *a, const struct value *trials,
                       const char *metric, size_t columns, bool colour)
{
    struct table t;
    struct value *flat = value_list(a);
    for (size_t i = 0; i < trials->list.n; i++)
        value_push(a, flat, cell_flatten(a, value_get(trials->list.items[i], "params")));
    const struct value *keys = cell_varying(a, flat);
    bool attempts = any_retried(trials);
    table_init(&t, a);
    table_column(&t, "trial", TABLE_RIGHT);
    table_column(&t, "state", TABLE_SHRINK);
    table_column(&t, metric ? metric : "objective", TABLE_RIGHT);
    for (size_t i = 0; i < keys->list.n; i++)
        table_column(&t, keys->list.items[i]->s.ptr, TABLE_RIGHT | TABLE_SHRINK | TABLE_DROP);
    table_column(&t, "time", TABLE_RIGHT | TABLE_DROP_LATE);
    if (attempts)
        table_column(&t, "attempts", TABLE_RIGHT | TABLE_DROP_LATE);
    for (size_t i = 0; i < trials->list.n; i++)
        add_row(&t, trials->list.items[i], flat->list.items[i], keys, attempts);
    table_print(out, &t, columns, colour);
    table_done(&t);
}
