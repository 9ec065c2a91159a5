/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/link.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/address.h"
#include "net/socket.h"
#include "tests/test.h"

/* One end of a link, and what it has seen. */
struct end {
    struct link *link;
    size_t ups, frames, downs;
    char last[64], why[200];
    int64_t silent_ms;
    bool echo;
};

static uv_loop_t loop;

static void end_on_up(void *arg)
{
    struct end *e = arg;
    e->ups++;
    link_send(e->link, "hello", 5);
}

static void end_on_frame(void *arg, const char *text, size_t len)
{
    struct end *e = arg;
    ASSERT(len > 0);
    e->frames++;
    snprintf(e->last, sizeof e->last, "%.*s", (int)len, text);
    if (e->echo)
        link_send(e->link, text, len);
}

static void end_on_down(void *arg, const char *why, int64_t silent_ms)
{
    struct end *e = arg;
    e->downs++;
    e->silent_ms = silent_ms;
    snprintf(e->why, sizeof e->why, "%s", why);
}

static struct link_handler end_handler(struct end *e, uint32_t beat_ms, uint32_t silent_ms)
{
    return (struct link_handler){.up = end_on_up,
                                 .frame = end_on_frame,
                                 .down = end_on_down,
                                 .arg = e,
                                 .beat_ms = beat_ms,
                                 .silent_ms = silent_ms};
}

static void end_on_accept(void *arg, struct stream *s)
{
    struct end *e = arg;
    struct link_handler handler = end_handler(e, 0, 0);
    e->link = link_accept(&loop, s, &handler);
}

static void loop_end(void)
{
    uv_run(&loop, UV_RUN_DEFAULT);
    ASSERT_EQ(uv_loop_close(&loop), 0);
}

/* A link whose other end is a plain descriptor. */
static int end_open(struct end *e, uint32_t beat_ms, uint32_t silent_ms)
{
    int fds[2];
    struct link_handler handler = end_handler(e, beat_ms, silent_ms);
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ASSERT_EQ(link_open(&loop, fds[0], &handler, &e->link, NULL), 0);
    return fds[1];
}

static void talk(const char *listen_on, const char *connect_to)
{
    struct end server = {.echo = true}, client = {0};
    struct link_handler handler = end_handler(&client, 0, 0);
    struct listener *l = NULL;
    char address[64];
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(socket_listen(&loop, listen_on, end_on_accept, &server, &l, NULL), 0);
    snprintf(address, sizeof address, connect_to, socket_listener_port(l));
    ASSERT_EQ(link_connect(&loop, address, &handler, &client.link, NULL), 0);
    while (client.frames == 0)
        uv_run(&loop, UV_RUN_ONCE);
    ASSERT_EQ(client.ups, 1);
    ASSERT_STR(server.last, "hello");
    ASSERT_STR(client.last, "hello");
    link_close(server.link, "enough");
    link_close(server.link, "again");
    socket_listener_close(l);
    loop_end();
    ASSERT(server.downs == 1 && client.downs == 1);
    ASSERT_STR(server.why, "enough");
    ASSERT_STR(client.why, "the peer closed it");
}

TEST(link_over_tcp)
{
    talk("127.0.0.1:0", "127.0.0.1:%d");
}

TEST(link_over_tcp_by_name)
{
    talk("127.0.0.1:0", "localhost:%d"); /* which may be ::1 first */
}

TEST(link_over_a_unix_socket)
{
    char folder[] = "/tmp/besom-link-XXXXXX", address[64];
    ASSERT(mkdtemp(folder));
    snprintf(address, sizeof address, "unix:%s/socket", folder);
    talk(address, address);
    ASSERT_EQ(rmdir(folder), 0); /* the listener took its socket along */
}

TEST(link_that_finds_nobody_says_so)
{
    static const char *const nowhere[] = {"unix:/nowhere/socket", "127.0.0.1:1"};
    for (size_t i = 0; i < 2; i++) {
        struct end e = {0};
        struct link_handler handler = end_handler(&e, 0, 0);
        ASSERT_EQ(uv_loop_init(&loop), 0);
        ASSERT_EQ(link_connect(&loop, nowhere[i], &handler, &e.link, NULL), 0);
        loop_end();
        ASSERT(e.ups == 0 && e.downs == 1);
        ASSERT_EQ(strncmp(e.why, "no connection to ", 17), 0);
        ASSERT(strstr(e.why, nowhere[i]));
    }
}

