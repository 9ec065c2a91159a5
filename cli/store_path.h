/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which store a command means: --store or $BESOM_STORE, else the nearest .besom/ from the current
 * directory upwards; always an absolute path. Opens nothing. */
#include <limits.h>
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

/* `given` is what the option or the variable says, or NULL. ERR_NOT_FOUND says what to do. */
NODISCARD int store_path_find(const char *given, char out[PATH_MAX], struct err *err);
/* As above, but where there is none it is to be made: .besom in the current directory, and
 * *ret_new. */
NODISCARD int store_path_choose(const char *given, char out[PATH_MAX], bool *ret_new,
                                struct err *err);
/* " --store DIR", as a shell reads it; nothing where a command typed here finds the store without.
 */
void store_path_option(struct buf *out, const char *dir);
