/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/web_socket.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_reader.h"
#include "net/web_socket_handshake.h"
#include "tests/test.h"

static const char letters[] = "tPpcb"; /* of the kinds, in their order */

/* What a side makes of these bytes, in pieces: one letter a frame and its text. */
static void read_all(bool client, const char *bytes, size_t len, size_t piece, char *out,
                     size_t out_bytes)
{
    struct web_socket w;
    size_t end = 0;
    web_socket_init(&w, client);
    out[0] = '\0';
    for (size_t at = 0; at < len; at += piece) {
        const char *text;
        size_t text_len;
        enum web_socket_kind kind;
        struct err err = {0};
        web_socket_feed(&w, bytes + at, piece < len - at ? piece : len - at);
        while ((kind = web_socket_next(&w, &text, &text_len, &err)) != WEB_SOCKET_MORE) {
            int n = kind == WEB_SOCKET_BAD
                        ? snprintf(out + end, out_bytes - end, "b%d", w.close_code)
                    : kind == WEB_SOCKET_CLOSE ? snprintf(out + end, out_bytes - end, "c%d(%.*s)",
                                                          w.close_code, (int)text_len, text)
                                               : snprintf(out + end, out_bytes - end, "%c(%.*s)",
                                                          letters[kind - 1], (int)text_len, text);
            end += (size_t)n;
            ASSERT(end < out_bytes);
        }
    }
    web_socket_done(&w);
}

static void expect(bool client, const char *bytes, size_t len, const char *seen)
{
    char whole[300], split[300];
    read_all(client, bytes, len, len, whole, sizeof whole);
    ASSERT_STR(whole, seen);
    read_all(client, bytes, len, 1, split, sizeof split);
    ASSERT_STR(split, seen);
}

#define EXPECT(client, bytes, seen) expect(client, bytes, sizeof(bytes) - 1, seen)

TEST(web_socket_reads_the_examples_of_the_rfc)
{
    EXPECT(true, "\x81\x05Hello", "t(Hello)");
    EXPECT(false, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "t(Hello)");
    EXPECT(true, "\x01\x03Hel\x80\x02lo", "t(Hello)");
    EXPECT(true, "\x89\x05Hello", "P(Hello)");
    EXPECT(false, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "p(Hello)");
}

TEST(web_socket_reads_control_frames_between_fragments)
{
    EXPECT(true,
           "\x01\x02\xc3\xa4\x89\x01x\x00\x00\x8a\x00\x80\x01\x62\x81\x00\x81\x01"
           "e\x88\x05\x03\xe8"
           "bye\x81\x01z",
           "P(x)p()t(\xc3\xa4"
           "b)t()t(e)c1000(bye)");
    EXPECT(true, "\x01\x01\xc3\x80\x01\xa4", "t(\xc3\xa4)"); /* a character in two fragments */
    EXPECT(true, "\x88\x00", "c1005()");
    EXPECT(true, "\x88\x02\x0f\xa0", "c4000()");
}

