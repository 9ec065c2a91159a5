/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The parts of an identity, for net/tls/ alone. */
#include "base/err.h"
#include "net/tls/openssl.h"
#include "net/tls/secret.h"

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) * chain; /* from its issuer on; may be empty */
    char fingerprint[SECRET_HASH_TEXT_BYTES];
};

/* Takes over all three. */
struct identity *identity_parts_join(EVP_PKEY *key, X509 *certificate, STACK_OF(X509) * chain);
/* The fingerprint of the key in a certificate. */
void identity_parts_fingerprint(const X509 *certificate, char out[SECRET_HASH_TEXT_BYTES]);
NODISCARD int identity_parts_use(const struct identity *id, SSL_CTX *context, struct err *err);
