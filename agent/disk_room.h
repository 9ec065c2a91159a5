/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Is there room on a disk for another attempt? What is held back is small: enough for the metrics
 * and the ends of those that run, and for the store, where it lies on the same disk. */
#include <stdbool.h>
#include <stdint.h>

struct disk_room {
    uint64_t free_bytes, wanted_bytes;
    uint64_t free_files, wanted_files; /* 0, 0 where the disk does not count them */
};

/* True where it cannot be told, too. *ret may be NULL. */
bool disk_room_find(const char *dir, struct disk_room *ret);
