/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/file/file_writer.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"

enum { FULL_BYTES = 512 << 10 };

/* At most one job is on a thread; what comes meanwhile waits in `next`. */
struct file_writer {
    uv_loop_t *loop;
    uv_work_t work;
    int fd;
    struct file_writer_handler handler;
    struct digesting *digesting;
    struct digest digest;
    struct buf now, next;
    uint64_t bytes;
    int error; /* of the thread, read between its jobs */
    bool working, full, ending, ended, freed;
};

static int file_write(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR)
            return errno;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static void writer_work(uv_work_t *work)
{
    struct file_writer *w = work->data;
    if (w->now.len > 0) {
        digest_add(w->digesting, buf_str(&w->now), w->now.len);
        w->error = file_write(w->fd, buf_str(&w->now), w->now.len);
    } else if (fsync(w->fd) != 0) {
        w->error = errno;
    }
}

static void writer_release(struct file_writer *w)
{
    close(w->fd);
    digest_end(w->digesting, NULL);
    buf_done(&w->now);
    buf_done(&w->next);
    mem_free(w);
}

static void writer_push(struct file_writer *w);

static void writer_worked(uv_work_t *work, int status)
{
    struct file_writer *w = work->data;
    bool synced = w->now.len == 0;
    w->working = false;
    if (status == UV_ECANCELED)
        w->error = ECANCELED;
    if (w->freed) {
        writer_release(w);
        return;
    }
    buf_clear(&w->now);
    if (w->error == 0 && !synced)
        writer_push(w);
    bool was_full = w->full;
    w->full = w->error == 0 && w->next.len >= FULL_BYTES;
    if (w->ending && (synced || w->error != 0)) {
        w->ended = true;
        digest_end(w->digesting, &w->digest);
        w->digesting = NULL;
        w->handler.ended(w->handler.arg);
    } else if (was_full || w->error != 0) {
        w->handler.ready(w->handler.arg);
    }
}

/* Begins the next job, if there is one. */
static void writer_push(struct file_writer *w)
{
    if (w->working || (w->next.len == 0 && !w->ending))
        return;
    struct buf empty = w->now;
    w->now = w->next;
    w->next = empty;
    w->working = true;
    check(uv_queue_work(w->loop, &w->work, writer_work, writer_worked) == 0);
}

struct file_writer *file_writer_new(uv_loop_t *loop, int fd,
                                    const struct file_writer_handler *handler)
{
    struct file_writer *w = mem_alloc(sizeof *w);
    w->loop = loop;
    w->work.data = w;
    w->fd = fd;
    w->handler = *handler;
    w->digesting = digest_new();
    buf_init(&w->now, SIZE_MAX);
    buf_init(&w->next, SIZE_MAX);
    return w;
}

void file_writer_add(struct file_writer *w, const void *bytes, size_t len)
{
    PRE(!w->ending);
    if (file_writer_error(w) != 0)
        return;
    buf_add(&w->next, bytes, len);
    w->bytes += len;
    w->full = w->next.len >= FULL_BYTES;
    writer_push(w);
}

bool file_writer_is_full(const struct file_writer *w)
{
    return w->full;
}

void file_writer_end(struct file_writer *w)
{
    PRE(!w->ending);
    w->ending = true;
    if (file_writer_error(w) != 0)
        buf_clear(&w->next); /* the job reports the failure */
    writer_push(w);
}

int file_writer_error(const struct file_writer *w)
{
    return w->working ? 0 : w->error;
}

uint64_t file_writer_bytes(const struct file_writer *w)
{
    return w->bytes;
}

const struct digest *file_writer_digest(const struct file_writer *w)
{
    return &w->digest;
}

void file_writer_free(struct file_writer *w)
{
    if (!w)
        return;
    w->freed = true;
    if (!w->working)
        writer_release(w);
}
