/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_server.h"

#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/stream.h"
#include "tests/test.h"
#include "tests/unit/net/http/hostile.h"
#include "tests/unit/net/http/served.h"

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, word)); p += strlen(word))
        n++;
    return n;
}

static void expect_exchange(const char *request, const char *expected)
{
    struct served s;
    served_begin(&s, NULL);
    char *got = served_exchange(&s, request, strlen(request), 0);
    ASSERT_STR(got, expected);
    mem_free(got);
    served_end(&s);
}

TEST(http_server_answers)
{
    expect_exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n"
                    "Connection: close\r\n\r\nhello");
    expect_exchange("HEAD / HTTP/1.0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n"
                    "Connection: close\r\n\r\n");
    expect_exchange("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                    "Connection: close\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nTrailer: x\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\nabc"
                    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n"
                    "Connection: close\r\n\r\ndef");
    expect_exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n"
                    "Connection: keep-alive\r\n\r\nhello"
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n"
                    "Connection: close\r\n\r\nhello");
}

TEST(http_server_answers_pipelined_requests_in_order)
{
    struct served s;
    served_begin(&s, NULL);
    const char *requests = "GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
                           "GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                           "GET /ignored HTTP/1.1\r\nHost: a\r\n\r\n";
    for (size_t piece = 0; piece < 2; piece++) {
        char *got = served_exchange(&s, requests, strlen(requests), piece);
        const char *first = strstr(got, "\r\n\r\nlater"), *second = strstr(got, "\r\n\r\nhello");
        ASSERT(first && second && first < second);
        ASSERT(strstr(second, "\r\n\r\nlater"));
        ASSERT_EQ(count(got, "HTTP/1.1 200 OK"), 3);
        mem_free(got);
    }
    ASSERT_EQ(s.requests, 6);
    served_end(&s);
}

TEST(http_server_continues_when_a_client_waits_for_it)
{
    struct served s;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    served_begin(&s, NULL);
    int fd = served_connect(&s, "");
    const char *head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                       "Content-Length: 4\r\n\r\n";
    served_send(&s, fd, head, strlen(head));
    served_read(&s, fd, "\r\n\r\n", &out);
    ASSERT_STR(buf_str(&out), "HTTP/1.1 100 Continue\r\n\r\n");
    served_send(&s, fd, "body", 4);
    served_read(&s, fd, "body", &out);
    close(fd);
    buf_done(&out);
    served_end(&s);
}

/* Nothing is read of a body that nobody wants. */
TEST(http_server_refuses_before_the_body)
{
    struct served s;
    served_begin(&s, NULL);
    const char *requests[] = {
        "POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
        "POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n",
        "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n"};
    const char *statuses[] = {"HTTP/1.1 403", "HTTP/1.1 413", "HTTP/1.1 413"};
    for (size_t i = 0; i < 3; i++) {
        char *got = served_exchange(&s, requests[i], strlen(requests[i]), 0);
        ASSERT_EQ(strncmp(got, statuses[i], 12), 0);
        ASSERT(strstr(got, "Connection: close\r\n"));
        mem_free(got);
    }
    ASSERT_EQ(s.requests, 0);
    const char *twice = "GET /refuse HTTP/1.1\r\nHost: a\r\n\r\n"
                        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    char *got = served_exchange(&s, twice, strlen(twice), 0);
    ASSERT(strncmp(got, "HTTP/1.1 403", 12) == 0 && strstr(got, "hello"));
    mem_free(got);
    served_end(&s);
}

