/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a peer that has no key: a server (or a client, where the first byte is odd) may answer
 * and close, but is never up, and goes down once. */
#include "base/check.h"
#include "net/tls/tls.h"
#include "tests/fuzz/fuzz.h"

static uv_loop_t loop;
static struct identity *identity;
static struct tls_server *server;
static size_t downs;

static void below_write(struct stream *s, const void *head, size_t head_len, const void *bytes,
                        size_t len)
{
    (void)s;
    (void)head;
    (void)bytes;
    check(head_len + len < 8192); /* no more than an answer */
}

static size_t below_unsent(const struct stream *s)
{
    (void)s;
    return 0;
}

static void below_read(struct stream *s, bool on)
{
    (void)s;
    (void)on;
}

static void below_close(struct stream *s)
{
    (void)s;
}

static const struct stream_type below_type = {below_write, below_unsent, below_read, below_close,
                                              below_close};

static void above_on_up(void *arg)
{
    (void)arg;
    check(!"a peer without a key is up");
}

static void above_on_read(void *arg, const char *bytes, size_t len)
{
    (void)arg;
    (void)bytes;
    (void)len;
    check(!"bytes of a peer without a key are read");
}

static void above_on_down(void *arg, const char *why)
{
    (void)arg;
    check(why[0]);
    downs++;
}

static void begin(void)
{
    check(uv_loop_init(&loop) == 0);
    check(identity_make("localhost", 1, &identity, NULL) == 0);
    check(tls_server_new(&loop, identity, &server, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stream below = {.type = &below_type}, *s;
    struct stream_handler handler = {
        .up = above_on_up, .read = above_on_read, .down = above_on_down};
    if (size < 2)
        return 0;
    if (!server)
        begin();
    downs = 0;
    if (data[0] % 2) {
        struct tls_trust trust = {.pin = identity_fingerprint(identity), .host = "localhost"};
        check(tls_open(&loop, &below, &trust, &handler, &s, NULL) == 0);
    } else {
        s = tls_accept(server, &below);
        stream_begin(s, &handler);
    }
    size_t piece = data[0] < 128 ? size : (size_t)data[0] - 127;
    for (size_t at = 1; at < size && !below.closed && !below.ending; at += piece)
        below.handler.read(below.handler.arg, (const char *)data + at,
                           piece < size - at ? piece : size - at);
    if (!below.ending)
        stream_close(&below, "the peer closed it");
    stream_down(&below);
    uv_run(&loop, UV_RUN_DEFAULT);
    check(downs == 1);
    return 0;
}
