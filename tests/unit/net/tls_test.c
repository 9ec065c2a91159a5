/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/tls.h"

#include "base/limits.h"
#include "base/mem.h"
#include "tests/unit/net/tls_kit.h"

static struct kit k;

static char *bytes_new(size_t len)
{
    char *bytes = mem_alloc(len + 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 2654435761u >> 24);
    return bytes;
}

/* The server sends back what it gets. */
static void echo(size_t len, size_t head_len)
{
    char *bytes = bytes_new(len);
    kit_init(&k);
    k.server.echo = true;
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    stream_write(k.client.stream, bytes, head_len, bytes + head_len, len - head_len);
    kit_until_got(&k, &k.client, len);
    ASSERT_EQ(k.client.got.len, len);
    ASSERT_EQ(memcmp(buf_str(&k.client.got), bytes, len), 0);
    ASSERT(len == 0 || k.client.sents > 0);
    kit_done(&k);
    mem_free(bytes);
}

TEST(tls_echo_of_every_size)
{
    static const size_t sizes[] = {0, 1, 2, 16383, 16384, 16385, 32768, 3 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        echo(sizes[i], 0);
        echo(sizes[i], sizes[i] / 2);
        echo(sizes[i], sizes[i]);
    }
}

TEST(tls_echo_in_pieces_of_one_byte)
{
    char *bytes = bytes_new(3000);
    kit_init(&k);
    k.server.echo = true;
    k.up.piece = k.down.piece = 1;
    kit_connect(&k, NULL, kit_identity("client", 30));
    stream_write(k.client.stream, "", 0, bytes, 3000); /* before the handshake */
    kit_until_got(&k, &k.client, 3000);
    ASSERT_EQ(memcmp(buf_str(&k.client.got), bytes, 3000), 0);
    kit_done(&k);
    mem_free(bytes);
}

TEST(tls_sends_what_was_written_before_the_handshake)
{
    char *bytes = bytes_new(100000);
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    stream_write(k.server.stream, "", 0, bytes, 50000);
    stream_write(k.server.stream, bytes + 50000, 10, bytes + 50010, 49990);
    stream_write(k.client.stream, "first", 5, NULL, 0);
    stream_write(k.client.stream, NULL, 0, " second", 7);
    ASSERT_EQ(stream_unsent(k.server.stream), 100000);
    kit_until_up(&k);
    stream_write(k.client.stream, " third", 6, NULL, 0);
    kit_until_got(&k, &k.client, 100000);
    kit_until_got(&k, &k.server, 18);
    ASSERT_EQ(memcmp(buf_str(&k.client.got), bytes, 100000), 0);
    ASSERT_STR(buf_str(&k.server.got), "first second third");
    kit_done(&k);
    mem_free(bytes);
}

TEST(tls_end_before_the_handshake_sends_what_was_written)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    stream_write(k.client.stream, "short", 5, NULL, 0);
    stream_end(k.client.stream, "all is said");
    kit_until_down(&k, &k.server);
    kit_until_down(&k, &k.client);
    ASSERT_STR(buf_str(&k.server.got), "short");
    ASSERT_STR(k.server.why, "the peer closed it");
    ASSERT_STR(k.client.why, "all is said");
    kit_done(&k);
}

TEST(tls_end_loses_nothing)
{
    char *bytes = bytes_new(3 << 20);
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    stream_write(k.server.stream, "", 0, bytes, 3 << 20);
    stream_end(k.server.stream, "all is said");
    stream_write(k.server.stream, "more", 4, NULL, 0); /* too late */
    stream_write(k.client.stream, "late", 4, NULL, 0); /* dropped by the server */
    kit_until_down(&k, &k.client);
    ASSERT_EQ(k.client.got.len, 3 << 20);
    ASSERT_EQ(memcmp(buf_str(&k.client.got), bytes, 3 << 20), 0);
    ASSERT_STR(k.client.why, "the peer closed it");
    kit_until_down(&k, &k.server);
    ASSERT_EQ(k.server.got.len, 0);
    ASSERT_EQ(k.server.code, 0);
    kit_done(&k);
    mem_free(bytes);
}

TEST(tls_close_tells_the_peer)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    stream_close(k.client.stream, "enough");
    stream_close(k.client.stream, "again");
    kit_until_down(&k, &k.server);
    kit_until_down(&k, &k.client);
    ASSERT_STR(k.client.why, "enough");
    ASSERT_STR(k.server.why, "the peer closed it");
    kit_done(&k);
}

