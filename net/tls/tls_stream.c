/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/tls_stream.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/tls/channel.h"
#include "net/tls/crypto.h"

/*     CONNECTING --below is up--> HANDSHAKE --done--> OPEN --close_notify sent--> SHUT
 * A stream that is accepted begins in HANDSHAKE. Any state may end in `down` of the stream below. */
enum state { CONNECTING, HANDSHAKE, OPEN, SHUT };

enum { RECORD_BYTES = 16 << 10, RECORD_TYPE_HANDSHAKE = 22, RECORD_TYPE_ALERT = 21 };

struct tls {
    struct stream stream; /* first: a stream is cast to it */
    uv_timer_t timer;     /* ends the handshake; later, hands out `kept` */
    int holds;            /* the timer, and the stream below */
    enum state state;
    bool server, up, paused, heard;
    SSL *ssl;
    struct context_peer peer;
    struct channel channel; /* its input: ciphertext that is being read */
    size_t handshake_bytes;
    struct buf kept;  /* ciphertext that arrived before a pause; then nothing is read below */
    struct buf plain; /* to be sent when the handshake has ended */
};

/* Shared by all streams: nothing is kept in it over calls, and all loops run in one thread. */
static char read_plain[RECORD_BYTES], write_plain[RECORD_BYTES];

static void tls_release(struct tls *t)
{
    if (--t->holds > 0)
        return;
    SSL_free(t->ssl);
    buf_done(&t->kept);
    buf_done(&t->plain);
    stream_down(&t->stream);
    mem_free(t);
}

static void tls_on_timer_closed(uv_handle_t *timer)
{
    tls_release(timer->data);
}

static void tls_on_below_down(void *arg, const char *why)
{
    struct tls *t = arg;
    char text[sizeof t->stream.why];
    snprintf(text, sizeof text, "%s%s", why,
             t->state == HANDSHAKE ? " during the TLS handshake" : "");
    if (!t->stream.closed && t->stream.code == 0)
        t->stream.code = t->stream.below->code;
    t->stream.below = NULL;
    t->state = SHUT;
    stream_close(&t->stream, text);
    uv_close((uv_handle_t *)&t->timer, tls_on_timer_closed);
    tls_release(t);
}

/* The alert tells the peer that it has received everything. */
static void tls_shut(struct tls *t)
{
    if (t->state == OPEN) {
        ERR_clear_error();
        SSL_shutdown(t->ssl);
        ERR_clear_error();
    }
    t->state = SHUT;
    uv_timer_stop(&t->timer);
}

static void tls_close(struct stream *s)
{
    struct tls *t = (struct tls *)s;
    tls_shut(t);
    if (s->below)
        stream_close(s->below, s->why);
}

/* Unlike stream_close, this lets data that was sent, such as an alert, reach the peer. */
static void tls_fail(struct tls *t, int code, const char *why)
{
    if (t->stream.closed)
        return;
    t->stream.code = code;
    t->state = SHUT;
    uv_timer_stop(&t->timer);
    stream_end(&t->stream, why);
    stream_end(t->stream.below, why); /* where the stream was ending already */
}

/* True if trying again would not help: no common version. */
static bool tls_is_foreign(unsigned long error)
{
    int reason = ERR_GET_REASON(error);
    return ERR_GET_LIB(error) == ERR_LIB_SSL &&
           (reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL ||
            reason == SSL_R_WRONG_VERSION_NUMBER);
}

static void tls_fail_by_openssl(struct tls *t)
{
    unsigned long error = ERR_peek_error();
    long verified = SSL_get_verify_result(t->ssl);
    bool shaking = t->state == HANDSHAKE;
    struct err err = {0};
    if (shaking && t->peer.pin[0] && t->peer.key[0] && strcmp(t->peer.pin, t->peer.key) != 0)
        err_set(&err, ERR_IDENTITY, "the server's key is sha256:%s, not sha256:%s", t->peer.key,
                t->peer.pin);
    else if (shaking && !t->server && verified != X509_V_OK)
        err_set(&err, ERR_IDENTITY, "the server's certificate is refused: %s",
                X509_verify_cert_error_string(verified));
    else
        crypto_fail(&err, tls_is_foreign(error) ? ERR_PROTOCOL : 0,
                    shaking ? "the TLS handshake failed" : "TLS failed");
    ERR_clear_error();
    tls_fail(t, err.code, err.text);
}

/* Sends one piece after the other; what cannot be sent now, because the peer has sent half of a
 * message about its keys, waits in `plain`. */
static size_t tls_encrypt(struct tls *t, const char *bytes, size_t len)
{
    size_t at = 0;
    while (at < len && t->state == OPEN) {
        size_t piece = len - at < RECORD_BYTES ? len - at : RECORD_BYTES;
        ERR_clear_error();
        int n = SSL_write(t->ssl, bytes + at, (int)piece);
        if (n > 0)
            at += (size_t)n;
        else if (SSL_get_error(t->ssl, n) == SSL_ERROR_WANT_READ)
            break;
        else
            tls_fail_by_openssl(t);
    }
    return at;
}

