/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* besom lint --fix: applies the safe corrections, and shows them. */
#include "cli/lint/lint_file.h"

/* Puts the corrected text into f and, atomically, into its file; for stdin it goes to stdout. The
 * changes are printed to stdout, or to stderr if `aside` is set. */
NODISCARD int lint_mend(struct lint_file *f, const char *root, bool aside, struct err *err);
