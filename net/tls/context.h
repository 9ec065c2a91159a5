/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What TLS connections of one kind share, for net/tls/ alone: TLS 1.3, no tickets, no resumption.
 * A peer proves that it has the key of its certificate; the key is identified by its fingerprint.
 * The dates and names in a self-signed certificate are only its owner's claims and are ignored. */
#include <stdbool.h>
#include "base/err.h"
#include "net/tls/identity.h"
#include "net/tls/openssl.h"

/* Of one connection: the data of its SSL. */
struct context_peer {
    char pin[IDENTITY_FINGERPRINT_BYTES]; /* the only key that is taken; "": any */
    char key[IDENTITY_FINGERPRINT_BYTES]; /* the peer's, "" if it showed none */
};

/* Requests a certificate, and accepts any key or none. */
NODISCARD int context_server(const struct identity *id, SSL_CTX **ret, struct err *err);
/* Accepts only the key of the pin. Without a pin, authorities that the system trusts must have signed the
 * certificate, for the host that the SSL names. id: NULL for none. */
NODISCARD int context_client(bool pinned, const struct identity *id, SSL_CTX **ret,
                             struct err *err);
/* The system's file of certificate authorities; NULL if none is found. */
const char *context_authorities(void);
