/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which store a command means: --store or $BESOM_STORE, else the nearest .besom/ from the current
 * directory upwards; always an absolute path. Opens nothing. */
#include <limits.h>
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

/* `given` is the value of the option or the variable, or NULL. ERR_NOT_FOUND says what to do. */
NODISCARD int store_path_find(const char *given, char out[PATH_MAX], struct err *err);
/* As above, but if there is none: the store in which besom serve keeps its data by default. */
NODISCARD int store_path_of_server(const char *given, char out[PATH_MAX], struct err *err);
/* As the first, but if there is none: .besom in the current directory, which the caller creates, and
 * *ret_new. */
NODISCARD int store_path_choose(const char *given, char out[PATH_MAX], bool *ret_new,
                                struct err *err);
/* Whether this store is in a folder above the current one. */
bool store_path_is_above(const char *dir);
/* " --store DIR", or " --server URL" where dir is one, quoted for a shell; nothing if a command typed
 * here finds the store without it. */
void store_path_option(struct buf *out, const char *dir);
