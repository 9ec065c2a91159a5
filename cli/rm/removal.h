/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Removes a sweep: first from the store, then its files. A process that is killed in between leaves
 * files, which go when a store is next opened for writing. */
#include <stdbool.h>
#include "base/err.h"

struct store;

/* The sweep must have ended. Once it is out of the store, *ret_removed is set, and an error is of
 * its files alone. */
NODISCARD int removal_do(struct store *s, const char *dir, const char *sweep, bool *ret_removed,
                         struct err *err);
/* Removes the files of sweeps that are no longer in the store. */
void removal_tidy(struct store *s, const char *dir);
