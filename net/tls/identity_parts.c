/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/identity_parts.h"

#include "base/check.h"
#include "base/mem.h"
#include "net/tls/crypto.h"

struct identity *identity_parts_join(EVP_PKEY *key, X509 *certificate, STACK_OF(X509) * chain)
{
    struct identity *id = mem_alloc(sizeof *id);
    *id = (struct identity){.key = key, .certificate = certificate, .chain = chain};
    identity_parts_fingerprint(certificate, id->fingerprint);
    return id;
}

void identity_parts_fingerprint(const X509 *certificate, char out[SECRET_HASH_TEXT_BYTES])
{
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    check(len > 0);
    secret_hash_text(der, (size_t)len, out);
    OPENSSL_free(der);
}

int identity_parts_use(const struct identity *id, SSL_CTX *context, struct err *err)
{
    if (SSL_CTX_use_certificate(context, id->certificate) == 1 &&
        SSL_CTX_use_PrivateKey(context, id->key) == 1 &&
        SSL_CTX_set1_chain(context, id->chain) == 1)
        return 0;
    return crypto_fail(err, ERR_USAGE, "this certificate cannot be used");
}
