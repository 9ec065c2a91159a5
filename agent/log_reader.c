/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/log_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/shim/shim_log.h"
#include "base/mem.h"

enum { PARTS = 3, TRIES = 5, TAIL_STEP_BYTES = 64 << 10 };
#define OFFSET_MAX ((uint64_t)1 << 52) /* an end after it still fits into a message */

/* A file of the log and the stretch of the output that it holds. */
struct part {
    int fd; /* -1: missing */
    uint64_t begin, end;
    off_t skip; /* bytes of the mark before the output */
};

struct parts {
    struct part items[PARTS]; /* head, older tail, newer tail */
};

static int open_part(struct part *p, const char *path, const char *suffix, struct err *err)
{
    char name[SHIM_LOG_PATH_BYTES], mark[SHIM_LOG_MARK_BYTES + 1];
    struct stat st;
    *p = (struct part){.fd = -1};
    int n = snprintf(name, sizeof name, "%s%s", path, suffix);
    if (n < 0 || (size_t)n >= sizeof name)
        return err_set(err, ERR_LIMIT, "%s: the path is too long", path);
    p->fd = open(name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (p->fd < 0 && errno == ENOENT)
        return 0;
    if (p->fd < 0 && errno == ELOOP)
        return err_set(err, ERR_DAMAGED, "%s is a symbolic link, not the log itself", name);
    if (p->fd < 0 || fstat(p->fd, &st) != 0)
        return err_set(err, ERR_IO, "%s: %s", name, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_DAMAGED, "%s is not a regular file", name);
    if (*suffix) {
        p->skip = SHIM_LOG_MARK_BYTES;
        if (pread(p->fd, mark, SHIM_LOG_MARK_BYTES, 0) != SHIM_LOG_MARK_BYTES ||
            memcmp(mark, SHIM_LOG_MARK, sizeof SHIM_LOG_MARK - 1) != 0)
            return err_set(err, ERR_DAMAGED, "%s: its first line is not the shim's", name);
        mark[SHIM_LOG_MARK_BYTES] = '\0';
        p->begin = strtoull(mark + sizeof SHIM_LOG_MARK - 1, NULL, 10);
    }
    if (p->begin > OFFSET_MAX)
        return err_set(err, ERR_DAMAGED, "%s: its first line is not the shim's", name);
    p->end = p->begin + (uint64_t)(st.st_size - p->skip);
    return 0;
}

static void close_parts(struct parts *ps)
{
    for (int i = 0; i < PARTS; i++)
        if (ps->items[i].fd >= 0)
            close(ps->items[i].fd);
}

/* The shim may rotate between two opens. The newest file is opened first, so that it is never
 * missed; if the older file is then not older, all are opened again. */
static int open_parts(struct parts *ps, const char *path, struct err *err)
{
    static const char *const suffixes[PARTS] = {"", SHIM_LOG_OLD, SHIM_LOG_NEW};
    int rc = 0;
    for (int try = 0; try < TRIES; try++) {
        for (int i = 0; i < PARTS; i++)
            ps->items[i] = (struct part){.fd = -1};
        rc = 0;
        for (int i = PARTS - 1; rc == 0 && i >= 0; i--)
            rc = open_part(&ps->items[i], path, suffixes[i], err);
        const struct part *older = &ps->items[1], *newer = &ps->items[2];
        if (rc == 0 && (older->fd < 0 || newer->fd < 0 || older->begin < newer->begin))
            return 0;
        close_parts(ps);
    }
    return rc != 0 ? rc : err_set(err, ERR_BUSY, "%s: it is being rotated too fast", path);
}

int log_reader_read(const char *path, uint64_t *offset, size_t max, struct buf *out,
                    uint64_t *ret_dropped, struct err *err)
{
    struct parts ps;
    bool taken = false;
    *ret_dropped = 0;
    int rc = open_parts(&ps, path, err);
    if (rc != 0)
        return rc;
    for (int i = 0; i < PARTS && max > 0; i++) {
        const struct part *p = &ps.items[i];
        if (p->fd < 0 || p->end <= *offset)
            continue;
        if (p->begin > *offset) {
            if (*ret_dropped > 0 || taken)
                break;
            *ret_dropped = p->begin - *offset;
            *offset = p->begin;
        }
        size_t want = p->end - *offset < max ? (size_t)(p->end - *offset) : max;
        char *room = buf_reserve(out, want);
        ssize_t n = room ? pread(p->fd, room, want, p->skip + (off_t)(*offset - p->begin)) : 0;
        if (n < 0)
            rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        if (n <= 0)
            break;
        buf_commit(out, (size_t)n);
        *offset += (uint64_t)n;
        max -= (size_t)n;
        taken = true;
    }
    close_parts(&ps);
    return rc;
}

bool log_reader_is_there(const char *path)
{
    struct parts ps;
    bool there = false;
    if (open_parts(&ps, path, NULL) != 0)
        return true; /* but it cannot be read */
    for (int i = 0; i < PARTS; i++)
        there |= ps.items[i].fd >= 0;
    close_parts(&ps);
    return there;
}

int log_reader_end(const char *path, uint64_t *ret_offset, struct err *err)
{
    struct parts ps;
    int rc = open_parts(&ps, path, err);
    if (rc != 0)
        return rc;
    *ret_offset = 0;
    for (int i = 0; i < PARTS; i++)
        if (ps.items[i].fd >= 0)
            *ret_offset = ps.items[i].end;
    close_parts(&ps);
    return 0;
}

/* Finds the start of the last lines within `max` bytes before end; *ret_more: they may begin
 * earlier. */
static int tail_find(const char *path, uint64_t end, unsigned lines, size_t max,
                     uint64_t *ret_offset, bool *ret_more, struct err *err)
{
    uint64_t from = end > max ? end - max : 0, at = from, dropped;
    int rc = 0;
    *ret_more = from > 0;
    struct buf text;
    buf_init(&text, max);
    while (rc == 0 && at < end) {
        uint64_t before = at;
        size_t had = text.len, want = end - at < max - had ? (size_t)(end - at) : max - had;
        rc = log_reader_read(path, &at, want, &text, &dropped, err);
        if (dropped > 0) {
            buf_drop(&text, had);
            from = before + dropped;
            *ret_more = false;
        }
        if (at == before)
            break;
    }
    size_t i = text.len;
    unsigned seen = 0;
    /* The newline that ends the last line does not begin another. */
    if (i > 0 && buf_peek(&text)[i - 1] == '\n')
        i--;
    while (i > 0 && lines > 0) {
        if (buf_peek(&text)[i - 1] == '\n' && ++seen == lines)
            break;
        i--;
    }
    *ret_more = *ret_more && seen < lines;
    *ret_offset = lines > 0 ? from + i : end;
    buf_done(&text);
    return rc;
}

/* Most often the lines are near the end. */
int log_reader_tail(const char *path, uint64_t before, unsigned lines, size_t max,
                    uint64_t *ret_offset, struct err *err)
{
    uint64_t end;
    bool more = true;
    int rc = log_reader_end(path, &end, err);
    if (rc == 0 && before < end)
        end = before;
    for (size_t step = TAIL_STEP_BYTES, seen = 0; rc == 0 && more && seen < max; step *= 8) {
        seen = step < max ? step : max;
        rc = tail_find(path, end, lines, seen, ret_offset, &more, err);
    }
    return rc;
}
