/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A file system of SQLite that can fail, die and lose its power. It becomes the default one and
 * passes on to the real one; what it is told to watch, it counts: each write, truncation, sync,
 * removal and renaming of a file under the folder is one operation. Syncs reach its memory and not the disk:
 * what a power cut would leave is kept as an image, and tests are quick. */
#include <stdbool.h>
#include <stdint.h>
#include "base/number/rng.h"

enum fault_kind { FAULT_NONE, FAULT_WRITE, FAULT_SYNC, FAULT_FULL, FAULT_DIE };

void fault_vfs_install(const char *dir); /* forgets all images; counts from 0 */
void fault_vfs_arm(enum fault_kind kind, uint64_t operation); /* it fails, and all that follow */
void fault_vfs_disarm(void);
uint64_t fault_vfs_operations(void);
bool fault_vfs_fired(void);

/* Called before each operation while it is set, for whoever wants to cut the power there. */
typedef void (*fault_cut_fn)(void *arg);
void fault_vfs_on_operation(fault_cut_fn fn, void *arg);
/* Writes into `to` what the disk would hold after a power cut now: all that was synced, and of what
 * was not, nothing (rng NULL) or any part of it, sector by sector. */
void fault_vfs_cut(const char *to, struct rng *rng);
