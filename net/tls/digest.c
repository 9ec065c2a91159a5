/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/digest.h"

#include <stdio.h>

#include "base/check.h"
#include "base/mem.h"
#include "net/tls/crypto.h"
#include "net/tls/openssl.h"

struct digesting {
    EVP_MD_CTX *sha256, *md5;
};

struct digesting *digest_new(void)
{
    struct digesting *d = mem_alloc(sizeof *d);
    crypto_begin();
    d->sha256 = EVP_MD_CTX_new();
    d->md5 = EVP_MD_CTX_new();
    check(d->sha256 && EVP_DigestInit_ex(d->sha256, EVP_sha256(), NULL) == 1);
    check(d->md5 && EVP_DigestInit_ex(d->md5, EVP_md5(), NULL) == 1);
    return d;
}

void digest_add(struct digesting *d, const void *bytes, size_t len)
{
    check(EVP_DigestUpdate(d->sha256, bytes, len) == 1);
    check(EVP_DigestUpdate(d->md5, bytes, len) == 1);
}

void digest_end(struct digesting *d, struct digest *ret)
{
    unsigned char sha256[DIGEST_SHA256_CHARS / 2];
    if (!d)
        return;
    if (ret) {
        check(EVP_DigestFinal_ex(d->sha256, sha256, NULL) == 1);
        check(EVP_DigestFinal_ex(d->md5, ret->md5, NULL) == 1);
        for (size_t i = 0; i < sizeof sha256; i++)
            snprintf(ret->sha256 + 2 * i, 3, "%02x", sha256[i]);
    }
    EVP_MD_CTX_free(d->sha256);
    EVP_MD_CTX_free(d->md5);
    mem_free(d);
}
