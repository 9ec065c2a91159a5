/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socket.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/address.h"

enum { READ_BYTES = 64 << 10, BACKLOG = 128 };

union handle {
    uv_handle_t any;
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tcp_t tcp;
};

struct socket {
    struct stream stream; /* first: a stream is cast to its socket */
    union handle handle;
    uv_connect_t connect;
    uv_getaddrinfo_t resolve;
    struct addrinfo *found, *next; /* addresses of the host; which to try next */
    int holds; /* its handles, and a name being looked up: the last to end frees the socket */
    bool resolving, connected, reading;
    struct socket_end *end;
    char address[300];
};

/* For a socket that is ending. */
struct socket_end {
    uv_shutdown_t shutdown;
    uv_timer_t timer;
    struct socket *socket;
    size_t unsent; /* when the timer was set */
    bool sent, ended;
};

struct socket_write {
    uv_write_t request;
    char bytes[];
};

/* Shared by all sockets: bytes are handed out before the next read, and all loops run in one
 * thread. */
static char read_buffer[READ_BYTES];

static void socket_release(struct socket *k)
{
    if (--k->holds > 0)
        return;
    uv_freeaddrinfo(k->found);
    stream_down(&k->stream);
    mem_free(k->end);
    mem_free(k);
}

static void socket_on_closed(uv_handle_t *handle)
{
    socket_release(handle->data);
}

static void socket_on_timer_closed(uv_handle_t *timer)
{
    socket_release(((struct socket_end *)timer->data)->socket);
}

static void socket_close(struct stream *s)
{
    struct socket *k = (struct socket *)s;
    if (k->resolving)
        uv_cancel((uv_req_t *)&k->resolve);
    if (k->end)
        uv_close((uv_handle_t *)&k->end->timer, socket_on_timer_closed);
    if (!uv_is_closing(&k->handle.any)) /* else it is about to try the next address */
        uv_close(&k->handle.any, socket_on_closed);
}

static void socket_fail(struct socket *k, const char *what, int rc)
{
    char why[sizeof k->stream.why];
    snprintf(why, sizeof why, "%s%s%s: %s", what, k->address[0] ? " " : "", k->address,
             uv_strerror(rc));
    stream_close(&k->stream, why);
}

static void socket_check_ended(struct socket_end *f)
{
    if (f->sent && f->ended)
        stream_close(&f->socket->stream, "");
}

static void socket_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(read_buffer, READ_BYTES);
}

static void socket_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct socket *k = stream->data;
    if (k->end && n > 0)
        return;
    if (k->end && n == UV_EOF) {
        k->end->ended = true;
        socket_check_ended(k->end);
    } else if (n == UV_EOF) {
        k->stream.eof = true;
        stream_close(&k->stream, "the peer closed it");
    } else if (n < 0)
        socket_fail(k, "reading from the peer failed", (int)n);
    else if (n > 0)
        k->stream.handler.read(k->stream.handler.arg, buf->base, (size_t)n);
}

static void socket_read(struct stream *s, bool on)
{
    struct socket *k = (struct socket *)s;
    if (!k->connected || k->reading == on)
        return;
    k->reading = on;
    int rc = 0;
    if (on)
        rc = uv_read_start(&k->handle.stream, socket_on_alloc, socket_on_read);
    else
        uv_read_stop(&k->handle.stream);
    if (rc != 0)
        socket_fail(k, "reading from the peer failed", rc);
}

static size_t socket_unsent(const struct stream *s)
{
    return uv_stream_get_write_queue_size(&((const struct socket *)s)->handle.stream);
}

static void socket_on_written(uv_write_t *request, int status)
{
    struct socket *k = request->handle->data;
    mem_free((char *)request - offsetof(struct socket_write, request));
    if (status < 0)
        socket_fail(k, "writing to the peer failed", status);
    else if (socket_unsent(&k->stream) == 0)
        stream_sent(&k->stream);
}

static void socket_write(struct stream *s, const void *head, size_t head_len, const void *bytes,
                         size_t len)
{
    struct socket *k = (struct socket *)s;
    struct socket_write *w = mem_resize(NULL, sizeof *w + head_len + len);
    memcpy(w->bytes, head, head_len);
    memcpy(w->bytes + head_len, bytes, len);
    uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)(head_len + len));
    int rc = uv_write(&w->request, &k->handle.stream, &buf, 1, socket_on_written);
    if (rc == 0)
        return;
    mem_free(w);
    socket_fail(k, "writing to the peer failed", rc);
}

