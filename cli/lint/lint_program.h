/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the spec says of files, held against the files that are there: its workdir, its program, the
 * scripts in its command. Runs nothing. */
#include "language/spec.h"

/* A file that is not there is a warning, or an error where the sweep is about to run. */
void lint_program_check(struct diags *d, const char *named, const struct spec *s,
                        bool about_to_run);
