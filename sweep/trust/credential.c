/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/trust/credential.h"

#include <string.h>

static const char *const scopes[CREDENTIAL_SCOPE_COUNT] = {
#define X(id, name) [id] = name,
    CREDENTIAL_SCOPES(X)
#undef X
};

static const char *const forms[CREDENTIAL_FORM_COUNT] = {
    [CREDENTIAL_SECRET] = "secret",
    [CREDENTIAL_KEY] = "key",
};

static int word_find(const char *const *words, int n, const char *word)
{
    for (int i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

const char *credential_scope_name(enum credential_scope scope)
{
    return scopes[scope];
}

int credential_scope_find(const char *name)
{
    return word_find(scopes, CREDENTIAL_SCOPE_COUNT, name);
}

const char *credential_form_name(enum credential_form form)
{
    return forms[form];
}

int credential_form_find(const char *name)
{
    return word_find(forms, CREDENTIAL_FORM_COUNT, name);
}

bool credential_may(enum credential_scope scope, enum credential_scope needed)
{
    static const unsigned may[CREDENTIAL_SCOPE_COUNT] = {
        [CREDENTIAL_ADMIN] =
            1u << CREDENTIAL_ADMIN | 1u << CREDENTIAL_OPERATOR | 1u << CREDENTIAL_VIEWER,
        [CREDENTIAL_OPERATOR] = 1u << CREDENTIAL_OPERATOR | 1u << CREDENTIAL_VIEWER,
        [CREDENTIAL_VIEWER] = 1u << CREDENTIAL_VIEWER,
        [CREDENTIAL_AGENT] = 1u << CREDENTIAL_AGENT,
        [CREDENTIAL_TRIAL] = 1u << CREDENTIAL_TRIAL,
        [CREDENTIAL_JOIN] = 1u << CREDENTIAL_JOIN,
    };
    return scope < CREDENTIAL_SCOPE_COUNT && needed < CREDENTIAL_SCOPE_COUNT &&
           (may[scope] >> needed & 1u);
}

bool credential_id_is_valid(const char *id)
{
    return strlen(id) == CREDENTIAL_ID_CHARS &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == CREDENTIAL_ID_CHARS;
}

static bool char_is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80 || (c && strchr("._-@:+", c));
}

bool credential_agent_is_valid(const char *name)
{
    size_t len = strlen(name), i = 0;
    while (i < len && char_is_plain(name[i]))
        i++;
    return len > 0 && len <= CREDENTIAL_AGENT_BYTES_MAX && i == len && name[0] != '-';
}

bool credential_hash_is_valid(const char *hash)
{
    return strlen(hash) == CREDENTIAL_HASH_CHARS &&
           strspn(hash, "0123456789abcdef") == CREDENTIAL_HASH_CHARS;
}

bool credential_hash_is_same(const char *a, const char *b)
{
    volatile unsigned char differs = 0;
    if (!credential_hash_is_valid(a) || !credential_hash_is_valid(b))
        return false;
    for (size_t i = 0; i < CREDENTIAL_HASH_CHARS; i++)
        differs = (unsigned char)(differs | (a[i] ^ b[i]));
    return differs == 0;
}
