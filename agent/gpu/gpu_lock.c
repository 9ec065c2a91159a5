/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"

enum { PATH_BYTES = 512 };

/* Readable by all users, and not made anew if it exists: the kernel refuses O_CREAT on a file of
 * another user in a folder like /tmp. */
static int lock_open(const char *folder, const char *uuid)
{
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/besom-%s.lock", folder, uuid);
    if (n < 0 || n >= PATH_BYTES)
        return -1;
    int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    int fd = open(path, O_RDONLY | flags);
    if (fd < 0 && errno == ENOENT)
        fd = open(path, O_RDONLY | O_CREAT | flags, 0444);
    return fd;
}

/* False if another process holds it. */
static bool lock_take(struct gpu_locks *l, const char *folder, const char *uuid)
{
    int fd = lock_open(folder, uuid);
    if (fd < 0)
        return true;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(fd);
        return false;
    }
    l->fds = mem_grow(l->fds, &l->cap, l->n + 1, sizeof *l->fds);
    l->fds[l->n++] = fd;
    return true;
}

/* On some systems only root may write /run/lock, and some services have a /tmp of their own: both
 * files are locked where they can be. */
bool gpu_lock_take(struct gpu_locks *l, const char *uuid)
{
    const char *own = getenv("BESOM_LOCKS");
    if (own)
        return lock_take(l, own, uuid);
    if (!lock_take(l, "/run/lock", uuid))
        return false;
    size_t n = l->n;
    if (lock_take(l, "/tmp", uuid))
        return true;
    if (n > 0 && l->n == n)
        close(l->fds[--l->n]);
    return false;
}

void gpu_lock_done(struct gpu_locks *l)
{
    for (size_t i = 0; i < l->n; i++)
        close(l->fds[i]);
    mem_free(l->fds);
    *l = (struct gpu_locks){0};
}
