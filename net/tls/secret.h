/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Secrets as bytes and text: random ones from the kernel, their hashes, and how they are compared
 * and wiped. Knows nothing of tokens or keys. */
#include <stdbool.h>
#include <stddef.h>

enum {
    SECRET_HASH_BYTES = 32, /* SHA-256 */
    SECRET_HASH_TEXT_BYTES = 2 * SECRET_HASH_BYTES + 1,
    SECRET_CHARS = 43, /* of base62: 256 bits */
};

void secret_random(void *out, size_t len);
/* `chars` random characters of 0-9, A-Z, a-z, each equally likely, and a NUL after them. */
void secret_text(char *out, size_t chars);
void secret_hash(const void *bytes, size_t len, unsigned char out[SECRET_HASH_BYTES]);
/* The hash as lower-case hexadecimal digits. */
void secret_hash_text(const void *bytes, size_t len, char out[SECRET_HASH_TEXT_BYTES]);
/* HMAC-SHA256 (RFC 2104) of the bytes under the key. */
void secret_mac(const void *key, size_t key_len, const void *bytes, size_t len,
                unsigned char out[SECRET_HASH_BYTES]);
/* The same of bytes that come in pieces. */
struct secret_hashing;
struct secret_hashing *secret_hashing_new(void);
void secret_hashing_add(struct secret_hashing *h, const void *bytes, size_t len);
void secret_hashing_end(struct secret_hashing *h, char out[SECRET_HASH_TEXT_BYTES]); /* frees it */
/* Takes the same time whatever the bytes are. */
bool secret_equal(const void *a, const void *b, size_t len);
/* Overwrites the bytes; the compiler cannot leave it out. */
void secret_wipe(void *bytes, size_t len);