static void socket_on_shutdown(uv_shutdown_t *shutdown, int status)
{
    struct socket_end *f = shutdown->data;
    f->sent = true;
    if (status < 0)
        stream_close(&f->socket->stream, "");
    else
        socket_check_ended(f);
}

static void socket_on_end_due(uv_timer_t *timer)
{
    struct socket_end *f = timer->data;
    size_t unsent = socket_unsent(&f->socket->stream);
    if (unsent == 0 || unsent == f->unsent)
        stream_close(&f->socket->stream, "");
    f->unsent = unsent;
}

/* Closing the descriptor at once would drop what is queued; and if bytes of the peer were unread,
 * the kernel would reset the connection, and the peer could lose what it had not read yet. */
static void socket_end(struct stream *s)
{
    struct socket *k = (struct socket *)s;
    if (!k->connected) {
        stream_close(s, "");
        return;
    }
    struct socket_end *f = mem_alloc(sizeof *f);
    f->socket = k;
    f->unsent = socket_unsent(s);
    f->shutdown.data = f->timer.data = f;
    uv_timer_init(k->handle.any.loop, &f->timer);
    uv_timer_start(&f->timer, socket_on_end_due, STREAM_END_MS, STREAM_END_MS);
    k->end = f;
    k->holds++;
    if (uv_shutdown(&f->shutdown, &k->handle.stream, socket_on_shutdown) != 0)
        stream_close(s, "");
    else
        socket_read(s, true);
}

static const struct stream_type socket_type = {socket_write, socket_unsent, socket_read, socket_end,
                                               socket_close};

static struct socket *socket_new(uv_loop_t *loop, bool tcp, const struct stream_handler *handler)
{
    struct socket *k = mem_alloc(sizeof *k);
    k->stream.type = &socket_type;
    k->holds = 1;
    if (handler)
        k->stream.handler = *handler;
    if (tcp)
        uv_tcp_init(loop, &k->handle.tcp); /* both always succeed: no descriptor yet */
    else
        uv_pipe_init(loop, &k->handle.pipe, 0);
    k->handle.any.data = k;
    return k;
}

int socket_open(uv_loop_t *loop, int fd, const struct stream_handler *handler, struct stream **ret,
                struct err *err)
{
    struct socket *k = socket_new(loop, false, handler);
    int rc = uv_pipe_open(&k->handle.pipe, fd);
    if (rc != 0) {
        close(fd);
        k->stream.handler.down = NULL;
        stream_close(&k->stream, "");
        return err_set(err, ERR_IO, "cannot set up a socket: %s", uv_strerror(rc));
    }
    k->connected = true;
    stream_resume(&k->stream);
    *ret = &k->stream;
    return 0;
}

static void socket_try_next(struct socket *k);

static void socket_on_tried(uv_handle_t *handle)
{
    struct socket *k = handle->data;
    uv_loop_t *loop = handle->loop;
    if (k->stream.closed) {
        socket_release(k);
        return;
    }
    uv_tcp_init(loop, &k->handle.tcp);
    k->handle.any.data = k;
    socket_try_next(k);
}

static void socket_on_connect(uv_connect_t *connect, int status)
{
    struct socket *k = connect->handle->data;
    if (k->stream.closed || uv_is_closing(&k->handle.any))
        return;
    if (status != 0 && k->next) {
        uv_close(&k->handle.any, socket_on_tried);
        return;
    }
    if (status != 0) {
        socket_fail(k, "no connection to", status);
        return;
    }
    k->connected = true;
    if (k->handle.any.type == UV_TCP)
        uv_tcp_nodelay(&k->handle.tcp, 1);
    stream_resume(&k->stream);
    if (k->stream.handler.up && !k->stream.closed)
        k->stream.handler.up(k->stream.handler.arg);
}

static void socket_try_next(struct socket *k)
{
    const struct sockaddr *to = k->next->ai_addr;
    k->next = k->next->ai_next;
    int rc = uv_tcp_connect(&k->connect, &k->handle.tcp, to, socket_on_connect);
    if (rc != 0 && k->next)
        uv_close(&k->handle.any, socket_on_tried);
    else if (rc != 0)
        socket_fail(k, "no connection to", rc);
}

static void socket_on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *found)
{
    struct socket *k = resolve->data;
    k->resolving = false;
    k->found = k->next = found;
    if (!k->stream.closed && status != 0)
        socket_fail(k, "no address of", status);
    else if (!k->stream.closed)
        socket_try_next(k);
    socket_release(k);
}

