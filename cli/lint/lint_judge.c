/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_judge.h"

#include <stdint.h>

#include "base/diag/fix.h"
#include "base/limits.h"
#include "cli/lint/lint_points.h"
#include "cli/lint/lint_program.h"
#include "language/spec_fix.h"
#include "language/spec_read.h"

static size_t count_mendable(const struct lint_file *f)
{
    struct buf mended;
    buf_init(&mended, SIZE_MAX);
    size_t n = fix_apply(&mended, buf_peek(&f->text), f->text.len, f->diags.items, f->diags.n);
    buf_done(&mended);
    return n;
}

static void count_findings(struct lint_file *f, bool strict)
{
    for (size_t i = 0; i < f->diags.n; i++) {
        struct diag *d = &f->diags.items[i];
        if (strict && d->severity == DIAG_WARNING) {
            d->severity = DIAG_ERROR;
            f->diags.errors++;
        }
        f->warnings += d->severity == DIAG_WARNING;
        f->notes += d->severity == DIAG_NOTE;
    }
    f->mendable = count_mendable(f);
}

void lint_judge(struct lint_file *f, const struct lint_options *options)
{
    bool unreadable = f->diags.errors > 0;
    f->root = options->root;
    f->warnings = f->notes = f->mendable = 0;
    f->counted = false;
    f->listed = 0;
    spec_free(f->spec);
    if (unreadable) {
        struct diags none;
        diags_init(&none, &f->arena, NULL);
        f->spec = spec_look("", 0, NULL, &none);
        return;
    }
    f->spec = spec_look(buf_peek(&f->text), f->text.len, options->root, &f->diags);
    if (f->text.len <= LIMIT_FIX_SHOWN_BYTES)
        spec_fix_keep(&f->diags, buf_peek(&f->text), f->text.len, options->root);
    lint_program_check(&f->diags, f->named, f->spec, false);
    lint_points_count(f);
    count_findings(f, options->strict);
}
