/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of earlier results: refused with a text, or rows with a final state, params
 * and numbers. The first byte chooses the format. */
#include "base/check.h"
#include "base/json.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"
#include "tests/fuzz/fuzz.h"

static int row_check(void *arg, struct earlier_row *row, struct err *err)
{
    (void)err;
    check(trial_states[row->state].final);
    check(row->params->kind == VALUE_DICT && row->metrics->kind == VALUE_DICT);
    for (size_t i = 0; i < row->metrics->dict.n; i++)
        check(value_is_number(row->metrics->dict.entries[i].value));
    json_text(arg, row->params, JSON_COMPACT);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct earlier e;
    struct err err = {0};
    void *range;
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    arena_init(&a);
    earlier_init(&e, &a, row_check, &a);
    int rc = data[0] == 'c'   ? earlier_csv_read(&e, text, size - 1, &err)
             : data[0] == 'j' ? earlier_json_read(&e, text, size - 1, &err)
                              : earlier_optuna_read(&e, text, size - 1, NULL, &err);
    check(rc == 0 || err.text[0]);
    for (size_t at = 0; map_next(&e.ranges.of, &at, &range);)
        json_text(&a, earlier_range_parameter(range, &a), JSON_COMPACT);
    earlier_done(&e);
    arena_done(&a);
    return 0;
}
