/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/link.h"

#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/frame.h"

enum { READ_BYTES = 64 << 10 };

struct link {
    uv_pipe_t pipe;
    struct link_handler handler;
    struct frame_decoder decoder;
    const char *why; /* it is closed: NULL while open; a constant */
    bool paused;
    char read[READ_BYTES];
};

struct write {
    uv_write_t request;
    char bytes[];
};

static void on_close(uv_handle_t *handle)
{
    struct link *l = handle->data;
    l->handler.down(l->handler.arg, l->why);
    frame_decoder_done(&l->decoder);
    mem_free(l);
}

void link_close(struct link *l, const char *why)
{
    if (l->why)
        return;
    l->why = why;
    uv_close((uv_handle_t *)&l->pipe, on_close);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    struct link *l = handle->data;
    *buf = uv_buf_init(l->read, READ_BYTES);
}

static void link_hand_out(struct link *l)
{
    const char *text;
    size_t len;
    while (!l->why && !l->paused && frame_decoder_next(&l->decoder, &text, &len))
        l->handler.frame(l->handler.arg, text, len);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct link *l = stream->data;
    if (n < 0) {
        link_close(l, n == UV_EOF ? "the peer closed it" : "reading from the peer failed");
        return;
    }
    if (n > 0 && frame_decoder_feed(&l->decoder, buf->base, (size_t)n, NULL) != 0) {
        link_close(l, "the peer sent a frame over the limit");
        return;
    }
    link_hand_out(l);
}

void link_pause(struct link *l)
{
    if (l->why || l->paused)
        return;
    l->paused = true;
    uv_read_stop((uv_stream_t *)&l->pipe);
}

void link_resume(struct link *l)
{
    if (l->why || !l->paused)
        return;
    l->paused = false;
    link_hand_out(l);
    if (!l->why && !l->paused && uv_read_start((uv_stream_t *)&l->pipe, on_alloc, on_read) != 0)
        link_close(l, "reading from the peer failed");
}

static void on_close_unopened(uv_handle_t *handle)
{
    struct link *l = handle->data;
    frame_decoder_done(&l->decoder);
    mem_free(l);
}

int link_open(uv_loop_t *loop, int fd, const struct link_handler *handler, struct link **ret,
              struct err *err)
{
    struct link *l = mem_alloc(sizeof *l);
    l->handler = *handler;
    frame_decoder_init(&l->decoder);
    uv_pipe_init(loop, &l->pipe, 0); /* always succeeds */
    l->pipe.data = l;
    int rc = uv_pipe_open(&l->pipe, fd);
    if (rc != 0)
        close(fd);
    else
        rc = uv_read_start((uv_stream_t *)&l->pipe, on_alloc, on_read);
    if (rc != 0) {
        uv_close((uv_handle_t *)&l->pipe, on_close_unopened);
        return err_set(err, ERR_IO, "a link cannot be set up: %s", uv_strerror(rc));
    }
    *ret = l;
    return 0;
}

static void on_write(uv_write_t *request, int status)
{
    struct link *l = request->handle->data;
    mem_free((char *)request - offsetof(struct write, request));
    if (status < 0)
        link_close(l, "writing to the peer failed");
}

void link_send(struct link *l, const char *text, size_t len)
{
    if (l->why)
        return;
    if (len > LIMIT_FRAME_BYTES ||
        uv_stream_get_write_queue_size((uv_stream_t *)&l->pipe) > LIMIT_LINK_QUEUE_BYTES) {
        link_close(l, "the peer does not read what it is sent");
        return;
    }
    struct write *w = mem_alloc(sizeof *w + FRAME_HEADER_BYTES + len);
    frame_header((unsigned char *)w->bytes, len);
    memcpy(w->bytes + FRAME_HEADER_BYTES, text, len);
    uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)(FRAME_HEADER_BYTES + len));
    if (uv_write(&w->request, (uv_stream_t *)&l->pipe, &buf, 1, on_write) != 0) {
        mem_free(w);
        link_close(l, "writing to the peer failed");
    }
}
