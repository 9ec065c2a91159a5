/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The text of a token: bsm_SCOPE_ID_SECRET_CHECKSUM. ID has 8 characters, SECRET is 256 bits in 43
 * base62 digits, and CHECKSUM is the CRC-32 of all before it in 6: scanners for leaked secrets can
 * recognise a token, and a token that was not copied whole is refused with a word. Pure: the random
 * bytes are handed in, and the hash of the text is the caller's. */
#include "base/err.h"
#include "sweep/trust/credential.h"

enum {
    TOKEN_TEXT_RANDOM = 40, /* bytes: 8 for the id, 32 for the secret */
    TOKEN_TEXT_BYTES = 80   /* a buffer for any token */
};

struct token_text {
    enum credential_scope scope;
    char id[CREDENTIAL_ID_CHARS + 1];
};

void token_text_make(enum credential_scope scope, const unsigned char random[TOKEN_TEXT_RANDOM],
                     char ret[TOKEN_TEXT_BYTES]);
/* ERR_SYNTAX says what is wrong, and never repeats the text. */
NODISCARD int token_text_parse(const char *text, struct token_text *ret, struct err *err);
