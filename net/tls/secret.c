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

static void hash_print(unsigned char hash[SECRET_HASH_BYTES], char out[SECRET_HASH_TEXT_BYTES])
{
    for (size_t i = 0; i < SECRET_HASH_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    secret_wipe(hash, SECRET_HASH_BYTES);
}

void secret_hash_text(const void *bytes, size_t len, char out[SECRET_HASH_TEXT_BYTES])
{
    unsigned char hash[SECRET_HASH_BYTES];
    secret_hash(bytes, len, hash);
    hash_print(hash, out);
}

/* Never defined: it is OpenSSL's context. */
struct secret_hashing *secret_hashing_new(void)
{
    crypto_begin();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    check(context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    return (struct secret_hashing *)context;
}

void secret_hashing_add(struct secret_hashing *h, const void *bytes, size_t len)
{
    check(EVP_DigestUpdate((EVP_MD_CTX *)h, bytes, len) == 1);
}

void secret_hashing_end(struct secret_hashing *h, char out[SECRET_HASH_TEXT_BYTES])
{
    unsigned char hash[SECRET_HASH_BYTES];
    check(EVP_DigestFinal_ex((EVP_MD_CTX *)h, hash, NULL) == 1);
    EVP_MD_CTX_free((EVP_MD_CTX *)h);
    hash_print(hash, out);
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
