/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The folder of a long-running part of besom, where no option names one: NAME in $XDG_STATE_HOME,
 * else in ~/.local/state. */
#include <limits.h>
#include "base/err.h"

/* given: the option's value, or NULL. Always absolute; created with its parents, for its owner
 * alone. */
NODISCARD int state_dir_make(const char *given, const char *name, char out[PATH_MAX],
                             struct err *err);
