/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody hands in as a join string or as a token: it is refused, or it is one that is made again
 * just so. The mutations of a text hardly ever keep a checksum right, so a token made from the same
 * bytes takes the place of "%". */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "sweep/trust/join_text.h"
#include "tests/fuzz/fuzz.h"

static void text_try(const char *text, size_t len)
{
    struct join_text j;
    struct token_text token;
    struct err err = {0};
    char again[JOIN_TEXT_BYTES];
    if (join_text_parse(text, len, &j, &err) == 0) {
        struct join_text second;
        check(token_text_parse(j.token, &token, NULL) == 0 && token.scope == CREDENTIAL_JOIN);
        check(j.tls ? credential_hash_is_valid(j.fingerprint) : join_text_is_loopback(j.host));
        join_text_make(&j, again);
        check(join_text_parse(again, strlen(again), &second, NULL) == 0);
        check(memcmp(&j, &second, sizeof j) == 0);
    } else {
        check(err.code == ERR_SYNTAX && err.text[0]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char random[TOKEN_TEXT_RANDOM] = {0};
    char made[TOKEN_TEXT_BYTES];
    struct token_text token;
    struct buf text;
    memcpy(random, data, size < sizeof random ? size : sizeof random);
    token_text_make(size % 2 ? CREDENTIAL_JOIN : CREDENTIAL_AGENT, random, made);
    check(token_text_parse(made, &token, NULL) == 0);
    buf_init(&text, SIZE_MAX);
    buf_add(&text, data, size);
    if (token_text_parse(buf_str(&text), &token, NULL) == 0)
        check(credential_id_is_valid(token.id));
    text_try(buf_str(&text), text.len);
    buf_clear(&text);
    for (size_t i = 0; i < size; i++)
        if (data[i] == '%')
            buf_adds(&text, made);
        else
            buf_addc(&text, (char)data[i]);
    text_try(buf_str(&text), text.len);
    buf_done(&text);
    return 0;
}
