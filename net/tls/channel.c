/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/channel.h"

#include <string.h>

#include "base/check.h"

static int channel_read(BIO *bio, char *out, int len)
{
    struct channel *c = BIO_get_data(bio);
    size_t n = (size_t)len < c->input_len ? (size_t)len : c->input_len;
    BIO_clear_retry_flags(bio);
    if (n == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(out, c->input, n);
    c->input += n;
    c->input_len -= n;
    return (int)n;
}

static int channel_write(BIO *bio, const char *bytes, int len)
{
    struct channel *c = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    stream_write(c->output, "", 0, bytes, (size_t)len);
    return len;
}

static long channel_control(BIO *bio, int command, long number, void *arg)
{
    (void)bio;
    (void)number;
    (void)arg;
    return command == BIO_CTRL_FLUSH;
}

void channel_join(struct channel *c, SSL *ssl)
{
    static BIO_METHOD *method;
    if (!method) {
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "besom stream");
        check(method && BIO_meth_set_read(method, channel_read) &&
              BIO_meth_set_write(method, channel_write) &&
              BIO_meth_set_ctrl(method, channel_control));
    }
    BIO *bio = BIO_new(method);
    check(bio);
    BIO_set_data(bio, c);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
}
