/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A pool of directories that are reused instead of being removed and created again. ext4 skips
 * each inode that was freed in the last minute, one by one, when it creates a new one; for a sweep
 * of short trials this costs more than all other work on the disk. Only one process may use the
 * spares of a folder. */
#include <stdbool.h>
#include "base/err.h"

/* Prepares the content of a spare for reuse; false: this one cannot be used. It may be interrupted
 * at any point. */
typedef bool (*spare_dir_clean)(const char *spare);

/* Moves a spare to path. ERR_NOT_FOUND if there is no spare, ERR_EXISTS if path exists. clean may
 * be NULL. */
NODISCARD int spare_dir_take(const char *path, spare_dir_clean clean);

/* Moves path, with its content, to the spares. False, and path stays, if there are enough spares
 * or it cannot be moved. */
bool spare_dir_keep(const char *path);
bool spare_dir_keep_if_empty(const char *path);
