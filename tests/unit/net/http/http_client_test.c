/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/http/event_reader.h"
#include "net/socket.h"
#include "net/stream.h"
#include "net/tls/tls.h"
#include "tests/test.h"
#include "tests/unit/net/http/served.h"

/* A client, and what it got. */
struct caller {
    struct http_client *client;
    size_t dones, events, limit, body_len;
    int status, code;
    char body[200], why[300], seen[200];
    const char *then; /* the target of a second call, sent by `done` of the first */
};

static void caller_send(struct caller *c, const char *method, const char *target, const char *body);

static void caller_on_done(void *arg, const struct http_response *r, const struct err *why)
{
    struct caller *c = arg;
    c->dones++;
    if (r) {
        c->status = r->head->status;
        c->body_len = r->body_len;
        snprintf(c->body, sizeof c->body, "%s", r->body);
    } else {
        c->code = why->code;
        snprintf(c->why, sizeof c->why, "%s", why->text);
    }
    if (c->then) {
        const char *then = c->then;
        c->then = NULL;
        caller_send(c, "GET", then, NULL);
    }
}

static void caller_on_event(void *arg, const struct http_event *e)
{
    struct caller *c = arg;
    size_t at = strlen(c->seen);
    c->events++;
    snprintf(c->seen + at, sizeof c->seen - at, "[%s|%s|%s]", e->id, e->name, e->data);
}

static void caller_send(struct caller *c, const char *method, const char *target, const char *body)
{
    struct http_call call = {.method = method,
                             .target = target,
                             .body = body,
                             .body_len = body ? strlen(body) : 0,
                             .type = body ? "text/plain" : NULL,
                             .response_limit = c->limit > 0 ? c->limit : 100,
                             .limit_ms = 20000,
                             .done = caller_on_done,
                             .event = caller_on_event,
                             .arg = c};
    http_client_send(c->client, &call);
}

static void caller_begin(struct caller *c, struct served *s, int port)
{
    char address[64];
    struct stream *stream;
    memset(c, 0, sizeof *c);
    snprintf(address, sizeof address, "127.0.0.1:%d", port);
    ASSERT_EQ(socket_connect(&s->loop, address, NULL, &stream, NULL), 0);
    c->client = http_client_new(&s->loop, stream, "127.0.0.1");
}

static void caller_wait(struct caller *c, struct served *s, size_t dones)
{
    while (c->dones < dones)
        uv_run(&s->loop, UV_RUN_ONCE);
}

TEST(http_client_keeps_its_connection)
{
    struct served s;
    struct caller c;
    served_begin(&s, NULL);
    caller_begin(&c, &s, served_port(&s));
    c.then = "/later";
    caller_send(&c, "POST", "/echo", "some text");
    caller_wait(&c, &s, 1);
    ASSERT_EQ(c.status, 200);
    caller_wait(&c, &s, 2);
    ASSERT_STR(c.body, "later");
    caller_send(&c, "HEAD", "/", NULL);
    caller_wait(&c, &s, 3);
    ASSERT_STR(c.body, "");
    caller_send(&c, "GET", "/refuse", NULL);
    caller_wait(&c, &s, 4);
    ASSERT_EQ(c.status, 403);
    ASSERT(http_client_is_open(c.client));
    ASSERT_EQ(http_server_connections(s.server), 1);
    caller_send(&c, "GET", "/large", NULL); /* over its limit */
    caller_wait(&c, &s, 5);
    ASSERT_EQ(c.code, ERR_LIMIT);
    caller_send(&c, "GET", "/", NULL);
    caller_wait(&c, &s, 6);
    ASSERT(!http_client_is_open(c.client));
    http_client_close(c.client);
    served_end(&s);
}

TEST(http_client_reads_events)
{
    struct served s;
    struct caller c;
    served_begin(&s, NULL);
    caller_begin(&c, &s, served_port(&s));
    caller_send(&c, "GET", "/events", NULL);
    caller_wait(&c, &s, 1);
    ASSERT_STR(c.seen, "[1|first|one][2||two\nlines][2||]");
    ASSERT_EQ(c.status, 200);
    ASSERT_STR(c.body, "");
    ASSERT(!http_client_is_open(c.client));
    http_client_close(c.client);
    served_end(&s);
}

TEST(http_client_names_its_trouble)
{
    struct served s;
    struct caller c;
    served_begin(&s, NULL);
    caller_begin(&c, &s, 1);
    caller_send(&c, "GET", "/", NULL);
    caller_wait(&c, &s, 1);
    ASSERT_EQ(c.code, ERR_UNREACHABLE);
    ASSERT_EQ(strncmp(c.why, "no connection to 127.0.0.1:1", 28), 0);
    http_client_close(c.client);
    caller_begin(&c, &s, served_port(&s));
    struct http_call call = {
        .method = "GET", .target = "/never", .limit_ms = 10, .done = caller_on_done, .arg = &c};
    http_client_send(c.client, &call);
    caller_wait(&c, &s, 1);
    ASSERT_EQ(c.code, ERR_UNREACHABLE);
    ASSERT_STR(c.why, "no answer for 0.01 s");
    http_client_close(c.client);
    caller_begin(&c, &s, socket_listener_port(s.listener));
    caller_send(&c, "GET", "/never", NULL);
    http_client_close(c.client); /* drops the call */
    served_end(&s);
    ASSERT_EQ(c.dones, 0);
}

/* A server of which TLS is accepted before HTTP. */
struct tls_door {
    struct served *served;
    struct tls_server *tls;
    struct stream *stream;
    struct http_peer peer;
};

