/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Unpacks a pack into its own folder, and removes such a folder. The pack may come from anybody:
 * nothing is written outside the folder, and at most LIMIT_CODE_BYTES. */
#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

/* Makes the folder `path`, which must not exist, with the files of a pack that has this hash, synced.
 * The files cannot be written to; the folders can, for trainings that write beside their code, and
 * so that `rm -r` removes all. After an error the folder may be there in part. */
NODISCARD int code_unpack(const char *packed, size_t len, const char *hash, const char *path,
                          struct err *err);
/* Whether it holds no writable file, which somebody must have left there, apart from Python's
 * caches. */
bool code_unpack_is_untouched(const char *path);
void code_unpack_remove(const char *path); /* with all in it; not what links in it lead to */
