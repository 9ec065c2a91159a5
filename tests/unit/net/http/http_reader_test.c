/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_reader.h"

#include "base/limits.h"
#include "net/http/http_target.h"
#include "tests/test.h"
#include "tests/unit/net/http/hostile.h"

/* What a reader makes of bytes that are split after `first` bytes, then after every `piece`. */
struct reading {
    int status; /* 0: whole */
    bool whole;
    size_t used, body;
    char text[400]; /* the heads and bodies */
};

static struct reading read_split(const char *text, size_t len, size_t first, size_t piece)
{
    struct http_reader r;
    struct reading got = {.status = 0};
    enum http_step step = HTTP_MORE;
    size_t end = 0, next = first;
    http_reader_init(&r, false);
    for (size_t at = 0; at < len && step != HTTP_END && step != HTTP_BAD;
         at = next, next += piece) {
        const char *bytes = text + at;
        size_t left = (next < len ? next : len) - at;
        while ((step = http_reader_step(&r, &bytes, &left)) != HTTP_MORE) {
            if (step == HTTP_HEAD) {
                r.body_limit = LIMIT_HTTP_BODY_BYTES;
                end += (size_t)snprintf(got.text + end, sizeof got.text - end, "%d %s?%s %zu ",
                                        r.head.method, r.head.path, r.head.query, r.head.n);
            } else if (step == HTTP_PIECE) {
                got.body += r.piece_len;
                if (end + r.piece_len < sizeof got.text)
                    memcpy(got.text + end, r.piece, r.piece_len);
                end += r.piece_len;
            } else {
                break;
            }
        }
        got.used = (size_t)(bytes - text);
    }
    got.whole = step == HTTP_END;
    got.status = step == HTTP_BAD ? r.status : 0;
    http_reader_done(&r);
    return got;
}

TEST(http_reader_judges_hostile_requests)
{
    ASSERT(hostiles_n >= 60);
    for (size_t i = 0; i < hostiles_n; i++) {
        const struct hostile *h = &hostiles[i];
        struct reading whole = read_split(h->text, h->len, h->len, h->len);
        if (whole.status != h->status || whole.whole != (h->status == 0))
            FAIL("%d instead of %d for\n%s", whole.status, h->status, h->text);
        ASSERT(h->status != 0 || whole.used == h->len);
        for (size_t first = 1; first <= h->len; first++) {
            struct reading two = read_split(h->text, h->len, first, h->len),
                           many = read_split(h->text, h->len, first, 1);
            ASSERT_EQ(two.status, h->status);
            ASSERT_EQ(many.status, h->status);
            ASSERT_STR(two.text, whole.text);
            ASSERT_STR(many.text, whole.text);
            ASSERT(h->status != 0 || (two.used == h->len && many.used == h->len));
        }
    }
}

/* An empty value must not touch the header after it. */
TEST(http_reader_trims_values)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nA:\r\nTransfer-Encoding: chunked\r\n"
                               "B: \t \r\nC:c\r\nD: \t d e\t \r\n\r\n";
    static const char *const expected[] = {
        "host", "a", "a", "", "transfer-encoding", "chunked", "b", "", "c", "c", "d", "d e"};
    struct http_reader r;
    const char *bytes = text;
    size_t len = sizeof text - 1;
    http_reader_init(&r, false);
    ASSERT_EQ(http_reader_step(&r, &bytes, &len), HTTP_HEAD);
    ASSERT_EQ(r.head.n, 6);
    for (size_t i = 0; i < r.head.n; i++) {
        ASSERT_STR(r.head.headers[i].name, expected[2 * i]);
        ASSERT_STR(r.head.headers[i].value, expected[2 * i + 1]);
    }
    ASSERT(r.head.chunked);
    http_reader_done(&r);
}

static struct reading read_text(const struct buf *text)
{
    return read_split(buf_str(text), text->len, 1000, 1000);
}

/* A request whose target has `url` bytes, with `n` headers whose values have `len` bytes. */
static struct reading read_sized(size_t url, size_t n, size_t len)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "GET /");
    for (size_t i = 1; i < url; i++)
        buf_addc(&text, 'a');
    buf_adds(&text, " HTTP/1.1\r\nHost: a\r\n");
    for (size_t i = 1; i < n; i++) {
        buf_addf(&text, "H%zu: ", i);
        for (size_t k = 0; k < len; k++)
            buf_addc(&text, 'b');
        buf_adds(&text, "\r\n");
    }
    buf_adds(&text, "\r\n");
    struct reading got = read_text(&text);
    buf_done(&text);
    return got;
}

