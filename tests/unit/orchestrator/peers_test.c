/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/peers.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/limits.h"
#include "net/frame.h"
#include "tests/test.h"

enum { UNKNOWN_FRAMES = 300000, PIECE = 64 << 10, NEVER_MS = 1 << 30 };

/* A controller's side of one link; the test writes the other end. */
struct side {
    uv_loop_t loop;
    struct arena arena;
    struct peers *peers;
    int fd;
    size_t messages, most_bytes, downs;
    char why[200];
};

static void side_on_message(void *arg, uint32_t peer, const struct message *m)
{
    struct side *s = arg;
    ASSERT_EQ(peer, 1);
    ASSERT_EQ(m->type, MESSAGE_STOP);
    s->messages++;
    s->most_bytes = s->arena.bytes > s->most_bytes ? s->arena.bytes : s->most_bytes;
}

static void side_on_down(void *arg, uint32_t peer, const char *why, int64_t silent_ms)
{
    ASSERT(silent_ms >= 0);
    struct side *s = arg;
    ASSERT_EQ(peer, 1);
    s->downs++;
    snprintf(s->why, sizeof s->why, "%s", why);
}

static void side_start(struct side *s, uint64_t hello_ms)
{
    int fds[2];
    struct peers_config config = {
        .message = side_on_message, .down = side_on_down, .arg = s, .hello_ms = hello_ms};
    *s = (struct side){.fd = -1};
    ASSERT_EQ(uv_loop_init(&s->loop), 0);
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    arena_init(&s->arena);
    s->peers = peers_new(&s->loop, &s->arena, &config);
    ASSERT_EQ(peers_attach(s->peers, fds[0], NULL), 0);
    s->fd = fds[1];
    ASSERT_EQ(fcntl(s->fd, F_SETFL, O_NONBLOCK), 0);
}

static void side_stop(struct side *s)
{
    peers_close(s->peers);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    ASSERT_EQ(s->downs, 1);
    peers_free(s->peers);
    ASSERT_EQ(uv_loop_close(&s->loop), 0);
    arena_done(&s->arena);
    close(s->fd);
}

/* A piece of many frames of this text; returns how many. */
static size_t fill(struct buf *piece, const char *text)
{
    unsigned char header[FRAME_HEADER_BYTES];
    size_t n = 0;
    frame_header(header, strlen(text));
    for (; piece->len + sizeof header + strlen(text) <= PIECE; n++) {
        buf_add(piece, header, sizeof header);
        buf_adds(piece, text);
    }
    return n;
}

static size_t side_write(struct side *s, const char *bytes, size_t len)
{
    ssize_t n = write(s->fd, bytes, len);
    ASSERT(n >= 0 || errno == EAGAIN);
    return n > 0 ? (size_t)n : 0;
}

TEST(peers_keep_nothing_of_frames_of_an_unknown_type)
{
    static struct side s;
    struct buf piece;
    side_start(&s, NEVER_MS);
    buf_init(&piece, SIZE_MAX);
    size_t n = fill(&piece, "{\"type\":\"gossip\"}");
    for (size_t sent = 0; sent < UNKNOWN_FRAMES; sent += n) {
        for (size_t at = 0; at < piece.len;) {
            at += side_write(&s, buf_str(&piece) + at, piece.len - at);
            uv_run(&s.loop, UV_RUN_NOWAIT);
            ASSERT_EQ(s.arena.bytes, 0);
        }
    }
    ASSERT_EQ(s.downs, 0);
    buf_done(&piece);
    side_stop(&s);
}

TEST(peers_read_no_further_from_one_that_floods)
{
    static struct side s;
    struct buf piece;
    side_start(&s, NEVER_MS);
    buf_init(&piece, SIZE_MAX);
    size_t n =
        fill(&piece, "{\"type\":\"stop\",\"store\":\"s\",\"epoch\":1,\"sweep\":\"a\",\"trial\":0,"
                     "\"attempt\":1,\"now\":0}");
    size_t bytes = 0;
    for (int turn = 0; turn < 200; turn++) { /* nothing is dealt with: it comes to rest */
        bytes += side_write(&s, buf_str(&piece) + bytes % piece.len, piece.len - bytes % piece.len);
        uv_run(&s.loop, UV_RUN_NOWAIT);
    }
    ASSERT(s.messages > 0);
    ASSERT(s.most_bytes < 2 * LIMIT_PEER_QUEUE_BYTES);
    for (int turn = 0; turn < 2000 && s.messages < bytes / piece.len * n; turn++) {
        arena_clear(&s.arena);
        peers_resume(s.peers);
        uv_run(&s.loop, UV_RUN_NOWAIT);
    }
    /* Reading continues where it stopped, and no message is lost. */
    ASSERT(bytes >= piece.len && s.messages >= bytes / piece.len * n);
    ASSERT(s.most_bytes < 2 * LIMIT_PEER_QUEUE_BYTES);
    buf_done(&piece);
    side_stop(&s);
}

