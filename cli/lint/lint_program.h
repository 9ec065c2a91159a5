/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Checks that the files of the spec exist: its workdir, its program, the scripts in its command.
 * Runs nothing. */
#include "language/spec.h"

/* A missing file is a warning, or an error if the sweep is about to run. */
void lint_program_check(struct diags *d, const char *named, const struct spec *s,
                        bool about_to_run);
