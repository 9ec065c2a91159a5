/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies that go to files and come from them, and bodies that are gzip. */
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/http/http_client.h"
#include "net/http/http_sending.h"
#include "net/http/http_server.h"
#include "net/socket.h"
#include "net/tls/secret.h"
#include "tests/test.h"
#include "tests/unit/net/http/served.h"

enum { LARGE_BYTES = 5 << 20 };

static void add_gzip(struct buf *out, const void *bytes, size_t len)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len};
    ASSERT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, len);
    z.next_out = (Bytef *)buf_reserve(out, room);
    z.avail_out = (uInt)room;
    ASSERT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf_commit(out, room - z.avail_out);
    deflateEnd(&z);
}

/* Content that does not repeat itself. */
static void add_content(struct buf *out, size_t len)
{
    uint32_t x = 1;
    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        buf_addc(out, (char)(x >> 24));
    }
}

static void add_request(struct buf *out, const char *line, const char *headers,
                        const struct buf *body)
{
    buf_addf(out, "%s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n", line, headers,
             body->len);
    buf_add(out, buf_str(body), body->len);
}

/* What a request and then a last one get. */
static char *exchange(struct served *s, const char *line, const char *headers,
                      const struct buf *body, size_t piece)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    add_request(&text, line, headers, body);
    buf_adds(&text, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    char *ret = served_exchange(s, buf_str(&text), text.len, piece);
    buf_done(&text);
    return ret;
}

static void expect_status(struct served *s, const char *line, const char *headers,
                          const struct buf *body, int status)
{
    char expected[32];
    char *got = exchange(s, line, headers, body, 0);
    snprintf(expected, sizeof expected, "HTTP/1.1 %d ", status);
    if (strncmp(got, expected, strlen(expected)) != 0)
        FAIL("%s instead of %s", got, expected);
    mem_free(got);
}

TEST(http_file_takes_bodies)
{
    struct served s;
    struct buf content, gzip;
    char hash[SECRET_HASH_TEXT_BYTES];
    const size_t lengths[] = {0, 1, 70000, LARGE_BYTES}, pieces[] = {0, 1, 999, 0};
    served_begin(&s, NULL);
    for (size_t i = 0; i < 4; i++) {
        buf_init(&content, SIZE_MAX);
        buf_init(&gzip, SIZE_MAX);
        add_content(&content, lengths[i]);
        add_gzip(&gzip, buf_str(&content), content.len);
        secret_hash_text(buf_str(&content), content.len, hash);
        char *plain = exchange(&s, "PUT /file", "", &content, pieces[i]);
        char *packed = exchange(&s, "PUT /file", "Content-Encoding: gzip\r\n", &gzip, pieces[i]);
        ASSERT(strstr(plain, hash) && strstr(plain, "hello"));
        ASSERT(strstr(packed, hash) && strstr(packed, "hello"));
        mem_free(plain);
        mem_free(packed);
        buf_done(&content);
        buf_done(&gzip);
    }
    ASSERT_EQ(s.gones, 0);
    served_end(&s);
}

TEST(http_file_reads_gzip_bodies)
{
    struct served s;
    struct buf gzip;
    served_begin(&s, NULL);
    buf_init(&gzip, SIZE_MAX);
    add_gzip(&gzip, "some text, ", 11);
    add_gzip(&gzip, "and more", 8); /* a second member */
    for (size_t piece = 0; piece < 3; piece++) {
        char *got = exchange(&s, "POST /echo", "Content-Encoding: gzip\r\n", &gzip, piece);
        ASSERT(strstr(got, "\r\n\r\nsome text, and moreHTTP/1.1 200 OK"));
        mem_free(got);
    }
    expect_status(&s, "POST /echo", "Content-Encoding: br\r\n", &gzip, 415);
    buf_truncate(&gzip, gzip.len - 1);
    expect_status(&s, "POST /echo", "Content-Encoding: gzip\r\n", &gzip, 400);
    buf_clear(&gzip);
    buf_adds(&gzip, "this is not gzip");
    expect_status(&s, "POST /echo", "Content-Encoding: gzip\r\n", &gzip, 400);
    buf_done(&gzip);
    served_end(&s);
}

