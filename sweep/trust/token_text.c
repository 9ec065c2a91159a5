/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/trust/token_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/bytes/crc32.h"

enum { ID_RANDOM = 8, SECRET_BYTES = 32, SECRET_DIGITS = 43, CHECKSUM_DIGITS = 6 };

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The n bytes as a number with the highest byte first, in so many base62 digits. */
static void digits_print(unsigned char *bytes, size_t n, size_t wanted, char *ret)
{
    ret[wanted] = '\0';
    for (size_t at = wanted; at-- > 0;) {
        unsigned rest = 0;
        for (size_t i = 0; i < n; i++) {
            unsigned part = rest << 8 | bytes[i];
            bytes[i] = (unsigned char)(part / 62);
            rest = part % 62;
        }
        ret[at] = digits[rest];
    }
}

static void checksum_print(const char *text, size_t len, char ret[CHECKSUM_DIGITS + 1])
{
    uint32_t crc = crc32_add(0, text, len);
    unsigned char bytes[] = {(unsigned char)(crc >> 24), (unsigned char)(crc >> 16),
                             (unsigned char)(crc >> 8), (unsigned char)crc};
    digits_print(bytes, sizeof bytes, CHECKSUM_DIGITS, ret);
}

void token_text_make(enum credential_scope scope, const unsigned char random[TOKEN_TEXT_RANDOM],
                     char ret[TOKEN_TEXT_BYTES])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    char id[CREDENTIAL_ID_CHARS + 1] = {0}, secret[SECRET_DIGITS + 1];
    char checksum[CHECKSUM_DIGITS + 1];
    unsigned char bytes[SECRET_BYTES];
    for (int i = 0; i < CREDENTIAL_ID_CHARS; i++)
        id[i] = letters[random[i] % (sizeof letters - 1)];
    memcpy(bytes, random + ID_RANDOM, sizeof bytes);
    digits_print(bytes, sizeof bytes, SECRET_DIGITS, secret);
    int n =
        snprintf(ret, TOKEN_TEXT_BYTES, "bsm_%s_%s_%s", credential_scope_name(scope), id, secret);
    checksum_print(ret, (size_t)n, checksum);
    n += snprintf(ret + n, TOKEN_TEXT_BYTES - (size_t)n, "_%s", checksum);
    POST(n > 0 && n < TOKEN_TEXT_BYTES);
}

static int no_token(struct err *err, const char *why)
{
    return err_set(err, ERR_SYNTAX, "this is not a whole token: %s", why);
}

/* The part up to the next '_' or the end, if it has this length and only these characters. */
static const char *part_skip(const char *at, size_t len, const char *of)
{
    return strspn(at, of) == len ? at + len : NULL;
}

int token_text_parse(const char *text, struct token_text *ret, struct err *err)
{
    char word[16] = {0}, checksum[CHECKSUM_DIGITS + 1];
    const char *at = text;
    if (strncmp(at, "bsm_", 4) != 0)
        return no_token(err, "it must begin with bsm_");
    at += 4;
    size_t len = strcspn(at, "_");
    memcpy(word, at, len < sizeof word ? len : sizeof word - 1);
    int scope = credential_scope_find(word);
    if (scope < 0 || at[len] != '_')
        return no_token(err, "the part after bsm_ is not the name of a scope");
    const char *id = at + len + 1;
    at = part_skip(id, CREDENTIAL_ID_CHARS, "abcdefghijklmnopqrstuvwxyz0123456789");
    if (!at || *at != '_')
        return no_token(err, "its id is not 8 characters of a-z and 0-9");
    at = part_skip(at + 1, SECRET_DIGITS, digits);
    if (!at || *at != '_')
        return no_token(err, "its secret is not 43 letters and digits");
    checksum_print(text, (size_t)(at - text), checksum);
    if (strcmp(at + 1, checksum) != 0)
        return no_token(err, "its checksum is wrong: copy it again, with all of its characters");
    ret->scope = (enum credential_scope)scope;
    memcpy(ret->id, id, CREDENTIAL_ID_CHARS);
    ret->id[CREDENTIAL_ID_CHARS] = '\0';
    return 0;
}