TEST(http_reader_limits_heads)
{
    ASSERT(read_sized(LIMIT_HTTP_URL_BYTES, 1, 0).whole);
    ASSERT_EQ(read_sized(LIMIT_HTTP_URL_BYTES + 1, 1, 0).status, 414);
    ASSERT_EQ(read_sized(LIMIT_HTTP_URL_BYTES + 1000, 1, 0).status, 414);
    ASSERT(read_sized(1, LIMIT_HTTP_HEADERS, 10).whole);
    ASSERT_EQ(read_sized(1, LIMIT_HTTP_HEADERS + 1, 10).status, 431);
    ASSERT(read_sized(1, 2, LIMIT_HTTP_HEADER_BYTES - 100).whole);
    ASSERT_EQ(read_sized(1, 2, LIMIT_HTTP_HEADER_BYTES).status, 431);
    ASSERT(read_sized(LIMIT_HTTP_URL_BYTES, 8, LIMIT_HTTP_HEADER_BYTES / 8).whole); /* both */
    /* Refused before they end. */
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "GET /");
    for (size_t i = 0; i < LIMIT_HTTP_URL_BYTES + 100; i++)
        buf_addc(&text, 'a');
    ASSERT_EQ(read_text(&text).status, 414);
    buf_clear(&text);
    buf_adds(&text, "GET / HTTP/1.1\r\nA: ");
    for (size_t i = 0; i < LIMIT_HTTP_HEADER_BYTES; i++)
        buf_addc(&text, 'a');
    ASSERT_EQ(read_text(&text).status, 431);
    buf_done(&text);
}

/* Extensions and trailers are not kept; still, what is dropped is bounded. */
TEST(http_reader_limits_chunks)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, head);
    for (size_t i = 0; i < 65536; i++)
        buf_adds(&text, "1\r\nx\r\n");
    size_t len = text.len;
    buf_adds(&text, "0\r\n\r\n");
    struct reading got = read_text(&text);
    ASSERT(got.whole && got.body == 65536);
    buf_truncate(&text, len);
    buf_adds(&text, "1\r\nx\r\n0\r\n\r\n");
    ASSERT_EQ(read_text(&text).status, 413);
    buf_clear(&text);
    buf_adds(&text, head);
    for (size_t i = 0; i < LIMIT_HTTP_CHUNK_BYTES / 4 + 1; i++)
        buf_adds(&text, "1;abcd\r\nx\r\n");
    ASSERT_EQ(read_text(&text).status, 400);
    buf_clear(&text);
    buf_addf(&text, "%s0\r\n", head);
    for (size_t i = 0; i < LIMIT_HTTP_HEADERS + 1; i++)
        buf_adds(&text, "A: b\r\n");
    ASSERT_EQ(read_text(&text).status, 431);
    buf_done(&text);
}

TEST(http_target_is_decoded_once)
{
    static const struct {
        const char *target, *path, *query;
    } cases[] = {
        {"/", "/", ""},
        {"/a/b/", "/a/b/", ""},
        {"/a%20b/%C3%A4?x=%41&y", "/a b/\xc3\xa4", "x=%41&y"},
        {"/%252e%252e/%2e.x?", "/%2e%2e/..x", ""},
        {"/a?/../..//?#", NULL, NULL},
        {"/a?/../..//?b", "/a", "/../..//?b"},
        {"/a:b@c;d=e,f!$&'()*+~-_.", "/a:b@c;d=e,f!$&'()*+~-_.", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char target[64], *path, *query;
        snprintf(target, sizeof target, "%s", cases[i].target);
        bool good = http_target_split(target, &path, &query);
        ASSERT_EQ(good, cases[i].path != NULL);
        if (good) {
            ASSERT_STR(path, cases[i].path);
            ASSERT_STR(query, cases[i].query);
        }
    }
}

TEST(http_target_finds_parameters)
{
    static const char query[] = "a=1&b&c=x%20y+z%26&%64=d&a=2&e=%ff&f=%00&g=";
    static const struct {
        const char *name, *value;
        int rc;
    } cases[] = {{"a", "1", 0},          {"b", "", 0},
                 {"c", "x y z&", 0},     {"d", "d", 0},
                 {"e", NULL, ERR_USAGE}, {"f", NULL, ERR_USAGE},
                 {"g", "", 0},           {"h", NULL, ERR_NOT_FOUND}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        int rc = http_target_query(query, cases[i].name, &out);
        ASSERT_EQ(rc, cases[i].rc);
        if (rc == 0)
            ASSERT_STR(buf_str(&out), cases[i].value);
        buf_done(&out);
    }
    uint64_t n = 7;
    ASSERT_EQ(http_target_number(query, "a", &n), 0);
    ASSERT_EQ(n, 1);
    ASSERT_EQ(http_target_number(query, "h", &n), ERR_NOT_FOUND);
    ASSERT_EQ(http_target_number(query, "b", &n), ERR_USAGE);
    ASSERT_EQ(http_target_number(query, "d", &n), ERR_USAGE);
    ASSERT_EQ(http_target_number(query, "f", &n), ERR_USAGE);
    ASSERT_EQ(http_target_number("a=1%00", "a", &n), ERR_USAGE);
    ASSERT_EQ(http_target_number("a=1234567890123456789", "a", &n), ERR_USAGE);
    ASSERT_EQ(n, 1);
    struct buf out;
    buf_init(&out, SIZE_MAX);
    http_target_encode(&out, "a b/\xc3\xa4~", 7);
    ASSERT_STR(buf_str(&out), "a%20b%2F%C3%A4~");
    buf_done(&out);
}
