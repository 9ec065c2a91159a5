/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/table/trial_csv.h"

#include <string.h>

#include "orchestrator/view/table/csv.h"
#include "sweep/tag/tag.h"

const struct value *trial_csv_value(struct arena *a, const struct column *c,
                                    const struct value *trial, const struct value *flat)
{
    if (c->of != COLUMN_FIELD || strcmp(c->name, "tags") != 0)
        return column_value(c, trial, flat);
    const char *text = tag_list_text(a, value_get(trial, "tags"));
    return text ? value_str(a, text) : NULL;
}

void trial_csv_head(struct buf *out, const struct columns *c)
{
    for (size_t i = 0; i < c->n; i++)
        csv_text(out, i == 0, c->items[i].title);
    buf_addc(out, '\n');
}

void trial_csv_row(struct buf *out, struct arena *a, const struct columns *c,
                   const struct value *trial)
{
    const struct value *flat = value_flatten(a, value_get(trial, "params"));
    for (size_t i = 0; i < c->n; i++)
        csv_value(out, a, i == 0, trial_csv_value(a, &c->items[i], trial, flat));
    buf_addc(out, '\n');
}
