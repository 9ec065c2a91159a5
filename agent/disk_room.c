/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/disk_room.h"

#include <inttypes.h>
#include <sys/statvfs.h>

#include "base/limits.h"

enum { SMALL_DISK_PARTS = 16, SMALL_DISK_FILES = 4 };

static uint64_t less_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

bool disk_room_find(const char *dir, struct disk_room *ret)
{
    struct statvfs disk;
    struct disk_room room = {0};
    bool known = statvfs(dir, &disk) == 0 && disk.f_blocks > 0;
    if (known) {
        room.size_bytes = (uint64_t)disk.f_blocks * disk.f_frsize;
        room.free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
        room.wanted_bytes = less_of(LIMIT_DISK_ROOM_BYTES, room.size_bytes / SMALL_DISK_PARTS);
        room.free_files = disk.f_favail;
        room.wanted_files = less_of(LIMIT_DISK_ROOM_FILES, disk.f_files / SMALL_DISK_FILES);
    }
    if (ret)
        *ret = room;
    return room.free_bytes >= room.wanted_bytes &&
           (room.wanted_files == 0 || room.free_files >= room.wanted_files);
}

char *disk_room_say(struct arena *a, const char *dir, const struct disk_room *room)
{
    if (room->free_bytes < room->wanted_bytes)
        return arena_printf(a,
                            "waiting for space on the disk: %s has %" PRIu64
                            " KiB free, and a trial needs %" PRIu64 ": delete or move files",
                            dir, room->free_bytes >> 10, room->wanted_bytes >> 10);
    return arena_printf(a,
                        "waiting for space on the disk: %s has space for %" PRIu64
                        " more files, and a trial needs space for %" PRIu64 ": delete some",
                        dir, room->free_files, room->wanted_files);
}
