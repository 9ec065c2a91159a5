/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links over WebSocket: between our own two sides, and against what others would send. */
#include "net/link.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/http/http_server.h"
#include "net/socket.h"
#include "net/stream.h"
#include "net/web_socket_handshake.h"
#include "tests/test.h"

struct side {
    struct link *link;
    size_t ups, frames, downs, refusals;
    int code, status;
    char last[64], why[200];
    bool echo;
};

static uv_loop_t loop;
static struct http_server *server;
static struct listener *listener;
static struct side accepted;
static int refuse_with; /* a status; 0: none */
static char authorization[64], path[64];

static void side_on_up(void *arg)
{
    struct side *s = arg;
    s->ups++;
    link_send(s->link, "hello", 5);
}

static void side_on_frame(void *arg, const char *text, size_t len)
{
    struct side *s = arg;
    ASSERT(len > 0);
    s->frames++;
    snprintf(s->last, sizeof s->last, "%.*s", (int)len, text);
    if (s->echo)
        link_send(s->link, text, len);
}

static void side_on_down(void *arg, const char *why, int64_t silent_ms)
{
    struct side *s = arg;
    (void)silent_ms;
    s->downs++;
    snprintf(s->why, sizeof s->why, "%s", why);
}

static void side_on_refused(void *arg, int code, int status, const char *why)
{
    struct side *s = arg;
    ASSERT(s->downs == 0 && *why);
    s->refusals++;
    s->code = code;
    s->status = status;
}

static struct link_handler side_handler(struct side *s, uint32_t beat_ms, uint32_t silent_ms)
{
    return (struct link_handler){.up = side_on_up,
                                 .frame = side_on_frame,
                                 .down = side_on_down,
                                 .arg = s,
                                 .beat_ms = beat_ms,
                                 .silent_ms = silent_ms,
                                 .refused = side_on_refused};
}

static void server_on_head(void *arg, struct http_request *r)
{
    const char *given = http_head_find(r->head, "authorization"), *why;
    (void)arg;
    snprintf(authorization, sizeof authorization, "%s", given ? given : "");
    snprintf(path, sizeof path, "%s", r->head->path);
    ASSERT_EQ(web_socket_handshake_check(r->head, &why), 0);
    struct http_answer a = {.status = refuse_with,
                            .type = "application/json",
                            .body = "{\"error\":\"the reason\"}",
                            .len = 22};
    if (refuse_with != 0)
        http_server_reply(server, r->id, &a);
}

static void server_on_request(void *arg, struct http_request *r)
{
    struct link_handler handler = side_handler(&accepted, 0, 0);
    struct buf headers;
    const char *rest;
    size_t len;
    (void)arg;
    buf_init(&headers, SIZE_MAX);
    web_socket_handshake_answer(r->head, &headers);
    struct stream *s = http_server_upgrade(server, r->id, buf_str(&headers), &rest, &len);
    accepted.link = link_accept_web(&loop, s, rest, len, &handler);
    buf_done(&headers);
}

static void server_on_stream(void *arg, struct stream *s)
{
    struct http_peer peer = {.tls = false};
    (void)arg;
    http_server_accept(server, s, &peer);
}

static int server_begin(void)
{
    struct http_config config = {.header_ms = 0};
    struct http_handler handler = {.head = server_on_head, .request = server_on_request};
    ASSERT_EQ(uv_loop_init(&loop), 0);
    server = http_server_new(&loop, &config, &handler);
    ASSERT_EQ(socket_listen(&loop, "127.0.0.1:0", server_on_stream, NULL, &listener, NULL), 0);
    return socket_listener_port(listener);
}

static void server_end(void)
{
    http_server_close(server);
    socket_listener_close(listener);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

static void side_dial(struct side *s, int port)
{
    struct link_handler handler = side_handler(s, 0, 0);
    struct link_target target = {"127.0.0.1", "/agent/v1", "secret"};
    struct stream *stream;
    char address[64];
    snprintf(address, sizeof address, "127.0.0.1:%d", port);
    ASSERT_EQ(socket_connect(&loop, address, NULL, &stream, NULL), 0);
    s->link = link_dial(&loop, stream, &target, &handler);
}

TEST(link_over_web_socket)
{
    struct side client = {0};
    accepted.echo = true;
    side_dial(&client, server_begin());
    ASSERT(!link_is_up(client.link));
    while (client.frames == 0)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_STR(client.last, "hello");
    ASSERT_STR(authorization, "Bearer secret");
    ASSERT_STR(path, "/agent/v1");
    ASSERT(client.ups == 1 && accepted.ups == 0 && accepted.frames == 1);
    link_close(accepted.link, "enough");
    server_end();
    ASSERT(client.downs == 1 && accepted.downs == 1 && client.refusals == 0);
    ASSERT_STR(accepted.why, "enough");
    ASSERT_STR(client.why, "the peer closed it: enough");
}

TEST(link_tells_a_refusal_from_trouble)
{
    static const struct {
        int status, refusals, code;
        const char *why;
    } cases[] = {
        {401, 1, ERR_PERMISSION, "the server refused the connection: the reason (401)"},
        {403, 1, ERR_PERMISSION, "the server refused the connection: the reason (403)"},
        {404, 1, ERR_NOT_FOUND, "the server refused the connection: the reason (404)"},
        {426, 1, ERR_PROTOCOL, "the server refused the connection: the reason (426)"},
        {429, 0, 0, "the server refused the connection: the reason (429)"},
        {503, 0, 0, "the server refused the connection: the reason (503)"},
    };
    int port = server_begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct side client = {0};
        refuse_with = cases[i].status;
        side_dial(&client, port);
        while (client.downs == 0)
            uv_run(&loop, UV_RUN_ONCE);
        ASSERT_EQ(client.ups, 0);
        ASSERT_EQ(client.refusals, cases[i].refusals);
        ASSERT_EQ(client.code, cases[i].code);
        ASSERT_EQ(client.status, cases[i].refusals ? cases[i].status : 0);
        ASSERT_STR(client.why, cases[i].why);
    }
    struct side client = {0};
    side_dial(&client, 1); /* nobody listens */
    while (client.downs == 0)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(client.refusals, 0);
    server_end();
}

