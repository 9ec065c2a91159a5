/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls/secret.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/check.h"
#include "net/tls/crypto.h"
#include "net/tls/openssl.h"

void secret_random(void *out, size_t len)
{
    char *at = out;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        check(n > 0 || errno == EINTR);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
}

void secret_text(char *out, size_t chars)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char random[64];
    size_t made = 0;
    while (made < chars) {
        secret_random(random, sizeof random);
        for (size_t i = 0; i < sizeof random && made < chars; i++)
            if (random[i] < 4 * 62) /* else some characters would be likelier */
                out[made++] = digits[random[i] % 62];
    }
    out[made] = '\0';
    secret_wipe(random, sizeof random);
}

void secret_hash(const void *bytes, size_t len, unsigned char out[SECRET_HASH_BYTES])
{
    crypto_begin();
    check(EVP_Digest(bytes, len, out, NULL, EVP_sha256(), NULL) == 1);
}

void secret_hash_text(const void *bytes, size_t len, char out[SECRET_HASH_TEXT_BYTES])
{
    unsigned char hash[SECRET_HASH_BYTES];
    secret_hash(bytes, len, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    secret_wipe(hash, sizeof hash);
}

void secret_mac(const void *key, size_t key_len, const void *bytes, size_t len,
                unsigned char out[SECRET_HASH_BYTES])
{
    size_t n = 0;
    crypto_begin();
    check(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, key_len, bytes, len, out,
                    SECRET_HASH_BYTES, &n) != NULL &&
          n == SECRET_HASH_BYTES);
}

bool secret_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void secret_wipe(void *bytes, size_t len)
{
    OPENSSL_cleanse(bytes, len);
}
