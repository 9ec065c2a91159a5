/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* besom lint --fix: writes what a machine may mend, and shows it. */
#include "cli/lint/lint_file.h"

/* Puts the mended text into f and, at once or not at all, into its file; of stdin it is printed to
 * stdout. What changed is printed to stdout, or to stderr where `aside`. */
NODISCARD int lint_mend(struct lint_file *f, const char *root, bool aside, struct err *err);
