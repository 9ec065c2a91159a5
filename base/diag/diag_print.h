/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Diagnostics as people read them: place, what is wrong, the line with the part underlined, and the
 * line as it should be. */
#include <stdbool.h>
#include "base/diag/diag.h"

struct diag_style {
    const char *text; /* the text that the diagnostics are about; NULL: no lines of it are shown */
    size_t len;
    size_t columns; /* of the terminal */
    bool colour;
};

/* "sweep.yaml:7:10: error: parameters.lr.min: …", without the numbers where there is no place; for
 * each of at least this severity. */
void diag_print(struct buf *out, const struct diags *d, enum diag_severity least,
                const struct diag_style *style);