TEST(web_socket_refuses_what_breaks_a_rule)
{
    EXPECT(false, "\x81\x05Hello", "b1002");               /* not masked */
    EXPECT(true, "\x81\x85\x37\xfa\x21\x3d\x7f", "b1002"); /* masked */
    EXPECT(true, "\xc1\x00", "b1002");                     /* a reserved bit */
    EXPECT(true, "\xa1\x00", "b1002");
    EXPECT(true, "\x91\x00", "b1002");
    EXPECT(true, "\x83\x00", "b1002"); /* reserved types */
    EXPECT(true, "\x8b\x00", "b1002");
    EXPECT(true, "\x82\x00", "b1003");         /* binary */
    EXPECT(true, "\x02\x00", "b1003");         /* and its fragment */
    EXPECT(true, "\x80\x00", "b1002");         /* a continuation of nothing */
    EXPECT(true, "\x01\x00\x81\x00", "b1002"); /* a message within a message */
    EXPECT(true, "\x01\x00\x82\x00", "b1003");
    EXPECT(true, "\x09\x00", "b1002");              /* a fragment of a control frame */
    EXPECT(true, "\x89\x7e\x00\x7e", "b1002");      /* a long one */
    EXPECT(true, "\x81\x7e\x00\x05Hello", "b1002"); /* a length that is too wide */
    EXPECT(true, "\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff", "b1002");
    EXPECT(true, "\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x01", "b1009");
    EXPECT(true, "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "b1009");
    EXPECT(true, "\x81\x01\xff", "b1007"); /* not UTF-8 */
    EXPECT(true, "\x81\x01\xc3", "b1007");
    EXPECT(true, "\x01\x01\xc3\x80\x01\x62", "b1007");
    EXPECT(true, "\x81\x03\xed\xa0\x80", "b1007"); /* a surrogate */
    EXPECT(true, "\x88\x01\x03", "b1002");         /* half a code */
    EXPECT(true, "\x88\x02\x03\xe7", "b1002");     /* 999 */
    EXPECT(true, "\x88\x02\x03\xed", "b1002");     /* 1005 */
    EXPECT(true, "\x88\x02\x03\xee", "b1002");
    EXPECT(true, "\x88\x02\x07\xd0", "b1002"); /* 2000 */
    EXPECT(true, "\x88\x02\x13\x88", "b1002"); /* 5000 */
    EXPECT(true, "\x88\x03\x03\xe8\xff", "b1007");
}

/* The limit is that of the message, not of its fragments. */
TEST(web_socket_limits_messages)
{
    struct web_socket w;
    struct err err = {0};
    const char *text;
    size_t len;
    char *half = mem_alloc(LIMIT_FRAME_BYTES / 2 + 1);
    memset(half, 'x', LIMIT_FRAME_BYTES / 2 + 1);
    for (unsigned over = 0; over < 2; over++) {
        web_socket_init(&w, true);
        web_socket_feed(&w, "\x01\x7f\x00\x00\x00\x00\x00\x08\x00\x00", 10);
        web_socket_feed(&w, half, LIMIT_FRAME_BYTES / 2);
        ASSERT_EQ(web_socket_next(&w, &text, &len, &err), WEB_SOCKET_MORE);
        web_socket_feed(&w,
                        over ? "\x80\x7f\x00\x00\x00\x00\x00\x08\x00\x01"
                             : "\x80\x7f\x00\x00\x00\x00\x00\x08\x00\x00",
                        10);
        web_socket_feed(&w, half, LIMIT_FRAME_BYTES / 2 + over);
        ASSERT_EQ(web_socket_next(&w, &text, &len, &err), over ? WEB_SOCKET_BAD : WEB_SOCKET_TEXT);
        ASSERT(over || len == LIMIT_FRAME_BYTES);
        ASSERT(!over || err.code == ERR_LIMIT);
        web_socket_done(&w);
    }
    mem_free(half);
}

TEST(web_socket_writes_what_it_reads)
{
    static const size_t lens[] = {0, 1, 125, 126, 127, 65535, 65536, LIMIT_FRAME_BYTES};
    static const unsigned char mask[4] = {1, 2, 0xff, 0};
    for (size_t i = 0; i < 2 * sizeof lens / sizeof *lens; i++) {
        size_t len = lens[i / 2], got_len;
        bool client = i % 2;
        unsigned char header[WEB_SOCKET_HEADER_BYTES];
        char *bytes = mem_alloc(len + 1);
        const char *got;
        struct web_socket w;
        struct err err = {0};
        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)('a' + k % 26);
        web_socket_init(&w, !client);
        size_t n = web_socket_header(header, WEB_SOCKET_TEXT, len, client ? mask : NULL);
        web_socket_feed(&w, header, n);
        if (client)
            web_socket_mask(bytes, len, mask);
        web_socket_feed(&w, bytes, len);
        ASSERT_EQ(web_socket_next(&w, &got, &got_len, &err), WEB_SOCKET_TEXT);
        ASSERT_EQ(got_len, len);
        for (size_t k = 0; k < len; k++)
            ASSERT_EQ(got[k], 'a' + k % 26);
        ASSERT_EQ(web_socket_next(&w, &got, &got_len, &err), WEB_SOCKET_MORE);
        web_socket_done(&w);
        mem_free(bytes);
    }
}

TEST(web_socket_handshake_is_that_of_the_rfc)
{
    char accept[WEB_SOCKET_HANDSHAKE_ACCEPT_BYTES], key[WEB_SOCKET_HANDSHAKE_KEY_BYTES];
    web_socket_handshake_accept("dGhlIHNhbXBsZSBub25jZQ==", accept);
    ASSERT_STR(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    web_socket_handshake_key((const unsigned char *)"the sample nonce", key);
    ASSERT_STR(key, "dGhlIHNhbXBsZSBub25jZQ==");
}

/* How a server judges the handshake with these lines after Host. */
static int judge(const char *method, const char *headers)
{
    struct http_reader r;
    struct buf text;
    const char *why = "";
    buf_init(&text, SIZE_MAX);
    http_reader_init(&r, false);
    buf_addf(&text, "%s /agent/v1 HTTP/1.1\r\nHost: a\r\n%s\r\n", method, headers);
    const char *bytes = buf_str(&text);
    size_t len = text.len;
    ASSERT_EQ(http_reader_step(&r, &bytes, &len), HTTP_HEAD);
    int status = web_socket_handshake_check(&r.head, &why);
    http_reader_done(&r);
    buf_done(&text);
    return status;
}

TEST(web_socket_handshake_is_checked)
{
#define UPGRADE "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    ASSERT_EQ(judge("GET", UPGRADE VERSION KEY), 0);
    ASSERT_EQ(judge("POST", UPGRADE VERSION KEY), 405);
    ASSERT_EQ(judge("GET", VERSION KEY), 426);
    ASSERT_EQ(judge("GET", "Connection: Upgrade\r\nUpgrade: h2c\r\n" VERSION KEY), 426);
    ASSERT_EQ(judge("GET", "Upgrade: websocket\r\n" VERSION KEY), 426);
    ASSERT_EQ(judge("GET", UPGRADE KEY), 426);
    ASSERT_EQ(judge("GET", UPGRADE "Sec-WebSocket-Version: 8\r\n" KEY), 426);
    ASSERT_EQ(judge("GET", UPGRADE VERSION), 400);
    ASSERT_EQ(judge("GET", UPGRADE VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"), 400);
    ASSERT_EQ(judge("GET", UPGRADE VERSION "Sec-WebSocket-Key: \r\n"), 400);
    ASSERT_EQ(judge("GET", UPGRADE VERSION KEY "Content-Length: 1\r\n"), 400);
}
