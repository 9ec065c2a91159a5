/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All checks of besom lint on a file: the language, its script, its points. */
#include "cli/lint/lint_file.h"

struct lint_options {
    const char *root; /* the key that holds the spec; may be NULL */
    bool strict;      /* warnings are errors */
};

/* Sets all of f except its text and names, and may be called again when the text has changed. */
void lint_judge(struct lint_file *f, const struct lint_options *options);
