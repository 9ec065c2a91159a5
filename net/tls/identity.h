/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The identity of a peer in TLS: a private key, and a certificate with its public key. Peers
 * recognise one another by the fingerprint of the key: the SHA-256 of the SubjectPublicKeyInfo in hexadecimal
 * digits, which a certificate made anew for the same key keeps. The memory of keys is wiped when it
 * is freed. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "net/tls/secret.h"

struct identity;

enum { IDENTITY_SERVER_DAYS = 3650, IDENTITY_FINGERPRINT_BYTES = SECRET_HASH_TEXT_BYTES };

/* A new P-256 key, and a certificate signed by itself that is valid for `days`. */
NODISCARD int identity_make(const char *common_name, int days, struct identity **ret,
                            struct err *err);
/* The same key with a new certificate, for these names and addresses of hosts, up to a NULL. */
NODISCARD int identity_renew(const struct identity *id, const char *common_name,
                             const char *const *hosts, int days, struct identity **ret,
                             struct err *err);
/* One PEM file, which only its owner may read: the key, its certificate, and others that lead to a
 * certificate authority. Reading refuses a file that others can read. */
NODISCARD int identity_read(const char *path, struct identity **ret, struct err *err);
/* Replaces the file atomically. */
NODISCARD int identity_write(const struct identity *id, const char *path, struct err *err);
void identity_free(struct identity *id); /* takes NULL */

const char *identity_fingerprint(const struct identity *id);
int64_t identity_expires_s(const struct identity *id); /* since 1970 */
bool identity_is_own(const struct identity *id); /* its certificate is signed by its own key */
/* Whether a client that looks for this name or address in the certificate accepts it. */
bool identity_is_for(const struct identity *id, const char *host);
