/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/tls.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "net/address.h"
#include "net/socket.h"
#include "net/tls/certificate.h"
#include "net/tls/context.h"
#include "net/tls/tls_stream.h"

struct tls_server {
    uv_loop_t *loop;
    SSL_CTX *context;
};

int tls_server_new(uv_loop_t *loop, const struct identity *id, struct tls_server **ret,
                   struct err *err)
{
    SSL_CTX *context;
    int rc = context_server(id, &context, err);
    if (rc != 0)
        return rc;
    *ret = mem_alloc(sizeof **ret);
    **ret = (struct tls_server){.loop = loop, .context = context};
    return 0;
}

void tls_server_free(struct tls_server *server)
{
    if (server)
        SSL_CTX_free(server->context);
    mem_free(server);
}

struct stream *tls_accept(const struct tls_server *server, struct stream *below)
{
    return tls_stream_accept(server->loop, below, server->context);
}

static int tls_read_pin(const char *pin, char out[IDENTITY_FINGERPRINT_BYTES], struct err *err)
{
    size_t len = strlen(pin);
    if (len != IDENTITY_FINGERPRINT_BYTES - 1 || strspn(pin, "0123456789abcdefABCDEF") != len)
        return err_set(err, ERR_USAGE, "the fingerprint of a key has 64 hexadecimal digits");
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)tolower((unsigned char)pin[i]);
    return 0;
}

/* Creates a client over `below`, or closes `below`. */
static int tls_client(uv_loop_t *loop, struct stream *below, const char *host,
                      const struct tls_trust *trust, const struct stream_handler *handler,
                      struct stream **ret, struct err *err)
{
    char pin[IDENTITY_FINGERPRINT_BYTES] = "";
    SSL_CTX *context;
    int rc = trust->pin ? tls_read_pin(trust->pin, pin, err) : 0;
    if (rc == 0 && !pin[0] && !host[0])
        rc = err_set(err, ERR_USAGE, "the name of a server without a fingerprint is missing");
    if (rc == 0)
        rc = context_client(pin[0], trust->identity, &context, err);
    if (rc != 0) {
        stream_close(below, "");
        return rc;
    }
    *ret = tls_stream_connect(loop, below, context, host, pin);
    SSL_CTX_free(context); /* the stream holds it */
    if (handler)
        (*ret)->handler = *handler;
    return 0;
}

int tls_connect(uv_loop_t *loop, const char *address, const struct tls_trust *trust,
                const struct stream_handler *handler, struct stream **ret, struct err *err)
{
    struct address to = {0};
    struct stream *below;
    int rc = address_parse(address, &to, err);
    const char *host = trust->host ? trust->host : to.unix_socket ? "" : to.host;
    if (rc == 0)
        rc = socket_connect(loop, address, NULL, &below, err);
    if (rc == 0)
        rc = tls_client(loop, below, host, trust, handler, ret, err);
    return rc;
}

int tls_open(uv_loop_t *loop, struct stream *below, const struct tls_trust *trust,
             const struct stream_handler *handler, struct stream **ret, struct err *err)
{
    int rc = tls_client(loop, below, trust->host ? trust->host : "", trust, handler, ret, err);
    if (rc == 0)
        tls_stream_start(*ret);
    return rc;
}

void tls_peer_key(const struct stream *s, char out[IDENTITY_FINGERPRINT_BYTES])
{
    snprintf(out, IDENTITY_FINGERPRINT_BYTES, "%s", tls_stream_key(s));
}

bool tls_peer_certificate(const struct stream *s, const char *host, struct tls_certificate *ret,
                          struct buf *pem)
{
    X509 *x = tls_stream_certificate(s);
    if (!x)
        return false;
    *ret = (struct tls_certificate){.own = certificate_is_own(x),
                                    .named = certificate_is_for(x, host)};
    certificate_print(x, pem);
    return true;
}

const char *tls_authorities(void)
{
    return context_authorities();
}
