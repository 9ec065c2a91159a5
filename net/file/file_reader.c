/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/file/file_reader.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"

enum { PIECE_BYTES = 256 << 10 };

struct file_reader {
    uv_loop_t *loop;
    uv_work_t work;
    int fd;
    uint64_t from, left;
    file_reader_fn piece;
    void *arg;
    ssize_t got;
    bool working, freed;
    char bytes[PIECE_BYTES];
};

static void reader_work(uv_work_t *work)
{
    struct file_reader *r = work->data;
    size_t want = r->left < PIECE_BYTES ? (size_t)r->left : PIECE_BYTES;
    do
        r->got = pread(r->fd, r->bytes, want, (off_t)r->from);
    while (r->got < 0 && errno == EINTR);
}

static void reader_release(struct file_reader *r)
{
    close(r->fd);
    mem_free(r);
}

static void reader_worked(uv_work_t *work, int status)
{
    struct file_reader *r = work->data;
    r->working = false;
    if (r->freed) {
        reader_release(r);
        return;
    }
    size_t len = status == 0 && r->got > 0 ? (size_t)r->got : 0;
    r->from += len;
    r->left -= len;
    r->piece(r->arg, r->bytes, len);
}

struct file_reader *file_reader_new(uv_loop_t *loop, int fd, uint64_t from, uint64_t len,
                                    file_reader_fn piece, void *arg)
{
    struct file_reader *r = mem_alloc(sizeof *r);
    r->loop = loop;
    r->work.data = r;
    r->fd = fd;
    r->from = from;
    r->left = len;
    r->piece = piece;
    r->arg = arg;
    return r;
}

uint64_t file_reader_left(const struct file_reader *r)
{
    return r->left;
}

void file_reader_next(struct file_reader *r)
{
    PRE(!r->working && r->left > 0);
    r->working = true;
    check(uv_queue_work(r->loop, &r->work, reader_work, reader_worked) == 0);
}

void file_reader_free(struct file_reader *r)
{
    if (!r)
        return;
    r->freed = true;
    if (!r->working)
        reader_release(r);
}
