/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How long a sweep of the spec would take, if the store has finished trials of this file or
 * program. */
#include "cli/lint/lint_file.h"

/* Sets f->seconds, each_s and like. */
void lint_time_estimate(struct lint_file *f);
