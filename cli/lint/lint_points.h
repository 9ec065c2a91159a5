/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How many points a sweep of the spec could propose, and the diagnostics if there are none or too
 * many. */
#include "cli/lint/lint_file.h"

/* Sets f->counted, points and listed. */
void lint_points_count(struct lint_file *f);