/* Removes what was used, and frees the memory when nothing is left. */
static void tls_used(struct buf *b, size_t len)
{
    if (len < b->len) {
        buf_drop(b, len);
    } else if (b->len > 0) {
        buf_done(b);
        buf_init(b, SIZE_MAX);
    }
}

static void tls_flush(struct tls *t)
{
    if (t->plain.len > 0)
        tls_used(&t->plain, tls_encrypt(t, buf_str(&t->plain), t->plain.len));
}

static void tls_write(struct stream *s, const void *head, size_t head_len, const void *bytes,
                      size_t len)
{
    struct tls *t = (struct tls *)s;
    const char *rest = bytes ? bytes : "";
    if (t->state != OPEN || t->plain.len > 0) {
        buf_add(&t->plain, head, head_len);
        buf_add(&t->plain, bytes, len);
        return;
    }
    if (head_len > 0 && head_len < RECORD_BYTES) { /* one record for both, or their beginning */
        size_t some = len < RECORD_BYTES - head_len ? len : RECORD_BYTES - head_len;
        memcpy(write_plain, head, head_len);
        if (some > 0)
            memcpy(write_plain + head_len, rest, some);
        size_t sent = tls_encrypt(t, write_plain, head_len + some);
        buf_add(&t->plain, write_plain + sent, head_len + some - sent);
        rest += some;
        len -= some;
    } else if (head_len > 0) {
        size_t sent = tls_encrypt(t, head, head_len);
        buf_add(&t->plain, (const char *)head + sent, head_len - sent);
    }
    size_t sent = t->plain.len == 0 ? tls_encrypt(t, rest, len) : 0;
    buf_add(&t->plain, rest + sent, len - sent);
}

static size_t tls_unsent(const struct stream *s)
{
    const struct tls *t = (const struct tls *)s;
    return t->plain.len + (s->below ? stream_unsent(s->below) : 0);
}

static void tls_end(struct stream *s)
{
    struct tls *t = (struct tls *)s;
    if (t->state == HANDSHAKE && t->plain.len > 0)
        return; /* when the handshake has ended */
    tls_shut(t);
    if (s->below)
        stream_end(s->below, s->why);
}

static void tls_on_below_sent(void *arg)
{
    struct tls *t = arg;
    if (t->state == OPEN && t->plain.len == 0)
        stream_sent(&t->stream);
}

static void tls_opened(struct tls *t)
{
    t->state = OPEN;
    t->up = true;
    uv_timer_stop(&t->timer);
    tls_flush(t);
    if (t->stream.ending)
        tls_end(&t->stream);
    else if (t->stream.handler.up)
        t->stream.handler.up(t->stream.handler.arg);
}

static void tls_shake(struct tls *t)
{
    ERR_clear_error();
    int rc = SSL_do_handshake(t->ssl);
    if (rc == 1)
        tls_opened(t);
    else if (SSL_get_error(t->ssl, rc) != SSL_ERROR_WANT_READ)
        tls_fail_by_openssl(t);
}

/* Decrypts `input`; true while there may be more. */
static bool tls_decrypt(struct tls *t)
{
    ERR_clear_error();
    int n = SSL_read(t->ssl, read_plain, sizeof read_plain);
    if (n > 0) {
        if (!t->stream.ending)
            t->stream.handler.read(t->stream.handler.arg, read_plain, (size_t)n);
        return true;
    }
    int error = SSL_get_error(t->ssl, n);
    if (error == SSL_ERROR_ZERO_RETURN) {
        t->stream.eof = true;
        stream_end(&t->stream, "the peer closed it");
    } else if (error != SSL_ERROR_WANT_READ) {
        tls_fail_by_openssl(t);
    } else {
        tls_flush(t);
    }
    return false;
}

/* Until the input is used up, or the receiver pauses. */
static void tls_consume(struct tls *t)
{
    if (t->state == HANDSHAKE)
        tls_shake(t);
    while (t->state == OPEN && !t->paused && tls_decrypt(t))
        ;
}

static void tls_answer_plain(struct tls *t)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\n"
                                 "Content-Type: text/plain\r\n"
                                 "Content-Length: 35\r\n"
                                 "Connection: close\r\n"
                                 "\r\n"
                                 "this port speaks TLS: use https://\n";
    stream_write(t->stream.below, "", 0, answer, sizeof answer - 1);
    tls_fail(t, ERR_PROTOCOL, "the peer does not speak TLS");
}

/* True if the peer's first byte cannot be TLS. */
static bool tls_is_plain(const struct tls *t, unsigned char first)
{
    return first != RECORD_TYPE_HANDSHAKE && (t->server || first != RECORD_TYPE_ALERT);
}

