/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool shim_log_init(struct shim_log *l, const char *path, uint64_t cap)
{
    if (cap < SHIM_LOG_CAP_MIN)
        cap = SHIM_LOG_CAP_MIN;
    *l = (struct shim_log){.fd = -1, .head_max = cap / 4};
    l->tail_max = (cap - l->head_max) / 2 - SHIM_LOG_MARK_BYTES;
    int n = snprintf(l->path, sizeof l->path - 8, "%s", path);
    return n > 0 && (size_t)n < sizeof l->path - 8;
}

static size_t write_some(int fd, const char *bytes, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(fd, bytes + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

static void file_name(const struct shim_log *l, const char *suffix, char out[SHIM_LOG_PATH_BYTES])
{
    snprintf(out, SHIM_LOG_PATH_BYTES, "%s%s", l->path, suffix);
}

static void open_head(struct shim_log *l)
{
    l->fd =
        open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct stat st;
    if (l->fd < 0 || fstat(l->fd, &st) != 0 || st.st_size == 0)
        return;
    /* An earlier shim that could not launch the attempt may have left a line. */
    l->total += (uint64_t)st.st_size;
    l->kept += (uint64_t)st.st_size;
    l->filled += (uint64_t)st.st_size;
}

/* The new file is complete before the oldest is given up for it. */
static void open_tail(struct shim_log *l)
{
    char fresh[SHIM_LOG_PATH_BYTES], newer[SHIM_LOG_PATH_BYTES], older[SHIM_LOG_PATH_BYTES];
    char mark[SHIM_LOG_MARK_BYTES + 1];
    file_name(l, ".new", fresh);
    file_name(l, SHIM_LOG_NEW, newer);
    file_name(l, SHIM_LOG_OLD, older);
    if (l->fd >= 0)
        close(l->fd);
    l->in_tail = true;
    l->filled = 0;
    snprintf(mark, sizeof mark, SHIM_LOG_MARK "%020" PRIu64 "]\n", l->total);
    l->fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (l->fd < 0)
        return;
    if (write_some(l->fd, mark, SHIM_LOG_MARK_BYTES) != SHIM_LOG_MARK_BYTES) {
        unlink(fresh);
        close(l->fd);
        l->fd = -1;
        return;
    }
    if (rename(newer, older) == 0) {
        l->kept -= l->old;
        l->old = l->new;
    }
    rename(fresh, newer);
    l->new = 0;
}

void shim_log_write(struct shim_log *l, const char *bytes, size_t len)
{
    while (len > 0) {
        if (l->fd < 0 && !l->in_tail && l->total == 0)
            open_head(l);
        uint64_t max = l->in_tail ? l->tail_max : l->head_max;
        if (l->fd < 0 || l->filled >= max) {
            open_tail(l);
            max = l->tail_max;
        }
        size_t part = len < max - l->filled ? len : (size_t)(max - l->filled);
        size_t done = l->fd < 0 ? 0 : write_some(l->fd, bytes, part);
        l->kept += done;
        l->filled += done;
        l->total += part;
        if (l->in_tail)
            l->new += done;
        if (done < part && l->fd >= 0) {
            /* Later output would be at a wrong offset: it gets a new file. */
            close(l->fd);
            l->fd = -1;
        }
        bytes += part;
        len -= part;
    }
}

uint64_t shim_log_dropped(const struct shim_log *l)
{
    return l->total - l->kept;
}
