/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tells a folder from its copies: the file `mark` in it records the inode of another file in it, and
 * where that was. A copy of the folder has the same mark, and other inodes. An inode stays the same
 * when the folder is moved, or the machine is rebooted; the number of a device may change. */
#include "base/err.h"

/* 0: no mark, or it is the folder's own. ERR_STATE: the folder is a copy, and of what. */
NODISCARD int place_mark_judge(const char *dir, const char *mark, const char *of, struct err *err);
/* Marks the folder as an original, unless it is marked so. */
NODISCARD int place_mark_leave(const char *dir, const char *mark, const char *of, struct err *err);
