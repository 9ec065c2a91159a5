/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/spool_room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/shim/shim_log.h"

enum { BLOCK_BYTES = 4096, PIECE_BYTES = 64 << 10 };

/* What a file takes; 0 if it is missing or not a regular file. */
static uint64_t file_used(int folder, const char *name)
{
    struct stat st;
    bool is = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
    return is ? (uint64_t)st.st_blocks * 512 : 0;
}

uint64_t spool_room_used(const char *dir, const char *log)
{
    static const char *const suffixes[] = {"", SHIM_LOG_OLD, SHIM_LOG_NEW};
    char path[PATH_MAX];
    uint64_t used = 0;
    DIR *folder = opendir(dir);
    for (const struct dirent *e; folder && (e = readdir(folder));)
        used += file_used(dirfd(folder), e->d_name);
    if (folder)
        closedir(folder);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (snprintf(path, sizeof path, "%s%s", log, suffixes[i]) < (int)sizeof path)
            used += file_used(AT_FDCWD, path);
    return used;
}

/* The shim writes to the newest file alone, once there is one. */
uint64_t spool_room_drop_log(const char *log)
{
    char newer[PATH_MAX], older[PATH_MAX];
    struct stat st;
    if (snprintf(newer, sizeof newer, "%s" SHIM_LOG_NEW, log) >= (int)sizeof newer ||
        snprintf(older, sizeof older, "%s" SHIM_LOG_OLD, log) >= (int)sizeof older ||
        access(newer, F_OK) != 0)
        return 0;
    uint64_t freed = file_used(AT_FDCWD, older);
    if (unlink(older) != 0)
        freed = 0;
    if (lstat(log, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > SPOOL_ROOM_LOG_BYTES &&
        truncate(log, SPOOL_ROOM_LOG_BYTES) == 0)
        freed += (uint64_t)st.st_size - SPOOL_ROOM_LOG_BYTES;
    return freed;
}

static int stream_open(const char *dir, const char *file, struct stat *ret)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", dir, file) >= (int)sizeof path)
        return -1;
    int fd = open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, ret) == 0 && S_ISREG(ret->st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Frees the whole blocks between, but for the one with the last byte, which a reader looks at. */
static bool stream_punch(int fd, uint64_t from, uint64_t to)
{
    uint64_t first = (from + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES,
             last = to > 0 ? (to - 1) / BLOCK_BYTES * BLOCK_BYTES : 0;
    return last <= first || fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)first,
                                      (off_t)(last - first)) == 0;
}

uint64_t spool_room_drop_sent(const char *dir, const char *file, uint64_t base, uint64_t offset)
{
    struct stat before, after;
    uint64_t place = offset > base ? offset - base : 0, freed = 0;
    if (place < 2 * SPOOL_ROOM_KEPT_BYTES)
        return 0;
    int fd = stream_open(dir, file, &before);
    if (fd < 0)
        return 0;
    if ((uint64_t)before.st_size >= place && stream_punch(fd, 0, place - SPOOL_ROOM_KEPT_BYTES) &&
        fstat(fd, &after) == 0 && after.st_blocks < before.st_blocks)
        freed = (uint64_t)(before.st_blocks - after.st_blocks) * 512;
    close(fd);
    return freed;
}

uint64_t spool_room_lines_left(const char *dir, const char *file, uint32_t stream, uint64_t base,
                               uint64_t *from)
{
    struct spool_gap gap;
    struct stat st;
    int fd = stream_open(dir, file, &st);
    if (fd < 0)
        return 0;
    close(fd);
    while (spool_gaps_find(dir, stream, *from, &gap) && gap.from <= *from)
        *from = gap.to;
    uint64_t place = *from > base ? *from - base : 0, size = (uint64_t)st.st_size;
    return size > place + SPOOL_ROOM_KEPT_BYTES ? size - place - SPOOL_ROOM_KEPT_BYTES : 0;
}

/* Counts the lines from `place` on that end within `want` bytes; returns where the last of them
 * ends. */
static uint64_t lines_count(int fd, uint64_t place, uint64_t want, uint64_t *ret_lines)
{
    char bytes[PIECE_BYTES];
    uint64_t at = place, end = place;
    *ret_lines = 0;
    while (at < place + want) {
        size_t n = place + want - at < sizeof bytes ? (size_t)(place + want - at) : sizeof bytes;
        ssize_t got = pread(fd, bytes, n, (off_t)at);
        if (got <= 0)
            break;
        for (const char *p = bytes; (p = memchr(p, '\n', (size_t)(bytes + got - p))); p++) {
            end = at + (uint64_t)(p - bytes) + 1;
            ++*ret_lines;
        }
        at += (uint64_t)got;
    }
    return end;
}

int spool_room_drop_lines(const char *dir, const char *file, uint64_t base, uint64_t want,
                          struct spool_gap *gap, struct err *err)
{
    struct stat st;
    uint64_t place = gap->from > base ? gap->from - base : 0;
    gap->from = base + place;
    gap->to = gap->from;
    int fd = stream_open(dir, file, &st);
    if (fd < 0)
        return 0;
    uint64_t size = (uint64_t)st.st_size;
    uint64_t most = size > place + SPOOL_ROOM_KEPT_BYTES ? size - place - SPOOL_ROOM_KEPT_BYTES : 0;
    int rc = 0;
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)size + PIECE_BYTES,
                  BLOCK_BYTES) != 0) {
        rc = err_set(err, ERR_UNSUPPORTED, "%s/%s: its file system frees no part of a file: %s",
                     dir, file, strerror(errno));
    } else if (most > 0) {
        gap->to = base + lines_count(fd, place, want < most ? want : most, &gap->lines);
        if (gap->to > gap->from)
            rc = spool_gaps_add(dir, gap, err);
        if (rc == 0)
            (void)stream_punch(fd, place, gap->to - base);
    }
    close(fd);
    return rc;
}
