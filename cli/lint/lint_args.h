/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* besom lint --check-args: the script's own --help, held against what the parameters would be
 * passed as. The one part of lint that runs something. */
#include "language/spec.h"

/* `named`: the spec as the user calls it. Adds to d. */
void lint_args_check(struct diags *d, const char *named, const struct spec *s);
