/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The default folder of a long-running process of besom: NAME in $XDG_STATE_HOME, else in
 * ~/.local/state. */
#include <limits.h>
#include "base/err.h"

/* Which one it is, whether or not it exists. */
NODISCARD int state_dir_path(const char *name, char out[PATH_MAX], struct err *err);
/* given: the option's value, or NULL. Always absolute; created with its parents, for its owner
 * alone. */
NODISCARD int state_dir_make(const char *given, const char *name, char out[PATH_MAX],
                             struct err *err);
