/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_door.h"

#include <string.h>

#include "base/mem.h"
#include "net/log.h"
#include "net/socket.h"
#include "net/tls/tls.h"

struct server_door {
    struct listener *listener;
    struct tls_server *tls;  /* NULL: plain HTTP */
    struct handshake *first; /* the newest */
    size_t n;
};

struct handshake {
    struct handshake *next, **place; /* place NULL: closed, and no longer counted */
    struct server *server;
    struct stream *stream;
    struct http_peer peer;
};

static void handshake_unlink(struct handshake *h)
{
    if (!h->place)
        return;
    *h->place = h->next;
    if (h->next)
        h->next->place = h->place;
    h->place = NULL;
    h->server->door->n--;
}

static void handshake_free(struct handshake *h)
{
    handshake_unlink(h);
    mem_free(h);
}

static void handshake_on_up(void *arg)
{
    struct handshake *h = arg;
    struct server *s = h->server;
    struct stream *stream = h->stream;
    struct http_peer peer = h->peer;
    tls_peer_key(stream, peer.fingerprint);
    handshake_free(h);
    http_server_accept(s->http, stream, &peer);
}

static void handshake_on_down(void *arg, const char *why)
{
    struct handshake *h = arg;
    LOG(LOG_DEBUG, "server.handshake", log_text("from", h->peer.address), log_text("why", why));
    handshake_free(h);
}

static void door_make_room(struct server_door *d, const char *address)
{
    struct handshake *oldest = NULL, *oldest_same = NULL;
    size_t same = 0;
    for (struct handshake *h = d->first; h; h = h->next) {
        oldest = h;
        if (strcmp(h->peer.address, address) != 0)
            continue;
        oldest_same = h;
        same++;
    }
    if (same >= SERVER_PEER_HANDSHAKES)
        oldest = oldest_same;
    else if (d->n < SERVER_HANDSHAKES)
        return;
    handshake_unlink(oldest);
    stream_close(oldest->stream, "there are too many handshakes");
}

static void handshake_begin(struct server *s, struct stream *below, const struct http_peer *peer)
{
    struct server_door *d = s->door;
    door_make_room(d, peer->address);
    struct handshake *h = mem_alloc(sizeof *h);
    *h = (struct handshake){.next = d->first, .place = &d->first, .server = s, .peer = *peer};
    if (h->next)
        h->next->place = &h->next;
    d->first = h;
    d->n++;
    h->stream = tls_accept(d->tls, below);
    const struct stream_handler handler = {
        .up = handshake_on_up, .down = handshake_on_down, .arg = h};
    stream_begin(h->stream, &handler);
}

static void door_accepted(void *arg, struct stream *stream)
{
    struct server *s = arg;
    struct http_peer peer = {.tls = s->door->tls != NULL};
    socket_peer(stream, peer.address);
    if (s->closing)
        stream_close(stream, "the controller is shutting down");
    else if (!s->door->tls)
        http_server_accept(s->http, stream, &peer);
    else
        handshake_begin(s, stream, &peer);
}

int server_door_open(struct server *s, struct err *err)
{
    const struct server_config *c = &s->config;
    s->door = mem_alloc(sizeof *s->door);
    int rc = c->identity ? tls_server_new(c->loop, c->identity, &s->door->tls, err) : 0;
    if (rc == 0)
        rc = socket_listen(c->loop, c->address, door_accepted, s, &s->door->listener, err);
    return rc;
}

int server_door_port(const struct server *s)
{
    return socket_listener_port(s->door->listener);
}

void server_door_close(struct server *s)
{
    if (!s->door)
        return;
    socket_listener_close(s->door->listener);
    for (struct handshake *h = s->door->first, *next; h; h = next) {
        next = h->next;
        stream_close(h->stream, "the controller is shutting down");
    }
}

void server_door_free(struct server *s)
{
    if (s->door)
        tls_server_free(s->door->tls);
    mem_free(s->door);
}