TEST(http_server_takes_large_bodies_and_gives_large_ones)
{
    struct served s;
    struct buf text;
    served_begin(&s, NULL);
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", 5 << 20);
    for (int i = 0; i < 5 << 20; i++)
        buf_addc(&text, 'x');
    buf_adds(&text, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    char *got = served_exchange(&s, buf_str(&text), text.len, 0);
    ASSERT(strstr(got, "\r\n\r\n5242880HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n"));
    mem_free(got);
    buf_done(&text);
    served_end(&s);
}

/* A client that sends requests and reads no reply is not read any more. */
TEST(http_server_waits_for_a_client_that_does_not_read)
{
    struct served s;
    const char *request = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    served_begin(&s, NULL);
    int fd = served_connect(&s, "");
    for (int i = 0; i < 20; i++)
        served_send(&s, fd, request, strlen(request));
    for (int i = 0; i < 100; i++)
        served_turn(&s);
    ASSERT_EQ(s.requests, 1);
    while (s.requests < 3) {
        static char bytes[64 << 10];
        ASSERT(read(fd, bytes, sizeof bytes) != 0);
        served_turn(&s);
    }
    close(fd);
    served_end(&s);
}

TEST(http_server_sends_a_body_in_pieces)
{
    expect_exchange(
        "GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n"
        "HEAD /pieces HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n"
        "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n"
        "Connection: close\r\n\r\nhello");
    expect_exchange(
        "GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nonethree");
    struct served s;
    served_begin(&s, NULL);
    const char *broken = "GET /broken HTTP/1.1\r\nHost: a\r\n\r\n";
    char *got = served_exchange(&s, broken, strlen(broken), 0);
    ASSERT(!strstr(got, "0\r\n\r\n")); /* it does not look whole */
    ASSERT_EQ(s.gones, 1);
    mem_free(got);
    served_end(&s);
}

/* Of a body without end, it keeps no more than what was given at once, and it waits for its client a while. */
TEST(http_server_closes_a_client_that_does_not_read_its_pieces)
{
    struct served s;
    struct http_config config = {.rate_ms = 50};
    served_begin(&s, &config);
    int fd = served_connect(&s, "");
    const char *request = "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n";
    served_send(&s, fd, request, strlen(request));
    while (s.gones == 0) {
        served_turn(&s);
        ASSERT(http_server_unsent(s.server) <= (64 << 10) + 16);
    }
    ASSERT(s.pieces > 0);
    close(fd);
    served_end(&s);
}

TEST(http_server_sends_events)
{
    expect_exchange("GET /events HTTP/1.1\r\nHost: a\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                    "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
                    "id: 1\nevent: first\ndata: one\n\n"
                    "id: 2\ndata: two\ndata: lines\n\n"
                    "data: \n\n");
}

TEST(http_server_beats_in_events_and_closes_a_client_that_does_not_read_them)
{
    static char text[1 << 20];
    struct served s;
    struct buf out;
    struct http_config config = {.beat_ms = 5};
    served_begin(&s, &config);
    buf_init(&out, SIZE_MAX);
    int fd = served_connect(&s, "");
    const char *request = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
    served_send(&s, fd, request, strlen(request));
    served_read(&s, fd, "\n:\n\n:\n\n", &out);
    ASSERT(strstr(buf_str(&out), "X-A: b\r\n"));
    memset(text, 'x', sizeof text);
    size_t sent = 0;
    while (sent < 20 && http_server_event(s.server, s.pending[0], NULL, NULL, text, sizeof text))
        sent++;
    ASSERT(sent >= 4 && sent < 10);
    served_turn(&s);
    ASSERT_EQ(s.gones, 1);
    close(fd);
    buf_done(&out);
    served_end(&s);
}

TEST(http_server_tells_that_a_client_is_gone)
{
    struct served s;
    served_begin(&s, NULL);
    const char *request = "GET /never HTTP/1.1\r\nHost: a\r\n\r\n";
    int fd = served_connect(&s, "");
    served_send(&s, fd, request, strlen(request));
    while (s.requests == 0)
        served_turn(&s);
    close(fd);
    while (s.gones == 0)
        served_turn(&s);
    struct http_answer a = {.status = 200};
    ASSERT(!http_server_reply(s.server, s.pending[0], &a));
    ASSERT(!http_server_reply(s.server, 0, &a) && !http_server_reply(s.server, 1, &a));
    fd = served_connect(&s, "");
    served_send(&s, fd, request, strlen(request));
    while (s.requests < 2)
        served_turn(&s);
    served_end(&s); /* with a request that nobody answers */
    ASSERT_EQ(s.gones, 2);
    close(fd);
}

/* What a client has not been sent yet when its sender is dropped, it never gets. */
TEST(http_server_drops_a_sender)
{
    struct served s;
    struct buf out, other;
    const char *large = "GET /large HTTP/1.1\r\nHost: a\r\nX-Sender: 7\r\n\r\n";
    const char *stream = "GET /stream HTTP/1.1\r\nHost: a\r\nX-Sender: 8\r\n\r\n";
    served_begin(&s, NULL);
    buf_init(&out, SIZE_MAX);
    buf_init(&other, SIZE_MAX);
    int mine = served_connect(&s, ""), its = served_connect(&s, "");
    served_send(&s, mine, large, strlen(large));
    served_send(&s, its, stream, strlen(stream));
    while (s.requests < 2)
        served_turn(&s);
    http_server_drop(s.server, 7, "revoked");
    served_read(&s, mine, "never", &out);
    ASSERT(out.len > 0 && out.len < 4 << 20);
    ASSERT(http_server_event(s.server, s.pending[0], NULL, NULL, "still here", 10));
    served_read(&s, its, "still here", &other);
    ASSERT_EQ(s.gones, 0);
    http_server_drop(s.server, 8, "revoked");
    served_read(&s, its, "never", &other);
    while (s.gones == 0)
        served_turn(&s);
    close(mine);
    close(its);
    buf_done(&out);
    buf_done(&other);
    served_end(&s);
}

TEST(http_server_hands_a_stream_over)
{
    struct served s;
    struct buf out;
    served_begin(&s, NULL);
    buf_init(&out, SIZE_MAX);
    int fd = served_connect(&s, "");
    const char *request =
        "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nabc";
    served_send(&s, fd, request, strlen(request));
    served_read(&s, fd, "abc", &out);
    served_send(&s, fd, "def", 3);
    served_read(&s, fd, "def", &out);
    ASSERT_STR(buf_str(&out), "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                              "Upgrade: echo\r\n\r\nabcdef");
    ASSERT_EQ(http_server_connections(s.server), 0);
    close(fd);
    buf_done(&out);
    served_end(&s);
}

/* The status on the wire; the owner never sees the request, and nothing after it is read. */
TEST(http_server_refuses_hostile_requests)
{
    struct served s;
    served_begin(&s, NULL);
    for (size_t i = 0; i < hostiles_n; i++) {
        const struct hostile *h = &hostiles[i];
        struct buf text;
        char expected[32];
        if (h->status == 0)
            continue;
        s.requests = 0;
        buf_init(&text, SIZE_MAX);
        buf_add(&text, h->text, h->len);
        buf_adds(&text, "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        char *got = served_exchange(&s, buf_str(&text), text.len, 0);
        snprintf(expected, sizeof expected, "HTTP/1.1 %d ", h->status);
        if (strncmp(got, expected, strlen(expected)) != 0)
            FAIL("%s instead of %s for\n%s", got, expected, h->text);
        ASSERT_EQ(count(got, "Content-Length: "), 1);
        ASSERT(strstr(got, "\r\nConnection: close\r\n"));
        ASSERT(s.requests == 0 && s.gones == s.heads);
        mem_free(got);
        buf_done(&text);
    }
    served_end(&s);
}

/* What a client that sends `request`, and then nothing, gets in the end. */
static void expect_late(const struct http_config *config, const char *request, const char *answer)
{
    struct served s;
    served_begin(&s, config);
    char *got = served_exchange(&s, request, strlen(request), 0);
    ASSERT_EQ(strncmp(got, answer, strlen(answer)), 0);
    ASSERT(*answer || !*got);
    mem_free(got);
    served_end(&s);
}

TEST(http_server_ends_what_is_late)
{
    struct http_config config = {.header_ms = 30, .idle_ms = 30, .rate_ms = 20};
    expect_late(&config, "", "");
    expect_late(&config, "GET / HTTP/1.1\r\nHost:", "HTTP/1.1 408");
    expect_late(&config, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
                "HTTP/1.1 408");
    expect_late(&config, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200"); /* idle then */
    expect_late(&config, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET", "HTTP/1.1 200");
}

TEST(http_server_closes_what_does_not_read)
{
    struct served s;
    struct http_config config = {.rate_ms = 10};
    const char *request = "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    served_begin(&s, &config);
    int fd = served_connect(&s, "");
    served_send(&s, fd, request, strlen(request));
    while (http_server_connections(s.server) > 0)
        served_turn(&s);
    ASSERT_EQ(s.requests, 1);
    close(fd);
    served_end(&s);
}

/* Whether the server has closed the connection. */
static bool is_closed(struct served *s, int fd)
{
    char byte;
    served_turn(s);
    served_turn(s);
    return read(fd, &byte, 1) == 0;
}

TEST(http_server_limits_connections)
{
    struct served s;
    struct http_config config = {.connections = 4, .peer_connections = 3, .peer_strangers = 2};
    const char *request = "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n",
               *never = "GET /never HTTP/1.1\r\nHost: a\r\n\r\n";
    served_begin(&s, &config);
    int a = served_connect(&s, "1.1.1.1"), b = served_connect(&s, "1.1.1.1");
    ASSERT(!is_closed(&s, a));
    int c = served_connect(&s, "1.1.1.1"); /* a stranger too many: the oldest goes */
    ASSERT(is_closed(&s, a) && !is_closed(&s, b) && !is_closed(&s, c));
    served_send(&s, b, request, strlen(request)); /* is none any more */
    while (s.requests == 0)
        served_turn(&s);
    int d = served_connect(&s, "1.1.1.1");
    ASSERT(!is_closed(&s, c) && !is_closed(&s, d));
    int e = served_connect(&s, "1.1.1.1"); /* one of the address too many: not b, it is trusted */
    ASSERT(is_closed(&s, c) && !is_closed(&s, d) && !is_closed(&s, e));
    ASSERT_EQ(http_server_connections(s.server), 3);
    int f = served_connect(&s, "2.2.2.2"), g = served_connect(&s, "3.3.3.3");
    ASSERT(is_closed(&s, d) && !is_closed(&s, f) && !is_closed(&s, g));
    const int busy[] = {e, f, g};
    for (size_t i = 0; i < 3; i++)
        served_send(&s, busy[i], never, strlen(never));
    while (s.requests < 4)
        served_turn(&s);
    int h = served_connect(&s, "4.4.4.4"); /* b is idle, all others are busy */
    int i = served_connect(&s, "5.5.5.5");
    ASSERT(!is_closed(&s, e) && !is_closed(&s, f) && !is_closed(&s, g));
    ASSERT(is_closed(&s, h) && !is_closed(&s, i));
    const int all[] = {a, b, c, d, e, f, g, h, i};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        close(all[k]);
    served_end(&s);
}
