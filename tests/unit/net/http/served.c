/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/net/http/served.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/socket.h"
#include "tests/test.h"

enum { LARGE_BYTES = 4 << 20 };

static void served_reply(struct served *s, uint64_t id, int status, const char *text, size_t len)
{
    struct http_answer a = {.status = status, .type = "text/plain", .body = text, .len = len};
    http_server_reply(s->server, id, &a);
}

static void served_take_file(struct served *s, struct http_request *r)
{
    char path[] = "/tmp/besom-served-XXXXXX";
    if (s->file >= 0)
        close(s->file);
    s->file = mkstemp(path);
    ASSERT(s->file >= 0 && unlink(path) == 0);
    r->body_limit = 8 << 20;
    r->to_file = true;
    r->fd = dup(s->file);
    ASSERT(r->fd >= 0);
}

static void served_give_file(struct served *s, uint64_t id)
{
    const struct http_answer_file file = {dup(s->file), (uint64_t)lseek(s->file, 0, SEEK_END)};
    const struct http_answer a = {.status = 200, .type = "text/plain", .file = &file};
    ASSERT(file.fd >= 0);
    http_server_reply(s->server, id, &a);
}

static void served_on_head(void *arg, struct http_request *r)
{
    struct served *s = arg;
    s->heads++;
    if (strcmp(r->head->path, "/small") == 0)
        r->body_limit = 10;
    if (strcmp(r->head->path, "/big") == 0)
        r->body_limit = 8 << 20;
    if (strcmp(r->head->path, "/refuse") == 0)
        served_reply(s, r->id, 403, "no", 2);
    if (strcmp(r->head->path, "/file") == 0 && r->head->method == HTTP_METHOD_PUT)
        served_take_file(s, r);
    if (strcmp(r->head->path, "/full") == 0) {
        r->body_limit = 8 << 20;
        r->to_file = true;
        r->fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    }
    if (http_head_find(r->head, "authorization"))
        r->trusted = true;
    if (http_head_find(r->head, "x-sender"))
        r->sender = strtoull(http_head_find(r->head, "x-sender"), NULL, 10);
}

static void served_on_idle(uv_idle_t *idle)
{
    struct served *s = idle->data;
    uint64_t later[16];
    size_t n = s->n_pending;
    memcpy(later, s->pending, n * sizeof *later);
    s->n_pending = 0;
    uv_idle_stop(idle);
    for (size_t i = 0; i < n; i++)
        served_reply(s, later[i], 200, "later", 5);
}

static void upgraded_on_read(void *arg, const char *bytes, size_t len)
{
    struct served *s = arg;
    stream_write(s->upgraded, bytes, len, NULL, 0);
}

static void upgraded_on_down(void *arg, const char *why)
{
    (void)why;
    ((struct served *)arg)->upgraded = NULL;
}

static void served_upgrade(struct served *s, uint64_t id)
{
    const char *rest;
    size_t len;
    struct stream_handler handler = {.read = upgraded_on_read, .down = upgraded_on_down, .arg = s};
    s->upgraded = http_server_upgrade(s->server, id, "Upgrade: echo\r\n", &rest, &len);
    stream_begin(s->upgraded, &handler);
    if (len > 0)
        upgraded_on_read(s, rest, len);
}

static void served_send_events(struct served *s, uint64_t id)
{
    http_server_events(s->server, id, NULL);
    http_server_event(s->server, id, "1", "first", "one", 3);
    http_server_event(s->server, id, "2", NULL, "two\nlines", 9);
    http_server_event(s->server, id, NULL, NULL, "", 0);
    http_server_events_end(s->server, id);
}

static void served_send_pieces(struct served *s, uint64_t id, bool whole)
{
    const struct http_answer a = {.status = 200, .type = "text/plain"};
    if (!http_server_pieces(s->server, id, &a))
        return;
    http_server_piece(s->server, id, "one", 3);
    http_server_piece(s->server, id, "", 0);
    if (whole)
        http_server_piece(s->server, id, "three", 5);
    http_server_pieces_end(s->server, id, whole);
}

static void served_on_drained(void *arg, uint64_t id)
{
    static char piece[64 << 10];
    struct served *s = arg;
    s->pieces += http_server_piece(s->server, id, piece, sizeof piece);
}

