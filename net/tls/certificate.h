/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* X.509 certificates, for net/tls/ alone: makes those that are signed by their own key, and says for
 * which hosts a certificate is. Besom itself trusts keys; certificates are for other programs, which look
 * for the name of the host in them. */
#include <stdbool.h>
#include "base/buf.h"
#include "net/tls/openssl.h"

/* hosts: names and addresses, up to a NULL. NULL: OpenSSL's queue has the reason. */
X509 *certificate_make(EVP_PKEY *key, const char *common_name, const char *const *hosts, int days);
bool certificate_is_own(X509 *x); /* signed by its own key */
/* host: a name, or an address without brackets. */
bool certificate_is_for(X509 *x, const char *host);
void certificate_print(X509 *x, struct buf *out); /* as PEM */
