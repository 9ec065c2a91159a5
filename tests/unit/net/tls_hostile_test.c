/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/net/tls_kit.h"

static struct kit k;

/* The server's answer to raw bytes, at a descriptor that the test holds. */
static size_t answer_to(const char *bytes, size_t len, char *out, size_t room)
{
    kit_init(&k);
    kit_accept(&k);
    int fd = k.down.from;
    k.down.from = -1;
    ASSERT_EQ(send(fd, bytes, len, 0), (ssize_t)len);
    size_t got = 0;
    for (ssize_t n = -1; n != 0;) {
        kit_step(&k);
        n = recv(fd, out + got, room - 1 - got, 0);
        got += n > 0 ? (size_t)n : 0;
    }
    out[got] = '\0';
    shutdown(fd, SHUT_WR);
    kit_until_down(&k, &k.server);
    ASSERT(k.server.ups == 0 && k.server.got.len == 0);
    return got;
}

TEST(tls_server_answers_plain_http)
{
    static const char want[] = "HTTP/1.1 400 Bad Request\r\n";
    char answer[1000];
    answer_to("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 35, answer, sizeof answer);
    ASSERT_EQ(strncmp(answer, want, sizeof want - 1), 0);
    char *body = strstr(answer, "\r\n\r\n");
    ASSERT(body);
    ASSERT_STR(body + 4, "this port speaks TLS: use https://\n");
    ASSERT_EQ(strlen(body + 4), 35);
    ASSERT(strstr(answer, "Content-Length: 35\r\n"));
    ASSERT_STR(k.server.why, "the peer does not speak TLS");
    ASSERT_EQ(k.server.code, ERR_PROTOCOL);
    kit_done(&k);
}

TEST(tls_server_refuses_garbage)
{
    static const char *const garbage[] = {"\x16garbage that is no record",
                                          "\x16\x03\x01\x00\x04\x01\x00\x00\x00",
                                          "\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00"};
    static const size_t lens[] = {26, 9, 10};
    for (size_t i = 0; i < 3; i++) {
        char answer[1000];
        size_t got = answer_to(garbage[i], lens[i], answer, sizeof answer);
        ASSERT(got == 0 || (got == 7 && answer[0] == 0x15)); /* an alert */
        ASSERT(strstr(k.server.why, "the TLS handshake failed: "));
        kit_done(&k);
    }
}

TEST(tls_client_names_a_server_without_tls)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    k.up.stopped = k.down.stopped = true;
    ASSERT_EQ(send(k.up.from, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, 0), 28);
    kit_until_down(&k, &k.client);
    ASSERT_STR(k.client.why, "the server does not speak TLS");
    ASSERT_EQ(k.client.code, ERR_PROTOCOL);
    kit_done(&k);
}

/* Bytes that the handshake takes in one direction. */
static size_t handshake_bytes(bool up)
{
    kit_init(&k);
    kit_connect(&k, NULL, kit_identity("client", 30));
    kit_until_up(&k);
    size_t bytes = up ? k.up.passed : k.down.passed;
    kit_done(&k);
    return bytes;
}

static struct wire *wire_of(bool up)
{
    return up ? &k.up : &k.down;
}

TEST(tls_handshake_cut_at_any_byte)
{
    for (int up = 0; up < 2; up++) {
        size_t bytes = handshake_bytes(up);
        ASSERT(bytes > 400 && bytes < 4000);
        for (size_t cut = 0; cut < bytes; cut += cut % 150 < 7 ? 1 : 17) {
            kit_init(&k);
            kit_connect(&k, NULL, kit_identity("client", 30));
            wire_of(up)->cut = cut;
            kit_until_down(&k, &k.server);
            kit_until_down(&k, &k.client);
            /* The client is up before the server has its last flight. */
            ASSERT(k.server.ups == 0 && (up || k.client.ups == 0));
            ASSERT(k.client.code == 0 && k.server.code == 0);
            ASSERT_STR(up ? k.server.why : k.client.why,
                       "the peer closed it during the TLS handshake");
            kit_done(&k);
        }
    }
}

TEST(tls_handshake_damaged_at_any_byte)
{
    for (int up = 0; up < 2; up++) {
        size_t bytes = handshake_bytes(up);
        for (size_t flip = 0; flip < bytes; flip += 17) {
            kit_init(&k);
            kit_connect(&k, NULL, kit_identity("client", 30));
            wire_of(up)->flip = flip;
            /* A damaged length leaves a side waiting: a cut ends that. */
            for (int idle = 0; k.server.downs == 0 && k.server.ups == 0 && idle < 5;)
                idle = kit_step(&k) ? 0 : idle + 1;
            k.up.cut = k.up.passed;
            k.down.cut = k.down.passed;
            kit_until_down(&k, &k.server);
            kit_until_down(&k, &k.client);
            /* Bytes that the handshake does not protect: the version in records before it. */
            ASSERT(k.server.ups == 0 || flip < 17 || k.server.key[0]);
            kit_done(&k);
        }
    }
}

TEST(tls_damage_after_the_handshake_ends_it)
{
    static const char text[] = "some text that is sent";
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    k.up.flip = k.up.passed + 10;
    stream_write(k.client.stream, text, sizeof text, NULL, 0);
    kit_until_down(&k, &k.server);
    kit_until_down(&k, &k.client);
    ASSERT_EQ(k.server.got.len, 0);
    ASSERT(strstr(k.server.why, "TLS failed: "));
    ASSERT(strstr(k.client.why, "TLS failed: ")); /* by the server's alert */
    kit_done(&k);
}

TEST(tls_cut_without_a_goodbye)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    kit_until_up(&k);
    k.up.cut = k.up.passed;
    kit_until_down(&k, &k.server);
    ASSERT_STR(k.server.why, "the peer closed it");
    kit_done(&k);
}

TEST(tls_half_open_handshake_ends)
{
    kit_init(&k);
    kit_connect(&k, NULL, NULL);
    k.down.stopped = true;
    uint64_t begun = uv_now(&k.loop);
    uv_run(&k.loop, UV_RUN_DEFAULT); /* ends, after 5 s */
    ASSERT(uv_now(&k.loop) - begun >= 5000);
    ASSERT_STR(k.server.why, "no TLS handshake within 5 s");
    ASSERT_STR(k.client.why, "no TLS handshake within 5 s");
    ASSERT(k.client.code == 0 && k.server.code == 0);
    kit_done(&k);
}

/* A ClientHello in many records, each of which promises more. */
TEST(tls_handshake_that_does_not_end_is_refused)
{
    static char hello[128 << 10];
    char answer[1000];
    size_t len = 0;
    unsigned char first[] = {0x16, 3, 1, 0, 4, 1, 1, 0xff, 0xff}; /* 128 KiB, and none of it */
    memcpy(hello, first, sizeof first);
    len = sizeof first;
    while (len < 70 << 10) {
        unsigned char record[] = {0x16, 3, 1, 0, 1, 0};
        memcpy(hello + len, record, sizeof record);
        len += sizeof record;
    }
    answer_to(hello, len, answer, sizeof answer);
    kit_done(&k);
    ASSERT(strstr(k.server.why, "TLS handshake"));
}
