/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The intended meaning of text that libyaml cannot read: the most common slips, reported at the
 * place of the slip, not where reading failed. Looks at the text alone. */
#include "base/arena.h"
#include "base/diag/diag.h"

/* libyaml's complaint; places from 1, as in base/diag/source.h. */
struct yaml_trouble {
    const char *problem, *context; /* context may be NULL, and then its place is not used */
    int line, column, context_line, context_column;
};

struct yaml_slip {
    struct diag_span at;
    const char *message;
    const char *fix;         /* may be NULL */
    struct diag_edit *edits; /* none where there would be too many */
    size_t edits_n;
};

/* False if it is not one of the known slips. */
bool yaml_slip_find(struct arena *a, const char *text, size_t len, const struct yaml_trouble *t,
                    struct yaml_slip *ret);