static void tls_on_read(void *arg, const char *bytes, size_t len)
{
    struct tls *t = arg;
    if (!t->heard && tls_is_plain(t, (unsigned char)bytes[0])) {
        if (t->server)
            tls_answer_plain(t);
        else
            tls_fail(t, ERR_PROTOCOL, "the server does not speak TLS");
        return;
    }
    t->heard = true;
    t->channel.input = bytes;
    t->channel.input_len = len;
    tls_consume(t);
    if (t->state == OPEN && t->paused) {
        buf_add(&t->kept, t->channel.input, t->channel.input_len);
        stream_pause(t->stream.below);
    }
    t->channel.input_len = 0;
    t->handshake_bytes += len;
    if (t->state == HANDSHAKE && t->handshake_bytes > LIMIT_TLS_HANDSHAKE_BYTES)
        tls_fail(t, ERR_PROTOCOL, "the TLS handshake of the peer is too long");
}

static void tls_on_kept_due(uv_timer_t *timer)
{
    struct tls *t = timer->data;
    t->channel.input = buf_str(&t->kept);
    t->channel.input_len = t->kept.len;
    tls_consume(t);
    tls_used(&t->kept, t->kept.len - t->channel.input_len);
    t->channel.input_len = 0;
    if (t->kept.len == 0 && !t->paused)
        stream_resume(t->stream.below);
}

static void tls_read(struct stream *s, bool on)
{
    struct tls *t = (struct tls *)s;
    t->paused = !on;
    if (t->state == CONNECTING || t->state == HANDSHAKE)
        return;
    if (!on) {
        uv_timer_stop(&t->timer);
        stream_pause(s->below);
    } else if (t->kept.len > 0) {
        uv_timer_start(&t->timer, tls_on_kept_due, 0, 0);
    } else {
        stream_resume(s->below);
    }
}

static const struct stream_type tls_type = {tls_write, tls_unsent, tls_read, tls_end, tls_close};

static void tls_on_late(uv_timer_t *timer)
{
    struct tls *t = timer->data;
    t->state = SHUT;
    stream_close(&t->stream, "no TLS handshake within 5 s");
}

static void tls_begin(struct tls *t)
{
    t->state = HANDSHAKE;
    uv_timer_start(&t->timer, tls_on_late, TLS_STREAM_HANDSHAKE_MS, 0);
}

static void tls_on_below_up(void *arg)
{
    struct tls *t = arg;
    tls_begin(t);
    tls_shake(t);
}

static struct tls *tls_new(uv_loop_t *loop, struct stream *below, SSL_CTX *context)
{
    struct tls *t = mem_alloc(sizeof *t);
    t->stream.type = &tls_type;
    t->stream.below = below;
    t->holds = 2;
    buf_init(&t->kept, SIZE_MAX);
    buf_init(&t->plain, SIZE_MAX);
    uv_timer_init(loop, &t->timer);
    t->timer.data = t;
    t->ssl = SSL_new(context);
    check(t->ssl);
    SSL_set_app_data(t->ssl, &t->peer);
    t->channel.output = below;
    channel_join(&t->channel, t->ssl);
    below->handler = (struct stream_handler){.up = tls_on_below_up,
                                             .read = tls_on_read,
                                             .down = tls_on_below_down,
                                             .arg = t,
                                             .sent = tls_on_below_sent};
    return t;
}

struct stream *tls_stream_accept(uv_loop_t *loop, struct stream *below, SSL_CTX *context)
{
    struct tls *t = tls_new(loop, below, context);
    t->server = true;
    SSL_set_accept_state(t->ssl);
    tls_begin(t);
    stream_resume(below);
    return &t->stream;
}

/* The name is sent, and without a pin the certificate must be for it. */
static void tls_expect(struct tls *t, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
    if (!host[0] || X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
        return;
    SSL_set_tlsext_host_name(t->ssl, host);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    check(SSL_set1_host(t->ssl, host) == 1);
}

struct stream *tls_stream_connect(uv_loop_t *loop, struct stream *below, SSL_CTX *context,
                                  const char *host, const char *pin)
{
    struct tls *t = tls_new(loop, below, context);
    snprintf(t->peer.pin, sizeof t->peer.pin, "%s", pin);
    SSL_set_connect_state(t->ssl);
    tls_expect(t, host);
    return &t->stream;
}

void tls_stream_start(struct stream *s)
{
    tls_on_below_up(s);
    stream_resume(s->below);
}

const char *tls_stream_key(const struct stream *s)
{
    const struct tls *t = (const struct tls *)s;
    return s->type == &tls_type && t->up ? t->peer.key : "";
}

X509 *tls_stream_certificate(const struct stream *s)
{
    const struct tls *t = (const struct tls *)s;
    return s->type == &tls_type && t->up ? SSL_get0_peer_certificate(t->ssl) : NULL;
}
