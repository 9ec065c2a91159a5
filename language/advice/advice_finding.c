/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_finding.h"

#include "language/advice/advice_bound.h"
#include "language/advice/advice_part.h"

static void on_bound(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, advice_bound_line(r, f->draft, f->kind, f->bound));
}

void advice_finding(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    static void (*const parts[])(struct spec_reader * r, struct diag * said,
                                 const struct spec_finding *f) = {
        [SPEC_FOUND_WRONG_VALUE] = advice_on_wrong_value,
        [SPEC_FOUND_UNKNOWN_KEY] = advice_on_unknown_key,
        [SPEC_FOUND_OUTSIDE] = advice_on_outside,
        [SPEC_FOUND_MACRO] = advice_on_macro,
        [SPEC_FOUND_NOT_PASSED] = advice_on_not_passed,
        [SPEC_FOUND_NO_MAPPING] = advice_on_no_mapping,
        [SPEC_FOUND_DASHED] = advice_on_dashed,
        [SPEC_FOUND_DASHED_PARAMETERS] = advice_on_dashed_parameters,
        [SPEC_FOUND_NO_LIST] = advice_on_no_list,
        [SPEC_FOUND_NO_CHOICE] = advice_on_no_choice,
        [SPEC_FOUND_BOUND] = on_bound,
    };
    parts[f->what](r, said, f);
}