/* A link whose server is a plain descriptor that sends these bytes, and closes. */
static void expect_answer(const char *bytes, size_t len, int code, const char *why)
{
    struct side client = {0};
    struct link_handler handler = side_handler(&client, 0, 0);
    struct link_target target = {"h", "/", NULL};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t at_len = sizeof at;
    struct stream *stream;
    char address[64];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ASSERT(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0);
    ASSERT_EQ(getsockname(fd, (struct sockaddr *)&at, &at_len), 0);
    ASSERT_EQ(uv_loop_init(&loop), 0);
    snprintf(address, sizeof address, "127.0.0.1:%d", ntohs(at.sin_port));
    ASSERT_EQ(socket_connect(&loop, address, NULL, &stream, NULL), 0);
    client.link = link_dial(&loop, stream, &target, &handler);
    int peer = -1;
    while ((peer = accept(fd, NULL, NULL)) < 0)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(write(peer, bytes, len), (ssize_t)len);
    ASSERT_EQ(shutdown(peer, SHUT_WR), 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
    ASSERT(client.downs == 1 && client.ups == 0);
    ASSERT_EQ(client.code, code);
    if (!strstr(client.why, why))
        FAIL("%s is not in %s", why, client.why);
    close(peer);
    close(fd);
}

#define EXPECT_ANSWER(bytes, code, why) expect_answer(bytes, sizeof(bytes) - 1, code, why)

TEST(link_refuses_other_servers)
{
    EXPECT_ANSWER("HTTP/1.1 101 Hi\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                  ERR_PROTOCOL, "does not speak WebSocket");
    EXPECT_ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", ERR_PROTOCOL, "OK (200)");
    EXPECT_ANSWER("HTTP/1.1 404 x\r\n\r\n{\"error\":\"no such page\"}", ERR_NOT_FOUND,
                  "no such page (404)");
    EXPECT_ANSWER("SSH-2.0-OpenSSH_9.2\r\n\r\n", ERR_PROTOCOL, "does not speak HTTP");
    EXPECT_ANSWER("HTTP/1.1 101 Swi", 0, "the peer closed it");
    EXPECT_ANSWER("", 0, "the peer closed it");
}

/* A link whose client is a plain descriptor; `rest` was read with the handshake. */
static int side_open(struct side *s, const char *rest, size_t len, uint32_t beat_ms)
{
    struct link_handler handler = side_handler(s, beat_ms, 0);
    struct stream_handler none = {.arg = NULL};
    struct stream *stream;
    int fds[2];
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ASSERT_EQ(socket_open(&loop, fds[0], &none, &stream, NULL), 0);
    s->link = link_accept_web(&loop, stream, rest, len, &handler);
    return fds[1];
}

static void side_expect(struct side *s, int fd, const char *expected, size_t len)
{
    char got[256];
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
    ASSERT_EQ(s->downs, 1);
    ASSERT_EQ(read(fd, got, sizeof got), (ssize_t)len);
    ASSERT_EQ(memcmp(got, expected, len), 0);
    close(fd);
}

TEST(link_hands_out_what_came_with_the_handshake)
{
    struct side s = {0};
    int fd = side_open(&s, "\x81\x82\0\0\0\0hi\x81\x80\0\0\0\0\x89\x81\0\0\0\0x", 21, 0);
    ASSERT_EQ(s.frames, 0);
    while (s.frames == 0)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_STR(s.last, "hi");
    ASSERT_EQ(s.frames, 1); /* the second was a beat */
    link_close(s.link, "enough");
    side_expect(&s, fd,
                "\x8a\x01x\x88\x08\x03\xe8"
                "enough",
                13);
}

TEST(link_answers_a_close)
{
    struct side s = {0};
    int fd = side_open(&s,
                       "\x88\x85\0\0\0\0\x03\xe9"
                       "bye",
                       11, 0);
    side_expect(&s, fd, "\x88\x02\x03\xe8", 4);
    ASSERT_STR(s.why, "the peer closed it: bye");
}

TEST(link_names_the_fault_of_a_web_socket)
{
    struct side s = {0};
    int fd = side_open(&s, "\x82\x80\0\0\0\0", 6, 0);
    side_expect(&s, fd,
                "\x88\x21\x03\xeb"
                "a WebSocket message is not text",
                35);
    ASSERT_STR(s.why, "a WebSocket message is not text");
    ASSERT_EQ(s.refusals, 0);
}

TEST(link_beats_over_web_socket)
{
    struct side s = {0};
    char got[2];
    int fd = side_open(&s, NULL, 0, 5);
    while (recv(fd, got, 2, MSG_DONTWAIT) != 2)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(memcmp(got, "\x81\0", 2), 0);
    close(fd);
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}
