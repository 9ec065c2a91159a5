/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/trial_table.h"

#include <string.h>

#include "cli/look/looking.h"
#include "base/number/cell.h"
#include "cli/print/elapsed.h"
#include "cli/print/table.h"
#include "orchestrator/view/table/trial_csv.h"

static enum table_tone tone_of(const struct value *trial)
{
    const char *state = value_get_str(trial, "state", "");
    if (strcmp(state, "finished") == 0)
        return TABLE_GOOD;
    if (strcmp(state, "failed") == 0 || strcmp(state, "lost") == 0)
        return TABLE_BAD;
    return strcmp(state, "running") == 0 ? TABLE_BUSY : TABLE_PLAIN;
}

static bool is_field(const struct column *c, const char *name)
{
    return c->of == COLUMN_FIELD && strcmp(c->name, name) == 0;
}

static unsigned column_flags(const struct column *c)
{
    unsigned flags = is_field(c, "state") || is_field(c, "agent") || is_field(c, "reason") ||
                             is_field(c, "cause") || is_field(c, "tags")
                         ? 0
                         : TABLE_RIGHT;
    if (is_field(c, "number"))
        return flags;
    if (c->pinned)
        return flags | TABLE_KEEP;
    return flags | (is_field(c, "duration") ? TABLE_DROP_LATE : TABLE_DROP);
}

static const char *cell_text(struct arena *a, const struct column *c, const struct value *trial,
                             const struct value *flat, bool narrow)
{
    static const char *const moments[] = {"created", "started", "ended"};
    if (is_field(c, "state"))
        return narrow ? value_get_str(trial, "state", "?") : looking_trial_state(a, trial);
    if (is_field(c, "duration")) {
        char span[ELAPSED_BYTES];
        elapsed_format(span, looking_span(trial));
        return arena_strdup(a, span);
    }
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        if (is_field(c, moments[i]))
            return looking_moment(a, trial, moments[i]);
    return cell_rounded(a, trial_csv_value(a, c, trial, flat),
                        narrow ? CELL_DIGITS_NARROW : CELL_DIGITS);
}

static void table_fill(struct table *t, const struct columns *c, const struct value *trials,
                       bool narrow)
{
    for (size_t i = 0; i < c->n; i++)
        table_column(t, c->items[i].title, column_flags(&c->items[i]));
    for (size_t i = 0; i < trials->list.n; i++) {
        const struct value *trial = trials->list.items[i];
        const struct value *flat = value_flatten(t->arena, value_get(trial, "params"));
        for (size_t j = 0; j < c->n; j++)
            table_cell(t, cell_text(t->arena, &c->items[j], trial, flat, narrow),
                       is_field(&c->items[j], "state") ? tone_of(trial) : TABLE_PLAIN);
    }
}

void trial_table_print(struct buf *out, struct arena *a, const struct value *trials,
                       const struct columns *c, size_t width, bool colour)
{
    struct table t;
    table_init(&t, a);
    table_fill(&t, c, trials, false);
    if (!table_is_whole(&t, width)) {
        table_done(&t);
        table_init(&t, a);
        table_fill(&t, c, trials, true);
    }
    table_print(out, &t, width, colour);
    table_done(&t);
}
