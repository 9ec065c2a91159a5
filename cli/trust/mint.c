/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/trust/mint.h"

#include <string.h>

#include "base/check.h"

void mint_token(enum credential_scope scope, struct mint *ret)
{
    unsigned char random[TOKEN_TEXT_RANDOM];
    struct token_text parsed;
    secret_random(random, sizeof random);
    token_text_make(scope, random, ret->text);
    secret_wipe(random, sizeof random);
    check(token_text_parse(ret->text, &parsed, NULL) == 0);
    memcpy(ret->id, parsed.id, sizeof ret->id);
    secret_hash_text(ret->text, strlen(ret->text), ret->hash);
}

void mint_wipe(struct mint *m)
{
    secret_wipe(m, sizeof *m);
}