/* 5 KiB that hold 5 MiB: the limit is that of the content, and so much is never kept. */
TEST(http_file_refuses_a_bomb)
{
    struct served s;
    struct buf zeros, gzip;
    served_begin(&s, NULL);
    buf_init(&zeros, SIZE_MAX);
    buf_init(&gzip, SIZE_MAX);
    memset(buf_reserve(&zeros, LARGE_BYTES), 0, LARGE_BYTES);
    buf_commit(&zeros, LARGE_BYTES);
    add_gzip(&gzip, buf_str(&zeros), zeros.len);
    ASSERT(gzip.len < 10000);
    expect_status(&s, "POST /echo", "Content-Encoding: gzip\r\n", &gzip, 413);
    expect_status(&s, "POST /big", "Content-Encoding: gzip\r\n", &gzip, 200);
    add_gzip(&gzip, buf_str(&zeros), zeros.len); /* 10 MiB, where 8 are allowed */
    expect_status(&s, "POST /big", "Content-Encoding: gzip\r\n", &gzip, 413);
    expect_status(&s, "PUT /file", "Content-Encoding: gzip\r\n", &gzip, 413);
    buf_done(&zeros);
    buf_done(&gzip);
    served_end(&s);
}

TEST(http_file_says_that_the_disk_is_full)
{
    struct served s;
    struct buf content;
    served_begin(&s, NULL);
    buf_init(&content, SIZE_MAX);
    add_content(&content, LARGE_BYTES);
    expect_status(&s, "PUT /full", "", &content, 507);
    buf_truncate(&content, 10);
    expect_status(&s, "PUT /full", "", &content, 507);
    ASSERT_EQ(s.gones, 2);
    ASSERT_EQ(s.requests, 0);
    buf_done(&content);
    served_end(&s);
}

/* An upload that breaks off never reaches the owner as a request. */
TEST(http_file_drops_a_body_that_breaks_off)
{
    struct served s;
    const char *request = "PUT /file HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc";
    served_begin(&s, NULL);
    int fd = served_connect(&s, "");
    served_send(&s, fd, request, strlen(request));
    while (s.heads == 0)
        served_turn(&s);
    close(fd);
    while (s.gones == 0)
        served_turn(&s);
    ASSERT_EQ(s.requests, 0);
    served_end(&s);
}

static void expect_part(struct served *s, const char *range, const char *status, const char *part,
                        const char *body)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "GET /file HTTP/1.1\r\nHost: a\r\n%sConnection: close\r\n\r\n", range);
    char *got = served_exchange(s, buf_str(&text), text.len, 0);
    const char *after = strstr(got, "\r\n\r\n");
    ASSERT(strncmp(got, status, strlen(status)) == 0 && after);
    ASSERT_STR(after + 4, body);
    if (!strstr(got, part))
        FAIL("no %s in %s", part, got);
    mem_free(got);
    buf_done(&text);
}

