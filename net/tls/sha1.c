/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/sha1.h"

#include "base/check.h"
#include "net/tls/crypto.h"
#include "net/tls/openssl.h"

void sha1_hash(const void *bytes, size_t len, unsigned char out[SHA1_BYTES])
{
    crypto_begin();
    check(EVP_Digest(bytes, len, out, NULL, EVP_sha1(), NULL) == 1);
}
