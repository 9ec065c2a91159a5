/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Removes a sweep: first from the store, then its files. A process that is killed in between
 * leaves files, which are removed when the store is next opened for writing. */
#include <stdbool.h>
#include "base/err.h"

struct store;

/* The sweep must have ended. After it was removed from the store, *ret_removed is set, and an
 * error is about its files only. */
NODISCARD int removal_do(struct store *s, const char *dir, const char *sweep, bool *ret_removed,
                         struct err *err);
/* Removes the files of sweeps that are no longer in the store. */
void removal_tidy(struct store *s, const char *dir);
/* Removes snapshots that no sweep of the store runs. Not while a sweep may be about to begin. */
void removal_drop_code(struct store *s, const char *dir);
