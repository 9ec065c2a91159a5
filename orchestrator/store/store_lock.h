/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The folder of a store: made, found fit, and locked by the one process that writes. The lock is
 * the kernel's and ends with the process; the text in the file only says whose it is. */
#include <stdbool.h>
#include "base/err.h"

/* ERR_NOT_FOUND where there is no folder and it shall not be made (with its parents). */
NODISCARD int store_lock_folder(const char *dir, bool create, struct err *err);
/* ERR_UNSUPPORTED on a network file system, where neither locks nor shared memory can be trusted.
 */
NODISCARD int store_lock_check_disk(const char *dir, struct err *err);
/* ERR_DAMAGED where one of the database's files is there and is not a regular file. */
NODISCARD int store_lock_check_files(const char *dir, struct err *err);
/* The lock as a file descriptor; ERR_BUSY names the holder, after a second of trying. Closing it
 * gives the lock back. */
NODISCARD int store_lock_take(const char *dir, int *ret, struct err *err);
/* Whether a process has the store open for writing; where that cannot be told, it is said to be. */
bool store_lock_is_held(const char *dir);
/* Makes the names in dir durable. */
NODISCARD int store_lock_sync(const char *dir, struct err *err);
