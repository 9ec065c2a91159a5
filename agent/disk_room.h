/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether a disk has room for another attempt. A small reserve is kept for the metrics and the ends
 * of running attempts, and for the store if it is on the same disk. */
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

struct disk_room {
    uint64_t size_bytes, free_bytes, wanted_bytes;
    uint64_t free_files, wanted_files; /* both 0 if the file system does not count them */
};

/* Also true if the room is unknown. *ret may be NULL. */
bool disk_room_find(const char *dir, struct disk_room *ret);
/* What a person must know where there is none. */
char *disk_room_say(struct arena *a, const char *dir, const struct disk_room *room);
