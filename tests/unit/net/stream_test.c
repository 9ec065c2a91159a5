/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/socket.h"
#include "tests/test.h"

static uv_loop_t loop;

/* One end of a stream, and what it has seen. */
struct side {
    struct stream *stream;
    size_t sents, downs, read_bytes;
    char why[200], peer[SOCKET_PEER_BYTES];
};

static void side_on_read(void *arg, const char *bytes, size_t len)
{
    (void)bytes;
    ((struct side *)arg)->read_bytes += len;
}

static void side_on_down(void *arg, const char *why)
{
    struct side *side = arg;
    side->downs++;
    snprintf(side->why, sizeof side->why, "%s", why);
}

static void side_on_sent(void *arg)
{
    ((struct side *)arg)->sents++;
}

static struct stream_handler side_handler(struct side *side)
{
    return (struct stream_handler){
        .read = side_on_read, .down = side_on_down, .arg = side, .sent = side_on_sent};
}

static int side_open(struct side *side)
{
    int fds[2];
    struct stream_handler handler = side_handler(side);
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ASSERT_EQ(socket_open(&loop, fds[0], &handler, &side->stream, NULL), 0);
    return fds[1];
}

static void loop_end(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

static size_t drain(int fd, size_t len)
{
    static char bytes[64 << 10];
    size_t got = 0;
    while (got < len) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        uv_run(&loop, UV_RUN_NOWAIT);
        poll(&p, 1, 1);
        ssize_t n = (p.revents & POLLIN) ? read(fd, bytes, sizeof bytes) : 0;
        ASSERT(n >= 0);
        got += (size_t)n;
    }
    return got;
}

TEST(stream_ends_when_everything_was_sent)
{
    static char text[4 << 20];
    struct side side = {0};
    int fd = side_open(&side);
    stream_write(side.stream, "head", 4, text, sizeof text);
    ASSERT(stream_unsent(side.stream) > 0);
    stream_end(side.stream, "enough");
    stream_write(side.stream, "more", 4, NULL, 0); /* too late */
    uv_run(&loop, UV_RUN_NOWAIT);
    ASSERT_EQ(side.downs, 0);
    ASSERT_EQ(write(fd, "late", 4), 4);
    ASSERT_EQ(drain(fd, sizeof text + 4), sizeof text + 4);
    ASSERT_EQ(side.downs, 0); /* the peer has not closed its side */
    shutdown(fd, SHUT_WR);
    loop_end();
    ASSERT_EQ(side.read_bytes, 0);
    ASSERT_EQ(side.downs, 1);
    ASSERT_STR(side.why, "enough");
    ASSERT_EQ(read(fd, text, 1), 0);
    close(fd);
}

TEST(stream_tells_when_its_queue_is_empty)
{
    static char text[4 << 20];
    struct side side = {0};
    int fd = side_open(&side);
    stream_write(side.stream, text, sizeof text, text, sizeof text);
    uv_run(&loop, UV_RUN_NOWAIT);
    ASSERT_EQ(side.sents, 0);
    drain(fd, 2 * sizeof text);
    while (side.sents == 0)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(side.sents, 1);
    ASSERT_EQ(stream_unsent(side.stream), 0);
    stream_end(side.stream, "enough");
    close(fd);
    loop_end();
    ASSERT_EQ(side.downs, 1);
}

static void side_on_accept(void *arg, struct stream *s)
{
    struct side *side = arg;
    struct stream_handler handler = side_handler(side);
    side->stream = s;
    socket_peer(s, side->peer);
    stream_begin(s, &handler);
}

TEST(stream_names_its_peer)
{
    struct side server = {0}, client = {0};
    struct stream_handler handler = side_handler(&client);
    struct listener *l = NULL;
    char address[64];
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socket_listen(&loop, "127.0.0.1:0", side_on_accept, &server, &l, NULL), 0);
    snprintf(address, sizeof address, "127.0.0.1:%d", socket_listener_port(l));
    ASSERT_EQ(socket_connect(&loop, address, &handler, &client.stream, NULL), 0);
    while (!server.stream)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_STR(server.peer, "127.0.0.1");
    stream_close(server.stream, "enough");
    stream_close(client.stream, "enough");
    socket_listener_close(l);
    loop_end();
}

/* A kernel resets a connection that is closed with unread bytes; the answer would be lost. */
TEST(stream_end_over_tcp_loses_no_answer)
{
    static char text[3 << 20];
    struct side server = {0};
    struct listener *l = NULL;
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socket_listen(&loop, "127.0.0.1:0", side_on_accept, &server, &l, NULL), 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)socket_listener_port(l)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    while (!server.stream)
        uv_run(&loop, UV_RUN_ONCE);
    stream_pause(server.stream);
    ASSERT(write(fd, text, 64 << 10) > 0);
    stream_write(server.stream, text, 0, text, sizeof text);
    stream_end(server.stream, "refused");
    ASSERT_EQ(drain(fd, sizeof text), sizeof text);
    ASSERT_EQ(read(fd, text, 1), 0);
    close(fd);
    socket_listener_close(l);
    loop_end();
    ASSERT_EQ(server.downs, 1);
}

TEST(stream_end_gives_up_on_a_peer_that_does_not_read)
{
    static char text[3 << 20];
    struct side side = {0};
    int fd = side_open(&side);
    stream_write(side.stream, text, 0, text, sizeof text);
    stream_end(side.stream, "enough");
    loop_end(); /* ends, after STREAM_END_MS */
    ASSERT_EQ(side.downs, 1);
    ASSERT_STR(side.why, "enough");
    close(fd);
}

TEST(stream_close_cuts_an_end_short)
{
    static char text[3 << 20];
    struct side side = {0};
    int fd = side_open(&side);
    stream_write(side.stream, text, 0, text, sizeof text);
    stream_end(side.stream, "first");
    stream_close(side.stream, "second");
    uv_run(&loop, UV_RUN_NOWAIT);
    uv_run(&loop, UV_RUN_NOWAIT);
    ASSERT_EQ(side.downs, 1);
    ASSERT_STR(side.why, "first");
    loop_end();
    close(fd);
}

TEST(stream_end_while_it_connects)
{
    struct side side = {0};
    struct stream_handler handler = side_handler(&side);
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socket_connect(&loop, "localhost:1", &handler, &side.stream, NULL), 0);
    stream_end(side.stream, "changed my mind");
    loop_end();
    ASSERT_EQ(side.downs, 1);
    ASSERT_STR(side.why, "changed my mind");
}