static void door_on_up(void *arg)
{
    struct tls_door *d = arg;
    char key[IDENTITY_FINGERPRINT_BYTES];
    tls_peer_key(d->stream, key);
    snprintf(d->peer.fingerprint, sizeof d->peer.fingerprint, "%s", key);
    http_server_accept(d->served->server, d->stream, &d->peer);
}

static void door_on_stream(void *arg, struct stream *below)
{
    struct tls_door *d = arg;
    struct stream_handler handler = {.up = door_on_up, .arg = d};
    d->peer.tls = true;
    d->stream = tls_accept(d->tls, below);
    stream_begin(d->stream, &handler);
}

TEST(http_client_over_tls)
{
    struct served s;
    struct caller c = {.dones = 0};
    struct tls_door door = {.served = &s};
    struct identity *id;
    struct listener *l;
    struct stream *stream;
    char address[64];
    served_begin(&s, NULL);
    ASSERT_EQ(identity_make("test", 1, &id, NULL), 0);
    ASSERT_EQ(tls_server_new(&s.loop, id, &door.tls, NULL), 0);
    ASSERT_EQ(socket_listen(&s.loop, "127.0.0.1:0", door_on_stream, &door, &l, NULL), 0);
    snprintf(address, sizeof address, "127.0.0.1:%d", socket_listener_port(l));
    struct tls_trust trust = {.pin = identity_fingerprint(id), .identity = id};
    ASSERT_EQ(tls_connect(&s.loop, address, &trust, NULL, &stream, NULL), 0);
    c.client = http_client_new(&s.loop, stream, "127.0.0.1");
    c.limit = 8 << 20;
    caller_send(&c, "GET", "/large", NULL); /* of many records */
    caller_wait(&c, &s, 1);
    ASSERT_EQ(c.body_len, 4 << 20);
    ASSERT_STR(s.fingerprint, identity_fingerprint(id));
    caller_send(&c, "POST", "/echo", "abc");
    caller_wait(&c, &s, 2);
    ASSERT_STR(c.body, "abc");
    caller_send(&c, "GET", "/events", NULL);
    caller_wait(&c, &s, 3);
    ASSERT_STR(c.seen, "[1|first|one][2||two\nlines][2||]");
    http_client_close(c.client);
    trust.pin = "0000000000000000000000000000000000000000000000000000000000000000";
    ASSERT_EQ(tls_connect(&s.loop, address, &trust, NULL, &stream, NULL), 0);
    c.client = http_client_new(&s.loop, stream, "127.0.0.1");
    caller_send(&c, "GET", "/", NULL);
    caller_wait(&c, &s, 4);
    ASSERT(c.code != 0 && c.code != ERR_UNREACHABLE);
    http_client_close(c.client);
    socket_listener_close(l);
    served_end(&s);
    tls_server_free(door.tls);
    identity_free(id);
}

/* What a client makes of these bytes, after which the server closes. */
static void expect_response(const char *response, int status, const char *body, const char *why)
{
    uv_loop_t loop;
    struct caller c = {0};
    struct stream *stream;
    int fds[2];
    struct stream_handler none = {.arg = NULL};
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ASSERT_EQ(socket_open(&loop, fds[0], &none, &stream, NULL), 0);
    ASSERT_EQ(write(fds[1], response, strlen(response)), (ssize_t)strlen(response));
    ASSERT_EQ(shutdown(fds[1], SHUT_WR), 0);
    c.client = http_client_new(&loop, stream, "h");
    caller_send(&c, "GET", "/", NULL);
    while (c.dones == 0)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(c.status, status);
    ASSERT_STR(c.body, body);
    if (!strstr(c.why, why))
        FAIL("%s is not in %s", why, c.why);
    http_client_close(c.client);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
    close(fds[1]);
}

TEST(http_client_reads_what_servers_send)
{
    expect_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, "ab", "");
    expect_response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, "", "");
    expect_response("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end", "");
    expect_response("HTTP/1.1 404 \r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 404,
                    "ab", "");
    expect_response("HTTP/1.1 304 OK\r\nContent-Length: 9\r\n\r\n", 304, "", "");
    expect_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", 0, "", "the peer closed it");
    expect_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\nab", 0, "",
                    "cannot be read");
    expect_response("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\nab", 0, "", "too long");
    expect_response("HTTP/2.0 200 OK\r\n\r\n", 0, "", "cannot be read");
    expect_response("HTTP/1.1 200 OK\nContent-Length: 2\n\nab", 0, "", "cannot be read");
    expect_response("SSH-2.0-OpenSSH_9.2\r\n", 0, "", "");
    expect_response("", 0, "", "the peer closed it");
}

TEST(event_reader_follows_the_standard)
{
    static const char text[] = ": a comment\n\nid: 7\r\ndata:a\r\ndata:  b\rdata\n\n"
                               "event: x\n\nevent: y\nid\ndata: z\n\nretry: 5\nother\ndata: cut";
    for (size_t piece = 1; piece <= sizeof text; piece += sizeof text - 1) {
        struct event_reader r;
        char seen[200] = "";
        event_reader_init(&r);
        for (size_t at = 0; at < sizeof text - 1; at += piece) {
            const char *bytes = text + at;
            size_t len = piece < sizeof text - 1 - at ? piece : sizeof text - 1 - at, data_len;
            while (event_reader_step(&r, &bytes, &len) == 1) {
                size_t end = strlen(seen);
                snprintf(seen + end, sizeof seen - end, "[%s|%s|%s]", event_reader_id(&r),
                         event_reader_name(&r), event_reader_data(&r, &data_len));
            }
        }
        event_reader_done(&r);
        ASSERT_STR(seen, "[7||a\n b\n][|y|z]");
    }
}
