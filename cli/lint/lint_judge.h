/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All that besom lint finds in a file: what the language says, its script, its points. */
#include "cli/lint/lint_file.h"

struct lint_options {
    const char *root; /* the key that the spec stands under; may be NULL */
    bool strict;      /* warnings are errors */
};

/* Sets all of f but its text and names, and may be called again when the text has changed. */
void lint_judge(struct lint_file *f, const struct lint_options *options);
