/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A new token. Its secret is made here; a controller gets its id and its hash alone. */
#include "net/tls/secret.h"
#include "sweep/trust/token_text.h"

struct mint {
    char text[TOKEN_TEXT_BYTES];
    char id[CREDENTIAL_ID_CHARS + 1];
    char hash[SECRET_HASH_TEXT_BYTES];
};

void mint_token(enum credential_scope scope, struct mint *ret);
void mint_wipe(struct mint *m);
