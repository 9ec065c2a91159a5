/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_finding.h"

#include "language/advice/advice_part.h"

typedef void (*advice_fn)(struct spec_reader *r, struct diag *said, const struct spec_finding *f);

void advice_finding(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                    const struct spec_finding *found)
{
    static const advice_fn parts[SPEC_FOUND_COUNT] = {
#define X(id, name) [SPEC_FOUND_##id] = advice_on_##name,
        SPEC_FINDINGS(X)
#undef X
    };
    static const char *const lines[SPEC_FOUND_COUNT] = {
        [SPEC_FOUND_VARIABLE] = "%s: 'text'",
        [SPEC_FOUND_EMPTY_LIST] = "%s: [1, 2]",
        [SPEC_FOUND_NO_METHOD] = "method: random",
        [SPEC_FOUND_NO_PARAMETERS] = "parameters: {lr: {min: 0.001, max: 0.1}}",
        [SPEC_FOUND_NO_PROGRAM] = "program: train.py",
        [SPEC_FOUND_NO_VARIABLES] = "env: {OMP_NUM_THREADS: 1}",
        [SPEC_FOUND_NO_OBJECTIVE] = "- {name: loss}",
        [SPEC_FOUND_NO_STDOUT] = "%s: json",
        [SPEC_FOUND_NO_GROUP] = "'loss=(?<loss>\\S+)'",
        [SPEC_FOUND_NO_SOURCE] = "source: search.py",
        [SPEC_FOUND_NO_VALUES] = "values: [1, 2]",
        [SPEC_FOUND_NO_CONDITION] = "- lr > 0.1 and optimizer == 'sgd'",
        [SPEC_FOUND_NOT_CUSTOM] = "method: custom",
        [SPEC_FOUND_NOT_WANDB] = "engine: optuna",
        [SPEC_FOUND_NOTHING_TO_SEARCH] = "lr: {min: 0.001, max: 0.1}",
        [SPEC_FOUND_CUT_TEXT] = "expr: 'max(a, b)'",
        [SPEC_FOUND_ENDLESS] = "run_cap: 50",
    };
    struct spec_finding f = *found;
    if (!f.node)
        f.node = n;
    if (parts[f.what])
        parts[f.what](r, said, &f);
    else
        diags_fix(r->diags, said, arena_printf(r->arena, lines[f.what], n->key));
}