TEST(peers_close_the_link_after_a_malformed_message)
{
    static struct side s;
    side_start(&s, NEVER_MS);
    static const char bad[] = "\0\0\0\2{]";
    side_write(&s, bad, sizeof bad - 1);
    while (s.downs == 0)
        uv_run(&s.loop, UV_RUN_ONCE);
    ASSERT_STR(s.why, "the agent sent a malformed message");
    ASSERT_EQ(s.arena.bytes, 0);
    side_stop(&s);
}

TEST(peers_close_the_link_of_one_that_is_not_welcome_in_time)
{
    static struct side s;
    struct buf piece;
    side_start(&s, 20);
    buf_init(&piece, SIZE_MAX);
    fill(&piece, "{\"type\":\"gossip\"}"); /* what it sends besides does not keep it */
    side_write(&s, buf_str(&piece), piece.len);
    while (s.downs == 0)
        uv_run(&s.loop, UV_RUN_ONCE);
    ASSERT_STR(s.why, "the agent did not send its hello in time");
    buf_done(&piece);
    side_stop(&s);
}

static void close_timer(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
}

TEST(peers_let_one_stay_that_is_welcome)
{
    static struct side s;
    struct message welcome = {.type = MESSAGE_WELCOME, .store = "s"};
    uv_timer_t later;
    side_start(&s, 5);
    ASSERT_EQ(peers_send(s.peers, 1, &welcome), 0);
    uv_timer_init(&s.loop, &later);
    uv_timer_start(&later, close_timer, 50, 0);
    while (!uv_is_closing((uv_handle_t *)&later))
        uv_run(&s.loop, UV_RUN_ONCE);
    ASSERT_EQ(s.downs, 0);
    side_stop(&s);
}

static void seat_on_message(void *arg, const struct message *m)
{
    *(enum message_type *)arg = m->type;
}

static void seat_on_down(void *arg)
{
    *(enum message_type *)arg = MESSAGE_TYPE_COUNT;
}

static void seat_on_heard(void *arg, uint32_t peer, const struct message *m)
{
    struct side *s = arg;
    ASSERT_EQ(peer, 1);
    ASSERT_STR(m->sweep, "a");
    ASSERT_STR(m->text, "");
    ASSERT_EQ(m->held->kind, VALUE_NULL);
    s->messages++;
}

TEST(peers_have_agents_in_their_own_process)
{
    static struct side s;
    enum message_type told = MESSAGE_HELLO;
    char sweep[] = "a";
    const struct peers_seat seat = {seat_on_message, seat_on_down, &told};
    ASSERT_EQ(uv_loop_init(&s.loop), 0);
    arena_init(&s.arena);
    s.peers = peers_new(
        &s.loop, &s.arena,
        &(struct peers_config){.message = seat_on_heard, .down = side_on_down, .arg = &s});
    ASSERT_EQ(peers_seat(s.peers, &seat), 1);
    peers_hear(s.peers, 1, &(struct message){.store = "s", .sweep = sweep});
    ASSERT_EQ(s.messages, 1);
    ASSERT_EQ(peers_send(s.peers, 1, &(struct message){.type = MESSAGE_STOP}), 0);
    ASSERT_EQ(told, MESSAGE_STOP);
    ASSERT_STR(peers_credential(s.peers, 1), "");
    peers_drop(s.peers, 1, "refused");
    ASSERT_EQ(told, MESSAGE_TYPE_COUNT);
    ASSERT_EQ(s.downs, 1);
    ASSERT_EQ(peers_send(s.peers, 1, &(struct message){.type = MESSAGE_STOP}), 0);
    peers_close(s.peers);
    uv_run(&s.loop, UV_RUN_DEFAULT);
    peers_free(s.peers);
    ASSERT_EQ(uv_loop_close(&s.loop), 0);
    arena_done(&s.arena);
}