TEST(http_file_gives_parts)
{
    struct served s;
    struct buf ten;
    served_begin(&s, NULL);
    buf_init(&ten, SIZE_MAX);
    buf_adds(&ten, "0123456789");
    expect_status(&s, "PUT /file", "", &ten, 200);
    expect_part(&s, "", "HTTP/1.1 200", "Content-Length: 10\r\n", "0123456789");
    expect_part(&s, "Range: bytes=2-4\r\n", "HTTP/1.1 206", "Content-Range: bytes 2-4/10\r\n",
                "234");
    expect_part(&s, "Range: bytes=7-\r\n", "HTTP/1.1 206", "bytes 7-9/10\r\n", "789");
    expect_part(&s, "Range: bytes=-2\r\n", "HTTP/1.1 206", "bytes 8-9/10\r\n", "89");
    expect_part(&s, "Range: bytes=-20\r\n", "HTTP/1.1 206", "bytes 0-9/10\r\n", "0123456789");
    expect_part(&s, "Range: bytes=9-99\r\n", "HTTP/1.1 206", "bytes 9-9/10\r\n", "9");
    expect_part(&s, "Range: bytes=10-\r\n", "HTTP/1.1 416", "Content-Range: bytes */10\r\n", "");
    expect_part(&s, "Range: bytes=-0\r\n", "HTTP/1.1 416", "Content-Length: 0\r\n", "");
    expect_part(&s, "Range: bytes=1-2,4-5\r\n", "HTTP/1.1 200", "", "0123456789");
    expect_part(&s, "Range: bytes=4-2\r\n", "HTTP/1.1 200", "", "0123456789");
    expect_part(&s, "Range: bytes=99999999999999999999-\r\n", "HTTP/1.1 200", "", "0123456789");
    expect_part(&s, "If-Range: \"x\"\r\nRange: bytes=2-4\r\n", "HTTP/1.1 200", "", "0123456789");
    const char *head = "HEAD /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    char *got = served_exchange(&s, head, strlen(head), 0);
    ASSERT(strstr(got, "Content-Length: 10\r\n") && !strstr(got, "0123"));
    mem_free(got);
    buf_clear(&ten);
    expect_status(&s, "PUT /file", "", &ten, 200);
    expect_part(&s, "", "HTTP/1.1 200", "Content-Length: 0\r\n", "");
    buf_done(&ten);
    served_end(&s);
}

static void served_take_some(struct served *s, int fd, struct buf *out)
{
    char *room = buf_reserve(out, 64 << 10);
    served_turn(s);
    ssize_t n = read(fd, room, 64 << 10);
    ASSERT(n != 0);
    buf_commit(out, n > 0 ? (size_t)n : 0);
}

/* Two large files on one connection that is read slowly; then one that is not read to its end. */
TEST(http_file_waits_for_a_client_that_reads_slowly)
{
    struct served s;
    struct buf content, out;
    const char *request =
        "GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET /file HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    served_begin(&s, NULL);
    buf_init(&content, SIZE_MAX);
    buf_init(&out, SIZE_MAX);
    add_content(&content, LARGE_BYTES);
    expect_status(&s, "PUT /file", "", &content, 200);
    size_t before = s.requests;
    int fd = served_connect(&s, "");
    served_send(&s, fd, request, strlen(request));
    for (int i = 0; i < 100; i++)
        served_turn(&s);
    ASSERT_EQ(s.requests - before, 1);
    while (out.len < 5 || memcmp(buf_str(&out) + out.len - 5, "hello", 5) != 0)
        served_take_some(&s, fd, &out);
    ASSERT_EQ(s.requests - before, 3);
    ASSERT(out.len > 2 * (size_t)LARGE_BYTES && out.len < 2 * (size_t)LARGE_BYTES + 1000);
    const char *body = strstr(buf_str(&out), "\r\n\r\n") + 4;
    ASSERT_EQ(memcmp(body, buf_str(&content), content.len), 0);
    served_send(&s, fd, request, strlen(request));
    close(fd);
    while (http_server_connections(s.server) > 0)
        served_turn(&s);
    buf_done(&content);
    buf_done(&out);
    served_end(&s);
}

/* A client, and what it got. */
struct caller {
    struct served *served;
    struct http_client *client;
    size_t dones;
    int status, code;
    uint64_t body_len;
    char body[100], sha256[80];
};

static void caller_on_done(void *arg, const struct http_response *r, const struct err *why)
{
    struct caller *c = arg;
    c->dones++;
    c->status = r ? r->head->status : 0;
    c->code = why ? why->code : 0;
    c->body_len = r ? r->body_len : 0;
    snprintf(c->body, sizeof c->body, "%s", r ? r->body : "");
    snprintf(c->sha256, sizeof c->sha256, "%s", r && r->digest ? r->digest->sha256 : "");
}