int socket_connect(uv_loop_t *loop, const char *address, const struct stream_handler *handler,
                   struct stream **ret, struct err *err)
{
    struct address to;
    int rc = address_parse(address, &to, err);
    if (rc != 0)
        return rc;
    struct socket *k = socket_new(loop, !to.unix_socket, handler);
    snprintf(k->address, sizeof k->address, "%s", address);
    k->resolve.data = k;
    *ret = &k->stream;
    if (to.unix_socket) {
        uv_pipe_connect(&k->connect, &k->handle.pipe, to.host, socket_on_connect);
        return 0;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    rc = uv_getaddrinfo(loop, &k->resolve, socket_on_resolved, to.host, to.port, &hints);
    if (rc != 0) {
        socket_fail(k, "no address of", rc);
        return 0;
    }
    k->resolving = true;
    k->holds++;
    return 0;
}

struct listener {
    union handle handle;
    listener_fn accepted;
    void *arg;
};

static void listener_on_connection(uv_stream_t *server, int status)
{
    struct listener *l = server->data;
    if (status < 0)
        return;
    struct socket *k = socket_new(server->loop, l->handle.any.type == UV_TCP, NULL);
    int rc = uv_accept(server, &k->handle.stream);
    if (rc != 0) { /* the peer has gone already */
        stream_close(&k->stream, "");
        return;
    }
    k->connected = true;
    if (k->handle.any.type == UV_TCP)
        uv_tcp_nodelay(&k->handle.tcp, 1);
    l->accepted(l->arg, &k->stream);
}

static void listener_on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

static int listener_bind(struct listener *l, const struct address *at)
{
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
    int port = (int)strtol(at->port, NULL, 10);
    if (at->unix_socket)
        return uv_pipe_bind(&l->handle.pipe, at->host);
    if (uv_ip4_addr(at->host, port, &v4) == 0)
        return uv_tcp_bind(&l->handle.tcp, (struct sockaddr *)&v4, 0);
    int rc = uv_ip6_addr(at->host, port, &v6);
    return rc != 0 ? rc : uv_tcp_bind(&l->handle.tcp, (struct sockaddr *)&v6, 0);
}

int socket_listen(uv_loop_t *loop, const char *address, listener_fn accepted, void *arg,
                  struct listener **ret, struct err *err)
{
    struct address at;
    int rc = address_parse(address, &at, err);
    if (rc != 0)
        return rc;
    struct listener *l = mem_alloc(sizeof *l);
    l->accepted = accepted;
    l->arg = arg;
    if (at.unix_socket)
        uv_pipe_init(loop, &l->handle.pipe, 0);
    else
        uv_tcp_init(loop, &l->handle.tcp);
    l->handle.any.data = l;
    rc = listener_bind(l, &at);
    if (rc == 0)
        rc = uv_listen(&l->handle.stream, BACKLOG, listener_on_connection);
    if (rc != 0) {
        socket_listener_close(l);
        return err_set(err, rc == UV_EACCES ? ERR_PERMISSION : ERR_IO, "cannot listen on %s: %s",
                       address, uv_strerror(rc));
    }
    *ret = l;
    return 0;
}

int socket_listener_port(const struct listener *l)
{
    struct sockaddr_storage at;
    int len = sizeof at;
    if (l->handle.any.type != UV_TCP ||
        uv_tcp_getsockname(&l->handle.tcp, (struct sockaddr *)&at, &len) != 0)
        return 0;
    return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                          : ((struct sockaddr_in *)&at)->sin_port);
}

void socket_peer(const struct stream *s, char out[SOCKET_PEER_BYTES])
{
    while (s->below)
        s = s->below;
    const struct socket *k = (const struct socket *)s;
    struct sockaddr_storage at;
    int len = sizeof at;
    out[0] = '\0';
    if (s->type != &socket_type || k->handle.any.type != UV_TCP ||
        uv_tcp_getpeername(&k->handle.tcp, (struct sockaddr *)&at, &len) != 0)
        return;
    if (at.ss_family == AF_INET6)
        uv_ip6_name((struct sockaddr_in6 *)&at, out, SOCKET_PEER_BYTES);
    else
        uv_ip4_name((struct sockaddr_in *)&at, out, SOCKET_PEER_BYTES);
}

void socket_listener_close(struct listener *l)
{
    if (l && !uv_is_closing(&l->handle.any))
        uv_close(&l->handle.any, listener_on_closed);
}
