/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_server.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/http/http_connection.h"
#include "net/stream.h"

/* A request's id: the number of its connection, then the number of the request on it. */
enum { SERIAL_BITS = 32 };

struct entry {
    struct http_connection *connection;
    uint64_t number;
    bool evicted; /* closed, and no longer counted */
};

struct http_server {
    struct http_shared shared;
    struct map entries; /* number -> struct entry *, in the order of their acceptance */
    uint64_t last;
    bool closing;
};

static void server_free_if_unused(struct http_server *s)
{
    if (!s->closing || s->entries.live > 0)
        return;
    map_done(&s->entries);
    mem_free(s);
}

static struct entry *server_find(const struct http_server *s, uint64_t request)
{
    uint64_t number = request >> SERIAL_BITS;
    struct entry *e = map_find(&s->entries, &number, sizeof number);
    return e && request != 0 && http_connection_request(e->connection) == request ? e : NULL;
}

static void server_on_closed(void *server, uint64_t first_id)
{
    struct http_server *s = server;
    uint64_t number = first_id >> SERIAL_BITS;
    mem_free(map_remove(&s->entries, &number, sizeof number));
    server_free_if_unused(s);
}

static uint32_t server_value(uint32_t value, uint32_t otherwise)
{
    return value != 0 ? value : otherwise;
}

struct http_server *http_server_new(uv_loop_t *loop, const struct http_config *config,
                                    const struct http_handler *handler)
{
    struct http_server *s = mem_alloc(sizeof *s);
    s->shared = (struct http_shared){loop, *config, *handler, server_on_closed, s};
    struct http_config *c = &s->shared.config;
    c->header_ms = server_value(c->header_ms, 10000);
    c->idle_ms = server_value(c->idle_ms, 75000);
    c->rate_ms = server_value(c->rate_ms, 10000);
    c->body_rate = server_value(c->body_rate, 1024);
    c->read_rate = server_value(c->read_rate, 1024);
    c->beat_ms = server_value(c->beat_ms, 15000);
    c->connections = server_value(c->connections, LIMIT_HTTP_CONNECTIONS);
    c->peer_connections = server_value(c->peer_connections, LIMIT_HTTP_PEER_CONNECTIONS);
    c->peer_strangers = server_value(c->peer_strangers, LIMIT_HTTP_PEER_STRANGERS);
    map_init(&s->entries);
    return s;
}

size_t http_server_connections(const struct http_server *s)
{
    return s->entries.live;
}

size_t http_server_unsent(const struct http_server *s)
{
    size_t n = 0;
    void *value;
    for (size_t at = 0; map_next(&s->entries, &at, &value);)
        n += http_connection_unsent(((struct entry *)value)->connection);
    return n;
}

/* The connections that one of the limits counts. */
struct group {
    const char *address; /* NULL: any */
    bool strangers;      /* only those without an accepted request */
    uint32_t limit;
};

static bool group_has(const struct group *g, const struct entry *e)
{
    const struct http_connection *c = e->connection;
    return !e->evicted && !(g->strangers && http_connection_is_trusted(c)) &&
           (!g->address || strcmp(http_connection_peer(c)->address, g->address) == 0);
}

/* Makes room for one more: closes the oldest that has no request to be answered; strangers first.
 * False where all are busy. */
static bool server_make_room(struct http_server *s, const struct group *g)
{
    struct entry *oldest = NULL;
    size_t n = 0;
    void *value;
    if (s->entries.live < g->limit)
        return true;
    for (size_t at = 0; map_next(&s->entries, &at, &value);) {
        struct entry *e = value;
        if (!group_has(g, e))
            continue;
        n++;
        if (!http_connection_is_busy(e->connection) &&
            (!oldest || (http_connection_is_trusted(oldest->connection) &&
                         !http_connection_is_trusted(e->connection))))
            oldest = e;
    }
    if (n < g->limit)
        return true;
    if (!oldest)
        return false;
    oldest->evicted = true;
    http_connection_close(oldest->connection, "there are too many connections");
    return true;
}