TEST(tls_both_end_at_once)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    stream_write(k.client.stream, "one", 3, NULL, 0);
    stream_write(k.server.stream, "two", 3, NULL, 0);
    stream_end(k.client.stream, "client ends");
    stream_end(k.server.stream, "server ends");
    kit_until_down(&k, &k.server);
    kit_until_down(&k, &k.client);
    ASSERT_STR(k.client.why, "client ends");
    ASSERT_STR(k.server.why, "server ends");
    kit_done(&k);
}

TEST(tls_both_close_at_once)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    stream_close(k.client.stream, "client closes");
    stream_close(k.server.stream, "server closes");
    kit_done(&k);
    ASSERT_STR(k.client.why, "client closes");
    ASSERT_STR(k.server.why, "server closes");
}

TEST(tls_closed_in_the_handshake)
{
    for (int client = 0; client < 2; client++) {
        kit_init(&k);
        kit_connect(&k, NULL, NULL);
        kit_step(&k);
        stream_close(client ? k.client.stream : k.server.stream, "changed my mind");
        kit_until_down(&k, &k.server);
        kit_until_down(&k, &k.client);
        ASSERT_STR(client ? k.client.why : k.server.why, "changed my mind");
        kit_done(&k);
    }
}

TEST(tls_pause_stops_at_once_and_loses_nothing)
{
    char *bytes = bytes_new(1 << 20);
    size_t reads = 0;
    kit_init(&k);
    k.server.pause_on_read = true;
    kit_connect(&k, NULL, NULL);
    stream_write(k.client.stream, "", 0, bytes, 1 << 20);
    for (size_t got = 0; got < 1 << 20; reads++) {
        kit_until_got(&k, &k.server, got + 1);
        got = k.server.got.len;
        for (int i = 0; i < 5; i++)
            kit_step(&k);
        ASSERT_EQ(k.server.got.len, got);
        stream_resume(k.server.stream);
        ASSERT_EQ(k.server.got.len, got); /* resume itself reads nothing */
    }
    ASSERT(reads >= 64);
    ASSERT_EQ(memcmp(buf_str(&k.server.got), bytes, 1 << 20), 0);
    kit_done(&k);
    mem_free(bytes);
}

TEST(tls_pause_before_the_handshake)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    stream_pause(k.server.stream);
    stream_write(k.client.stream, "hello", 5, NULL, 0);
    kit_until_up(&k);
    for (int i = 0; i < 10; i++)
        kit_step(&k);
    ASSERT_EQ(k.server.got.len, 0);
    stream_resume(k.server.stream);
    kit_until_got(&k, &k.server, 5);
    stream_pause(k.server.stream);
    stream_resume(k.server.stream);
    stream_write(k.client.stream, "hello", 5, NULL, 0);
    kit_until_got(&k, &k.server, 10);
    kit_done(&k);
}

TEST(tls_paused_stream_is_closed_with_bytes_in_flight)
{
    char *bytes = bytes_new(1 << 20);
    for (int end = 0; end < 2; end++) {
        kit_init(&k);
        k.server.pause_on_read = true;
        kit_connect(&k, NULL, NULL);
        stream_write(k.client.stream, "", 0, bytes, 1 << 20);
        kit_until_got(&k, &k.server, 1);
        stream_resume(k.server.stream); /* its timer is set */
        if (end)
            stream_end(k.server.stream, "enough");
        else
            stream_close(k.server.stream, "enough");
        kit_until_down(&k, &k.client);
        kit_until_down(&k, &k.server);
        ASSERT_STR(k.server.why, "enough");
        kit_done(&k);
    }
    mem_free(bytes);
}

TEST(tls_slow_reader_is_closed_when_its_queue_is_full)
{
    static char bytes[1 << 20];
    size_t written = 0;
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    k.down.stopped = true;
    while (k.server.downs == 0 && written < 100u << 20) {
        if (k.server.stream)
            stream_write(k.server.stream, "", 0, bytes, sizeof bytes);
        written += sizeof bytes;
        kit_step(&k);
    }
    ASSERT_STR(k.server.why, "the peer does not read its messages");
    ASSERT(written > LIMIT_LINK_QUEUE_BYTES && written < LIMIT_LINK_QUEUE_BYTES + (6 << 20));
    k.down.stopped = false;
    kit_until_down(&k, &k.client);
    kit_done(&k);
}

TEST(tls_slow_wire_delivers_everything)
{
    char *bytes = bytes_new(200000);
    kit_init(&k);
    k.server.echo = true;
    k.up.piece = 97;
    k.down.piece = 1009;
    kit_connect(&k, NULL, NULL);
    stream_write(k.client.stream, "", 0, bytes, 200000);
    kit_until_got(&k, &k.client, 200000);
    ASSERT_EQ(memcmp(buf_str(&k.client.got), bytes, 200000), 0);
    kit_done(&k);
    mem_free(bytes);
}