static void served_on_request(void *arg, struct http_request *r)
{
    struct served *s = arg;
    const char *path = r->head->path;
    static char large[LARGE_BYTES];
    s->requests++;
    snprintf(s->fingerprint, sizeof s->fingerprint, "%s", r->peer->fingerprint);
    snprintf(s->seen, sizeof s->seen, "%s?%s %s", path, r->head->query, r->body);
    if (strcmp(path, "/later") == 0 || strcmp(path, "/never") == 0) {
        ASSERT(s->n_pending < 16);
        s->pending[s->n_pending++] = r->id;
        if (strcmp(path, "/later") == 0)
            uv_idle_start(&s->idle, served_on_idle);
    } else if (strcmp(path, "/echo") == 0) {
        served_reply(s, r->id, 200, r->body, (size_t)r->body_len);
    } else if (strcmp(path, "/big") == 0) {
        char text[32];
        int len = snprintf(text, sizeof text, "%" PRIu64, r->body_len);
        served_reply(s, r->id, 200, text, (size_t)len);
    } else if (strcmp(path, "/large") == 0) {
        served_reply(s, r->id, 200, large, sizeof large);
    } else if (strcmp(path, "/file") == 0 && r->head->method == HTTP_METHOD_PUT) {
        ASSERT_EQ(lseek(s->file, 0, SEEK_END), r->body_len);
        ASSERT_STR(r->body, "");
        served_reply(s, r->id, 200, r->digest->sha256, strlen(r->digest->sha256));
    } else if (strcmp(path, "/file") == 0) {
        served_give_file(s, r->id);
    } else if (strcmp(path, "/events") == 0) {
        served_send_events(s, r->id);
    } else if (strcmp(path, "/pieces") == 0 || strcmp(path, "/broken") == 0) {
        served_send_pieces(s, r->id, strcmp(path, "/pieces") == 0);
    } else if (strcmp(path, "/endless") == 0) {
        http_server_pieces(s->server, r->id, &(struct http_answer){.status = 200});
    } else if (strcmp(path, "/stream") == 0) {
        s->pending[s->n_pending++] = r->id;
        http_server_events(s->server, r->id, "X-A: b\r\n");
    } else if (strcmp(path, "/upgrade") == 0 && r->head->upgrade) {
        served_upgrade(s, r->id);
    } else if (strncmp(path, "/path/", 6) == 0) {
        served_reply(s, r->id, 200, s->seen, strlen(s->seen));
    } else {
        served_reply(s, r->id, 200, "hello", 5);
    }
}

static void served_on_gone(void *arg, uint64_t id)
{
    (void)id;
    ((struct served *)arg)->gones++;
}

void served_begin(struct served *s, const struct http_config *config)
{
    struct http_config none = {0};
    struct http_handler handler = {.head = served_on_head,
                                   .request = served_on_request,
                                   .gone = served_on_gone,
                                   .arg = s,
                                   .drained = served_on_drained};
    memset(s, 0, sizeof *s);
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL); /* as the programs do */
    s->file = -1;
    ASSERT_EQ(uv_loop_init(&s->loop), 0);
    uv_idle_init(&s->loop, &s->idle);
    s->idle.data = s;
    s->server = http_server_new(&s->loop, config ? config : &none, &handler);
}

void served_end(struct served *s)
{
    http_server_close(s->server);
    socket_listener_close(s->listener);
    if (s->upgraded)
        stream_close(s->upgraded, "");
    uv_close((uv_handle_t *)&s->idle, NULL);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&s->loop), 0);
    if (s->file >= 0)
        close(s->file);
}

static void served_on_accept(void *arg, struct stream *stream)
{
    struct http_peer peer = {.tls = false};
    socket_peer(stream, peer.address);
    http_server_accept(((struct served *)arg)->server, stream, &peer);
}

int served_port(struct served *s)
{
    struct err err = {0};
    if (socket_listen(&s->loop, "127.0.0.1:0", served_on_accept, s, &s->listener, &err) != 0)
        FAIL("%s", err.text);
    return socket_listener_port(s->listener);
}

int served_connect(struct served *s, const char *address)
{
    int fds[2];
    struct stream *stream;
    struct http_peer peer = {.tls = false};
    struct stream_handler none = {.arg = NULL};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ASSERT_EQ(socket_open(&s->loop, fds[0], &none, &stream, NULL), 0);
    snprintf(peer.address, sizeof peer.address, "%s", address);
    ASSERT_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    http_server_accept(s->server, stream, &peer);
    return fds[1];
}

void served_turn(struct served *s)
{
    uv_run(&s->loop, UV_RUN_NOWAIT);
}

/* False at the end. */
static bool served_take(int fd, struct buf *out)
{
    char bytes[64 << 10];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0)
        buf_add(out, bytes, (size_t)n);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

char *served_exchange(struct served *s, const char *text, size_t len, size_t piece)
{
    int fd = served_connect(s, "");
    struct buf out;
    size_t at = 0;
    buf_init(&out, SIZE_MAX);
    do {
        size_t n = piece == 0 || piece > len - at ? len - at : piece;
        ssize_t wrote = n > 0 ? send(fd, text + at, n, MSG_NOSIGNAL) : 0;
        if (wrote > 0)
            at += (size_t)wrote;
        else if (wrote < 0 && errno != EAGAIN)
            at = len; /* the server has closed */
        struct pollfd p = {.fd = fd, .events = POLLIN};
        poll(&p, 1, at < len ? 0 : 1);
        served_turn(s);
    } while (served_take(fd, &out));
    close(fd);
    served_turn(s);
    char *ret = mem_strdup(buf_str(&out));
    buf_done(&out);
    return ret;
}

void served_read(struct served *s, int fd, const char *until, struct buf *out)
{
    while (!strstr(buf_str(out), until) && served_take(fd, out)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        served_turn(s);
        poll(&p, 1, 1);
    }
}

void served_send(struct served *s, int fd, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = send(fd, text + at, len - at, MSG_NOSIGNAL);
        ASSERT(n > 0 || errno == EAGAIN);
        at += n > 0 ? (size_t)n : 0;
        served_turn(s);
    }
}
