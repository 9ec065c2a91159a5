/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the spec says of files, held against the files that are there: its workdir, its program, the
 * scripts in its command. Runs nothing. */
#include <limits.h>
#include "language/spec.h"

/* Where the trials would run: the spec's workdir, else the current directory. `named`: the spec as
 * the user calls it, "-" for stdin. */
void lint_program_workdir(const struct spec *s, const char *named, char out[PATH_MAX]);
void lint_program_check(struct diags *d, const char *named, const struct spec *s);