TEST(link_closed_while_it_connects)
{
    struct end e = {0};
    struct link_handler handler = end_handler(&e, 0, 0);
    ASSERT_EQ(uv_loop_init(&loop), 0);
    ASSERT_EQ(link_connect(&loop, "localhost:1", &handler, &e.link, NULL), 0);
    link_close(e.link, "changed my mind");
    loop_end();
    ASSERT(e.ups == 0 && e.downs == 1);
    ASSERT_STR(e.why, "changed my mind");
}

/* Links that are half open are found within 30 s, whatever the moment of the last beat. */
static_assert(LINK_SILENT_MS + LINK_BEAT_MS <= 30000, "a link that is half open is found too late");

TEST(link_beats_and_closes_what_is_silent)
{
    struct end e = {0};
    int fd = end_open(&e, 10, 60);
    loop_end(); /* ends: the peer says nothing */
    ASSERT_EQ(e.downs, 1);
    ASSERT_STR(e.why, "no message for 0.06 s");
    ASSERT(e.silent_ms >= 60);
    char beats[64];
    ASSERT_EQ(read(fd, beats, 4), 4);
    ASSERT_EQ(memcmp(beats, "\0\0\0\0", 4), 0);
    close(fd);
}

TEST(link_is_kept_by_beats_alone)
{
    struct end e = {0};
    int fd = end_open(&e, 20, 200);
    uint64_t begun = uv_now(&loop);
    while (e.downs == 0 && uv_now(&loop) - begun < 600) {
        ASSERT_EQ(write(fd, "\0\0\0\0", 4), 4);
        uv_run(&loop, UV_RUN_ONCE);
    }
    ASSERT(e.downs == 0 && e.frames == 0);
    link_close(e.link, "enough");
    loop_end();
    close(fd);
}

/* A process that was stopped finds its timers due before what its peers sent meanwhile. */
TEST(link_outlives_a_pause_of_our_own)
{
    struct end e = {0};
    int fd = end_open(&e, 10, 100);
    uv_run(&loop, UV_RUN_NOWAIT);
    poll(NULL, 0, 300);
    uv_run(&loop, UV_RUN_NOWAIT);
    uv_run(&loop, UV_RUN_NOWAIT);
    ASSERT_EQ(e.downs, 0);
    loop_end(); /* but the peer has no more than its time again */
    ASSERT_STR(e.why, "no message for 0.1 s");
    close(fd);
}

TEST(link_is_closed_where_the_peer_does_not_read)
{
    static char text[LIMIT_FRAME_BYTES];
    struct end e = {0};
    int fd = end_open(&e, 0, 0);
    size_t sent = 0;
    for (; e.downs == 0 && sent < 100; sent++) {
        link_send(e.link, text, sizeof text);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    loop_end();
    ASSERT(sent > LIMIT_LINK_QUEUE_BYTES / LIMIT_FRAME_BYTES - 1 && sent < 70);
    ASSERT_STR(e.why, "the peer does not read its messages");
    close(fd);
}

TEST(address_forms)
{
    struct address a;
    ASSERT_EQ(address_parse("127.0.0.1:80", &a, NULL), 0);
    ASSERT(!a.unix_socket);
    ASSERT_STR(a.host, "127.0.0.1");
    ASSERT_STR(a.port, "80");
    ASSERT_EQ(address_parse("[::1]:65535", &a, NULL), 0);
    ASSERT_STR(a.host, "::1");
    ASSERT_EQ(address_parse("unix:/a/b:c", &a, NULL), 0);
    ASSERT(a.unix_socket);
    ASSERT_STR(a.host, "/a/b:c");
    static const char *const bad[] = {"",           "host",    "host:",    ":80",
                                      "host:65536", "::1:1",   "host:80x", "[]:1",
                                      "unix:",      "host:-1", "h:1:2",    "[::1:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT_EQ(address_parse(bad[i], &a, NULL), ERR_USAGE);
}
