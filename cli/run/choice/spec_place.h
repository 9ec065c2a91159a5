/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The place of a spec's file, as the store keeps it: its path, and its path relative to the folder
 * that holds the store, so that a project can be moved. */
#include <limits.h>
#include "base/path_text.h"
#include "base/value.h"

struct spec_place {
    char path[PATH_TEXT_BYTES];
    char place[PATH_TEXT_BYTES]; /* relative to the folder that holds the store; "" outside of it */
};

/* path: absolute and real. */
void spec_place_find(const char *store, const char *path, struct spec_place *ret);
/* The file of a stored sweep, which has "path" and "place": at its place if it is there, else at its
 * path. ERR_NOT_FOUND where it cannot be. */
NODISCARD int spec_place_resolve(const char *store, const struct value *sweep, char out[PATH_MAX],
                                 struct err *err);