static void caller_begin(struct caller *c, struct served *s, int port)
{
    char address[64];
    struct stream *stream;
    *c = (struct caller){.served = s};
    snprintf(address, sizeof address, "127.0.0.1:%d", port);
    ASSERT_EQ(socket_connect(&s->loop, address, NULL, &stream, NULL), 0);
    c->client = http_client_new(&s->loop, stream, "127.0.0.1");
}

static void caller_call(struct caller *c, const char *method, const char *target, int from,
                        uint64_t len, int to)
{
    struct http_call call = {.method = method,
                             .target = target,
                             .body_len = len,
                             .from_file = from >= 0,
                             .from_fd = from,
                             .to_file = to >= 0,
                             .to_fd = to,
                             .response_limit = 8 << 20,
                             .limit_ms = 20000,
                             .done = caller_on_done,
                             .arg = c};
    size_t before = c->dones;
    http_client_send(c->client, &call);
    while (c->dones == before)
        uv_run(&c->served->loop, UV_RUN_ONCE);
}

static int file_with(const struct buf *content)
{
    char path[] = "/tmp/besom-file-XXXXXX";
    int fd = mkstemp(path);
    ASSERT(fd >= 0 && unlink(path) == 0);
    ASSERT_EQ(pwrite(fd, buf_str(content), content->len, 0), content->len);
    return fd;
}

TEST(http_file_client_sends_and_receives)
{
    struct served s;
    struct caller c;
    struct buf content, empty;
    char hash[SECRET_HASH_TEXT_BYTES];
    served_begin(&s, NULL);
    caller_begin(&c, &s, served_port(&s));
    buf_init(&content, SIZE_MAX);
    buf_init(&empty, SIZE_MAX);
    add_content(&content, LARGE_BYTES);
    secret_hash_text(buf_str(&content), content.len, hash);
    for (int i = 0; i < 2; i++) { /* on one connection */
        caller_call(&c, "PUT", "/file", file_with(&content), content.len, -1);
        ASSERT_EQ(c.status, 200);
        ASSERT_STR(c.body, hash);
        int to = file_with(&empty), kept = dup(to);
        caller_call(&c, "GET", "/file", -1, 0, to);
        ASSERT_EQ(c.status, 200);
        ASSERT_STR(c.sha256, hash);
        ASSERT_EQ(c.body_len, content.len);
        ASSERT_EQ(lseek(kept, 0, SEEK_END), content.len);
        close(kept);
    }
    caller_call(&c, "PUT", "/file", file_with(&empty), 0, -1);
    ASSERT_EQ(c.status, 200);
    caller_call(&c, "GET", "/refuse", -1, 0, file_with(&empty)); /* the file stays empty */
    ASSERT_EQ(c.status, 403);
    ASSERT_STR(c.body, "no");
    ASSERT(http_client_is_open(c.client));
    http_client_close(c.client);
    buf_done(&content);
    buf_done(&empty);
    served_end(&s);
}

TEST(http_file_client_says_what_failed)
{
    struct served s;
    struct caller c;
    struct buf content, empty;
    served_begin(&s, NULL);
    int port = served_port(&s);
    buf_init(&content, SIZE_MAX);
    buf_init(&empty, SIZE_MAX);
    add_content(&content, LARGE_BYTES);
    expect_status(&s, "PUT /file", "", &content, 200);
    caller_begin(&c, &s, port);
    caller_call(&c, "GET", "/file", -1, 0, open("/dev/full", O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(c.code, ERR_IO);
    http_client_close(c.client);
    caller_begin(&c, &s, port);
    caller_call(&c, "PUT", "/file", file_with(&content), content.len + 1, -1); /* it is shorter */
    ASSERT_EQ(c.code, ERR_IO);
    http_client_close(c.client);
    caller_begin(&c, &s, port);
    caller_call(&c, "PUT", "/small", file_with(&content), content.len, -1);
    ASSERT(c.status == 413 || c.code == ERR_UNREACHABLE);
    http_client_close(c.client);
    buf_done(&content);
    buf_done(&empty);
    served_end(&s);
}
