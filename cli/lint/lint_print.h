/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The output of besom lint for a spec: for people, and as the JSON object that scripts rely on. */
#include "cli/lint/lint_file.h"

/* The diagnostics, then one line that sums them up. */
void lint_print_text(struct buf *out, const struct lint_file *f, size_t columns, bool colour);
/* One line: {"file","verdict","diagnostics","method","parameters","grid_points"}. */
void lint_print_json(struct buf *out, const struct lint_file *f);
/* "3 files: 1 error, 2 warnings" */
void lint_print_sum(struct buf *out, size_t files, size_t errors, size_t warnings);
