/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of earlier results: refused with a text, or rows with a final state, params
 * and numbers. The first byte chooses the format. */
#include "base/check.h"
#include "base/json.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"
#include "tests/fuzz/fuzz.h"

static void row_check(struct arena *a, const struct earlier_row *row)
{
    check(trial_states[row->state].final);
    check(row->params->kind == VALUE_DICT && row->metrics->kind == VALUE_DICT);
    for (size_t i = 0; i < row->metrics->dict.n; i++)
        check(value_is_number(row->metrics->dict.entries[i].value));
    json_text(a, row->params, JSON_COMPACT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct earlier e;
    struct err err = {0};
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    arena_init(&a);
    earlier_init(&e, &a);
    int rc = data[0] == 'c'   ? earlier_csv_read(&e, text, size - 1, &err)
             : data[0] == 'j' ? earlier_json_read(&e, text, size - 1, &err)
                              : earlier_optuna_read(&e, text, size - 1, NULL, &err);
    check(rc == 0 || err.text[0]);
    for (size_t i = 0; i < e.n; i++)
        row_check(&a, &e.rows[i]);
    earlier_done(&e);
    arena_done(&a);
    return 0;
}
