/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The snapshots in a store's or an agent's folder: DIR/code/HASH.pack as they came, DIR/code/HASH/
 * unpacked, to be run in. A copy is made under another name and renamed when it is complete; its
 * files cannot be written to. Its time is when it was last used. One process at a time
 * unpacks or removes; any may add packs. Knows no sweep. */
#include <limits.h>
#include "agent/code/code_gather.h"

#define CODE_COPIES_FILE "code"

/* Stores a pack durably; an existing one is kept. */
NODISCARD int code_copies_keep(const char *dir, const struct code_snapshot *s, struct err *err);
/* The unpacked copy, made from its pack if it is not there. ERR_NOT_FOUND: nor is its pack. Making
 * one removes those that were not used for longest, but for LIMIT_CODE_COPIES, those that an attempt
 * in DIR/run/ names in its file CODE_COPIES_FILE, and those in which somebody has left files. */
NODISCARD int code_copies_use(const char *dir, const char *hash, char ret[PATH_MAX],
                              struct err *err);
/* Whether the unpacked copy is there. */
bool code_copies_has(const char *dir, const char *hash);
/* Copies a pack, durably, to another folder of this kind; one that is there already stays. ERR_NOT_FOUND:
 * `dir` does not have it. */
NODISCARD int code_copies_copy(const char *dir, const char *hash, const char *to, struct err *err);
/* Copies all packs. */
NODISCARD int code_copies_copy_all(const char *dir, const char *to, struct err *err);
/* Removes packs and copies that `wanted` does not name. */
void code_copies_drop(const char *dir, bool (*wanted)(void *arg, const char *hash), void *arg);
