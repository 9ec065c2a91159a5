/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The folder of a store: creates it, checks it, and locks it for the one process that writes.
 * The kernel holds the lock, which ends with the process; the text in the file only names the
 * process. */
#include <stdbool.h>
#include "base/err.h"

/* ERR_NOT_FOUND if there is no folder and `create` is not set (which also creates its parents). */
NODISCARD int store_lock_folder(const char *dir, bool create, struct err *err);
/* ERR_UNSUPPORTED on a network file system, where neither locks nor shared memory are reliable. */
NODISCARD int store_lock_check_disk(const char *dir, struct err *err);
/* ERR_DAMAGED where one of the database's files is there and is not a regular file. */
NODISCARD int store_lock_check_files(const char *dir, struct err *err);
/* The file `lock`, and the folder, which is locked too: who removes the file lets nobody else in. */
struct store_lock {
    int file, folder; /* -1: not open */
};

/* ERR_BUSY names the holder, after a second of trying. */
NODISCARD int store_lock_take(const char *dir, struct store_lock *ret, struct err *err);
void store_lock_give_back(const struct store_lock *lock);
/* Notes in the file that its holder answers commands until it ends: nobody need wait for the lock. */
void store_lock_note_stay(const struct store_lock *lock);
/* ERR_BUSY, which names the holder, if it has noted that; else 0. Waits for nothing. */
NODISCARD int store_lock_stays(const char *dir, struct err *err);
/* Whether a process has the store open for writing. Fails where the lock may not be opened: then nobody
 * can tell. */
NODISCARD int store_lock_is_held(const char *dir, bool *ret, struct err *err);
/* Who holds the lock, or held it last: "PID HOST SINCE", which is different for each holder; "" if it
 * cannot be determined. */
enum { STORE_LOCK_HOLDER_BYTES = 256 };
void store_lock_holder(const char *dir, char out[STORE_LOCK_HOLDER_BYTES]);
