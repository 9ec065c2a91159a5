/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The join string, all that an agent needs to join a controller:
 *   https://HOST:PORT#sha256:FINGERPRINT,TOKEN
 * FINGERPRINT is the SHA-256 of the controller's public key. A controller that listens on loopback
 * alone speaks plain HTTP: http://127.0.0.1:PORT#,TOKEN. Pure. */
#include <stdint.h>
#include "sweep/trust/token_text.h"

enum {
    JOIN_TEXT_HOST_BYTES = 256,
    JOIN_TEXT_BYTES = 512 /* a buffer for any join string */
};

struct join_text {
    bool tls;
    char host[JOIN_TEXT_HOST_BYTES]; /* a name or an address; IPv6 without brackets */
    uint16_t port;
    char fingerprint[CREDENTIAL_HASH_CHARS + 1]; /* "" without TLS */
    char token[TOKEN_TEXT_BYTES];
};

void join_text_make(const struct join_text *j, char ret[JOIN_TEXT_BYTES]);
/* Spaces and line ends around the string are ignored. ERR_SYNTAX says what is wrong, and never
 * repeats the token. */
NODISCARD int join_text_parse(const char *text, size_t len, struct join_text *ret, struct err *err);
/* Whether the host is this machine: the only one that is spoken to without TLS. */
bool join_text_is_loopback(const char *host);
