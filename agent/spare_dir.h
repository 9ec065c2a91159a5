/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Directories that are wanted over and over, kept beside each other as spares instead of being
 * removed and made anew. For a file system an inode freed a moment ago is a burden: ext4 passes
 * over each of the last minute one by one when it makes a new one, which costs a sweep of short
 * trials more than anything else on disk. Only one process may use the spares of a folder. */
#include <stdbool.h>
#include "base/err.h"

/* Makes what is in a spare fit for use; false: not this one. It may be interrupted at any point. */
typedef bool (*spare_dir_clean)(const char *spare);

/* Puts a spare in the place of path. ERR_NOT_FOUND where there is none to be had, ERR_EXISTS where
 * path is there. clean may be NULL. */
NODISCARD int spare_dir_take(const char *path, spare_dir_clean clean);

/* Takes path away, to be a spare with all that is in it. False, and path stays, where there are
 * spares enough or it cannot be done. */
bool spare_dir_keep(const char *path);
bool spare_dir_keep_if_empty(const char *path);
