/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The hashes of content that comes in pieces: SHA-256, by which it is stored, and MD5, by which wandb's
 * clients name it. Nothing is protected by MD5. */
#include <stddef.h>

enum { DIGEST_SHA256_CHARS = 64, DIGEST_MD5_BYTES = 16 };

struct digest {
    char sha256[DIGEST_SHA256_CHARS + 1]; /* lower-case hexadecimal digits */
    unsigned char md5[DIGEST_MD5_BYTES];
};

struct digesting;
struct digesting *digest_new(void);
void digest_add(struct digesting *d, const void *bytes, size_t len);
/* Frees it; ret may be NULL. Takes NULL. */
void digest_end(struct digesting *d, struct digest *ret);