static bool server_has_room(struct http_server *s, const char *address)
{
    const struct http_config *config = &s->shared.config;
    const struct group groups[] = {{NULL, false, config->connections},
                                   {address, false, config->peer_connections},
                                   {address, true, config->peer_strangers}};
    size_t n = address[0] ? 3 : 1;
    for (size_t i = 0; i < n; i++)
        if (!server_make_room(s, &groups[i]))
            return false;
    return true;
}

void http_server_accept(struct http_server *s, struct stream *stream, const struct http_peer *peer)
{
    if (s->closing || !server_has_room(s, peer->address)) {
        stream_close(stream, "there are too many connections");
        return;
    }
    struct entry *e = mem_alloc(sizeof *e);
    e->number = ++s->last;
    e->connection = http_connection_new(&s->shared, stream, peer, (e->number << SERIAL_BITS) + 1);
    map_put(&s->entries, &e->number, sizeof e->number, e);
}

void http_server_close(struct http_server *s)
{
    void *value;
    if (!s)
        return;
    s->closing = true;
    for (size_t at = 0; map_next(&s->entries, &at, &value);)
        http_connection_close(((struct entry *)value)->connection, "the server ends");
    server_free_if_unused(s);
}

const struct http_head *http_server_head(struct http_server *s, uint64_t request)
{
    struct entry *e = server_find(s, request);
    return e ? http_connection_head(e->connection) : NULL;
}

bool http_server_reply(struct http_server *s, uint64_t request, const struct http_answer *answer)
{
    struct entry *e = server_find(s, request);
    if (e)
        http_connection_reply(e->connection, answer);
    else if (answer->file)
        close(answer->file->fd);
    return e;
}

size_t http_server_unsent_to(struct http_server *s, uint64_t request)
{
    struct entry *e = server_find(s, request);
    return e ? http_connection_unsent(e->connection) : 0;
}

bool http_server_pieces(struct http_server *s, uint64_t request, const struct http_answer *answer)
{
    struct entry *e = server_find(s, request);
    if (e)
        http_connection_pieces(e->connection, answer);
    return e && server_find(s, request);
}

bool http_server_piece(struct http_server *s, uint64_t request, const void *bytes, size_t len)
{
    struct entry *e = server_find(s, request);
    if (e)
        http_connection_piece(e->connection, bytes, len);
    return e && server_find(s, request);
}

void http_server_pieces_end(struct http_server *s, uint64_t request, bool whole)
{
    struct entry *e = server_find(s, request);
    if (e)
        http_connection_pieces_end(e->connection, whole);
}

bool http_server_events(struct http_server *s, uint64_t request, const char *headers)
{
    struct entry *e = server_find(s, request);
    if (e)
        http_connection_events(e->connection, headers);
    return e;
}

bool http_server_event(struct http_server *s, uint64_t request, const char *id, const char *name,
                       const char *data, size_t len)
{
    struct entry *e = server_find(s, request);
    if (e)
        http_connection_event(e->connection, id, name, data, len);
    return e && server_find(s, request);
}

void http_server_events_end(struct http_server *s, uint64_t request)
{
    struct entry *e = server_find(s, request);
    if (e)
        http_connection_events_end(e->connection);
}

void http_server_drop(struct http_server *s, uint64_t sender, const char *why)
{
    void *value;
    for (size_t at = 0; map_next(&s->entries, &at, &value);) {
        struct entry *e = value;
        if (http_connection_sender(e->connection) == sender)
            http_connection_close(e->connection, why);
    }
}

struct stream *http_server_upgrade(struct http_server *s, uint64_t request, const char *headers,
                                   const char **rest, size_t *rest_len)
{
    struct entry *e = server_find(s, request);
    return e ? http_connection_upgrade(e->connection, headers, rest, rest_len) : NULL;
}
