/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/net/tls_kit.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/socket.h"

struct identity *kit_identity(const char *name, int days)
{
    struct identity *id = NULL;
    struct err err = {0};
    if (identity_make(name, days, &id, &err) != 0)
        FAIL("%s", err.text);
    return id;
}

static void end_on_up(void *arg)
{
    struct end *e = arg;
    e->ups++;
    tls_peer_key(e->stream, e->key);
}

static void end_on_read(void *arg, const char *bytes, size_t len)
{
    struct end *e = arg;
    ASSERT_EQ(e->ups, 1);
    buf_add(&e->got, bytes, len);
    if (e->echo)
        stream_write(e->stream, "", 0, bytes, len);
    if (e->pause_on_read)
        stream_pause(e->stream);
}

static void end_on_down(void *arg, const char *why)
{
    struct end *e = arg;
    e->downs++;
    e->code = e->stream->code;
    e->stream = NULL;
    snprintf(e->why, sizeof e->why, "%s", why);
}

static void end_on_sent(void *arg)
{
    ((struct end *)arg)->sents++;
}

struct stream_handler kit_handler(struct end *e)
{
    return (struct stream_handler){
        .up = end_on_up, .read = end_on_read, .down = end_on_down, .arg = e, .sent = end_on_sent};
}

void kit_init(struct kit *k)
{
    *k = (struct kit){.up = {-1, -1, 0, 0, SIZE_MAX, SIZE_MAX, false}};
    k->down = k->up;
    buf_init(&k->client.got, SIZE_MAX);
    buf_init(&k->server.got, SIZE_MAX);
    ASSERT_EQ(uv_loop_init(&k->loop), 0);
    k->server_id = kit_identity("server", IDENTITY_SERVER_DAYS);
    ASSERT_EQ(tls_server_new(&k->loop, k->server_id, &k->server_kind, NULL), 0);
}

/* A stream on one end of a pair; the other is for the wire. */
static struct stream *kit_stream(struct kit *k, int *ret_fd)
{
    int fds[2];
    struct stream *s;
    struct stream_handler none = {0};
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    ASSERT_EQ(socket_open(&k->loop, fds[0], &none, &s, NULL), 0);
    *ret_fd = fds[1];
    return s;
}

void kit_accept(struct kit *k)
{
    struct stream_handler handler = kit_handler(&k->server);
    struct stream *below = kit_stream(k, &k->up.to);
    k->down.from = k->up.to;
    k->server.stream = tls_accept(k->server_kind, below);
    stream_begin(k->server.stream, &handler);
}

void kit_connect(struct kit *k, const char *pin, struct identity *client_id)
{
    struct stream_handler handler = kit_handler(&k->client);
    struct tls_trust trust = {.pin = pin ? pin : identity_fingerprint(k->server_id),
                              .host = "localhost",
                              .identity = client_id};
    kit_accept(k);
    struct stream *below = kit_stream(k, &k->up.from);
    k->down.to = k->up.from;
    k->client_id = client_id;
    ASSERT_EQ(tls_open(&k->loop, below, &trust, &handler, &k->client.stream, NULL), 0);
}

/* False where nothing could be moved. */
static bool wire_move(struct wire *w)
{
    char bytes[64 << 10];
    struct pollfd room = {.fd = w->to, .events = POLLOUT};
    size_t want = w->piece > 0 && w->piece < sizeof bytes ? w->piece : sizeof bytes;
    if (w->stopped || w->from < 0 || w->to < 0 || poll(&room, 1, 0) != 1)
        return false;
    if (want > w->cut - w->passed)
        want = w->cut - w->passed;
    ssize_t n = want > 0 ? recv(w->from, bytes, want, MSG_PEEK) : 0;
    if (n < 0)
        return false;
    if (n == 0) {
        shutdown(w->to, SHUT_WR);
        w->stopped = true;
        return true;
    }
    if (w->flip >= w->passed && w->flip - w->passed < (size_t)n)
        bytes[w->flip - w->passed] ^= 0x20;
    ssize_t sent = send(w->to, bytes, (size_t)n, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN)
        return false;
    if (sent < 0) /* nobody reads it any more */
        sent = n;
    ASSERT_EQ(recv(w->from, bytes, (size_t)sent, 0), sent);
    w->passed += (size_t)sent;
    return true;
}

bool kit_step(struct kit *k)
{
    bool up = wire_move(&k->up), down = wire_move(&k->down);
    uv_run(&k->loop, UV_RUN_NOWAIT);
    return up || down;
}

/* Ends a test that waits for what never comes. */
static void kit_wait(struct kit *k, uint64_t begun)
{
    kit_step(k);
    if (uv_hrtime() - begun > 60000000000u)
        FAIL("a minute has passed");
}

void kit_until_up(struct kit *k)
{
    uint64_t begun = uv_hrtime();
    while (k->client.ups == 0 || k->server.ups == 0) {
        kit_wait(k, begun);
        if (k->client.downs > 0 || k->server.downs > 0)
            FAIL("client \"%s\", server \"%s\"", k->client.why, k->server.why);
    }
}

void kit_until_got(struct kit *k, struct end *e, size_t bytes)
{
    uint64_t begun = uv_hrtime();
    while (e->got.len < bytes) {
        kit_wait(k, begun);
        if (e->downs > 0)
            FAIL("%zu of %zu bytes: %s", e->got.len, bytes, e->why);
    }
}

void kit_until_down(struct kit *k, struct end *e)
{
    uint64_t begun = uv_hrtime();
    while (e->downs == 0)
        kit_wait(k, begun);
}

void kit_done(struct kit *k)
{
    if (k->client.stream)
        stream_close(k->client.stream, "done");
    if (k->server.stream)
        stream_close(k->server.stream, "done");
    uv_run(&k->loop, UV_RUN_DEFAULT);
    ASSERT(k->client.downs <= 1 && k->server.downs == 1);
    if (k->up.from >= 0)
        close(k->up.from);
    close(k->up.to);
    ASSERT_EQ(uv_loop_close(&k->loop), 0);
    tls_server_free(k->server_kind);
    identity_free(k->server_id);
    identity_free(k->client_id);
    buf_done(&k->client.got);
    buf_done(&k->server.got);
}
