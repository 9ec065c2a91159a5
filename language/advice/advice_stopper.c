/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_part.h"

void advice_on_bands(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said,
              f->sure ? "early_terminate: {type: asha, min_iter: 1, max_iter: 27}"
                      : "early_terminate: {type: hyperband, min_iter: 3}");
}

void advice_on_hyperband(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said,
              yaml_tree_find(f->node->yaml, "max_iter")
                  ? "early_terminate: {type: hyperband, max_iter: 27, s: 2}"
                  : "early_terminate: {type: hyperband, min_iter: 3}");
}
