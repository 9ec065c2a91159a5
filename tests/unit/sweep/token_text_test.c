/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>

#include "base/number/rng.h"
#include "sweep/trust/join_text.h"
#include "sweep/trust/token_text.h"
#include "tests/test.h"

#define FINGERPRINT "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void some_bytes(struct rng *r, unsigned char bytes[TOKEN_TEXT_RANDOM])
{
    for (int i = 0; i < TOKEN_TEXT_RANDOM; i++)
        bytes[i] = (unsigned char)rng_below(r, 256);
}

static void some_token(struct rng *r, enum credential_scope scope, char ret[TOKEN_TEXT_BYTES])
{
    unsigned char bytes[TOKEN_TEXT_RANDOM];
    some_bytes(r, bytes);
    token_text_make(scope, bytes, ret);
}

TEST(token_text_is_known)
{
    char text[TOKEN_TEXT_BYTES];
    unsigned char bytes[TOKEN_TEXT_RANDOM] = {0};
    token_text_make(CREDENTIAL_ADMIN, bytes, text);
    ASSERT_STR(text, "bsm_admin_aaaaaaaa_0000000000000000000000000000000000000000000_1rlouO");
    memset(bytes, 255, sizeof bytes);
    token_text_make(CREDENTIAL_OPERATOR, bytes, text);
    ASSERT_STR(text, "bsm_operator_dddddddd_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1_1leBBr");
}

/* Python's wandb takes a key of 40 characters or more. */
TEST(token_text_parses_what_it_makes)
{
    struct rng r;
    rng_init(&r, 7, 0, 0);
    for (int i = 0; i < 3000; i++) {
        char text[TOKEN_TEXT_BYTES];
        struct token_text token;
        enum credential_scope scope = (enum credential_scope)(i % CREDENTIAL_SCOPE_COUNT);
        some_token(&r, scope, text);
        ASSERT(strlen(text) >= 40);
        ASSERT_EQ(token_text_parse(text, &token, NULL), 0);
        ASSERT_EQ(token.scope, scope);
        ASSERT(credential_id_is_valid(token.id));
    }
}

TEST(token_text_refuses_every_change_of_one_character)
{
    struct rng r;
    rng_init(&r, 8, 0, 0);
    char text[TOKEN_TEXT_BYTES];
    some_token(&r, CREDENTIAL_VIEWER, text);
    for (size_t i = 0; text[i]; i++) {
        for (int c = 0; c < 256; c++) {
            struct token_text token;
            char changed[TOKEN_TEXT_BYTES];
            memcpy(changed, text, sizeof changed);
            changed[i] = (char)c;
            if (changed[i] != text[i])
                ASSERT_EQ(token_text_parse(changed, &token, NULL), ERR_SYNTAX);
        }
    }
}

TEST(token_text_says_what_is_wrong_without_the_secret)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "it must begin with bsm_"},
        {"hunter2", "it must begin with bsm_"},
        {"bsm_root_aaaaaaaa_", "the part after bsm_ is not the name of a scope"},
        {"bsm_admin", "the part after bsm_ is not the name of a scope"},
        {"bsm_admin_AAAAAAAA_", "its id is not 8 characters of a-z and 0-9"},
        {"bsm_admin_aaaaaaaa_000", "its secret is not 43 letters and digits"},
        {"bsm_admin_aaaaaaaa_0000000000000000000000000000000000000000000_1rlou",
         "its checksum is wrong: copy it again, with all of its characters"},
        {"bsm_admin_aaaaaaaa_0000000000000000000000000000000000000000000_1rlouO ",
         "its checksum is wrong: copy it again, with all of its characters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct token_text token;
        struct err err = {0};
        ASSERT_EQ(token_text_parse(cases[i].text, &token, &err), ERR_SYNTAX);
        ASSERT_STR(strstr(err.text, ": ") + 2, cases[i].why);
        ASSERT(!strstr(err.text, "hunter2") && !strstr(err.text, "0000"));
    }
}

TEST(join_text_parses_what_it_makes)
{
    static const char *const hosts[] = {"gpu0", "gpu0.example.org", "10.0.0.7", "fd00::1"};
    static const char *const here[] = {"127.0.0.1", "localhost", "::1", "127.8.9.10"};
    struct rng r;
    rng_init(&r, 9, 0, 0);
    for (int i = 0; i < 2000; i++) {
        struct join_text j = {.tls = i % 3 > 0}, got;
        char text[JOIN_TEXT_BYTES], blank[JOIN_TEXT_BYTES + 8];
        j.port = (uint16_t)(1 + rng_below(&r, 65535));
        snprintf(j.host, sizeof j.host, "%s", (j.tls ? hosts : here)[rng_below(&r, 4)]);
        for (int k = 0; j.tls && k < CREDENTIAL_HASH_CHARS; k++)
            j.fingerprint[k] = "0123456789abcdef"[rng_below(&r, 16)];
        some_token(&r, CREDENTIAL_JOIN, j.token);
        join_text_make(&j, text);
        snprintf(blank, sizeof blank, "\n %s\r\n", text);
        struct err err = {0};
        if (join_text_parse(blank, strlen(blank), &got, &err) != 0)
            FAIL("%s: %s", text, err.text);
        ASSERT_EQ(got.tls, j.tls);
        ASSERT_EQ(got.port, j.port);
        ASSERT_STR(got.host, j.host);
        ASSERT_STR(got.fingerprint, j.fingerprint);
        ASSERT_STR(got.token, j.token);
    }
}

/* %j stands for a join token, %o for another. */
TEST(join_text_says_what_is_wrong)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "it is empty"},
        {" \n", "it is empty"},
        {"gpu0:8470", "it must begin with https:// or http://"},
        {"https://", "the host must be a name"},
        {"https://user@gpu0:8470#sha256:" FINGERPRINT ",%j", "followed by : and a port"},
        {"https://[gpu0]:8470#sha256:" FINGERPRINT ",%j", "the host must be a name"},
        {"https://[::1:8470#sha256:" FINGERPRINT ",%j", "the host must be a name"},
        {"https://gpu0#sha256:" FINGERPRINT ",%j", "followed by : and a port"},
        {"https://gpu0:0#sha256:" FINGERPRINT ",%j", "followed by : and a port"},
        {"https://gpu0:65536#sha256:" FINGERPRINT ",%j", "followed by : and a port"},
        {"https://gpu0:8470", "put the string in quotes"},
        {"https://gpu0:8470/#sha256:" FINGERPRINT ",%j", "must be followed by #"},
        {"https://gpu0:8470#,%j", "its fingerprint must be"},
        {"https://gpu0:8470#sha256:e3b0,%j", "its fingerprint must be"},
        {"https://gpu0:8470#sha256:" FINGERPRINT "0,%j", "its fingerprint must be"},
        {"https://gpu0:8470#sha256:" FINGERPRINT, "a comma and the token"},
        {"https://gpu0:8470#sha256:" FINGERPRINT ",", "it must begin with bsm_"},
        {"https://gpu0:8470#sha256:" FINGERPRINT ",%o", "has the scope operator"},
        {"https://gpu0:8470#sha256:" FINGERPRINT ",%j,", "its checksum is wrong"},
        {"http://gpu0:8470#,%j", "is for this machine only"},
        {"http://127.0.0.1.example.org:8470#,%j", "is for this machine only"},
        {"http://127.0.0.1:8470#sha256:" FINGERPRINT ",%j", "there is no fingerprint with http"},
    };
    struct rng r;
    rng_init(&r, 10, 0, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[JOIN_TEXT_BYTES], token[TOKEN_TEXT_BYTES];
        const char *at = strchr(cases[i].text, '%');
        some_token(&r, at && at[1] == 'o' ? CREDENTIAL_OPERATOR : CREDENTIAL_JOIN, token);
        snprintf(text, sizeof text, "%.*s%s%s", at ? (int)(at - cases[i].text) : 400, cases[i].text,
                 at ? token : "", at ? at + 2 : "");
        struct join_text j;
        struct err err = {0};
        ASSERT_EQ(join_text_parse(text, strlen(text), &j, &err), ERR_SYNTAX);
        if (!strstr(err.text, cases[i].why))
            FAIL("%s:\n  got  \"%s\"\n  want \"%s\"", cases[i].text, err.text, cases[i].why);
        ASSERT(!at || !strstr(err.text, token + 20));
    }
}

TEST(join_text_has_a_limit)
{
    struct join_text j;
    char text[4096];
    memset(text, 'a', sizeof text);
    ASSERT_EQ(join_text_parse(text, sizeof text, &j, NULL), ERR_SYNTAX);
    ASSERT_EQ(join_text_parse("https://a\0b", 11, &j, NULL), ERR_SYNTAX);
}

/* The whole table, written out: scope by what is needed. */
TEST(credential_scopes_include_one_another)
{
    static const char *const table[CREDENTIAL_SCOPE_COUNT] = {
        [CREDENTIAL_ADMIN] = "yes yes yes no no no", [CREDENTIAL_OPERATOR] = "no yes yes no no no",
        [CREDENTIAL_VIEWER] = "no no yes no no no",  [CREDENTIAL_AGENT] = "no no no yes no no",
        [CREDENTIAL_TRIAL] = "no no no no yes no",   [CREDENTIAL_JOIN] = "no no no no no yes",
    };
    for (int scope = 0; scope < CREDENTIAL_SCOPE_COUNT; scope++) {
        const char *word = table[scope];
        for (int needed = 0; needed < CREDENTIAL_SCOPE_COUNT; needed++) {
            bool may = credential_may((enum credential_scope)scope, (enum credential_scope)needed);
            ASSERT_EQ(may, *word == 'y');
            word += strcspn(word, " ") + 1;
        }
        ASSERT_EQ(credential_scope_find(credential_scope_name((enum credential_scope)scope)),
                  scope);
    }
    ASSERT(!credential_may(CREDENTIAL_SCOPE_COUNT, CREDENTIAL_VIEWER));
    ASSERT(!credential_may(CREDENTIAL_ADMIN, CREDENTIAL_SCOPE_COUNT));
    ASSERT_EQ(credential_scope_find("root"), -1);
}

TEST(credential_hashes_are_compared_whole)
{
    char other[] = FINGERPRINT, shorter[] = FINGERPRINT, upper[] = FINGERPRINT;
    ASSERT(credential_hash_is_same(FINGERPRINT, other));
    for (size_t i = 0; i < sizeof other - 1; i++) {
        char was = other[i];
        other[i] = was == '0' ? '1' : '0';
        ASSERT(!credential_hash_is_same(FINGERPRINT, other));
        other[i] = was;
    }
    shorter[63] = '\0';
    upper[0] = (char)toupper(upper[0]);
    ASSERT(!credential_hash_is_same(shorter, shorter));
    ASSERT(!credential_hash_is_same(FINGERPRINT, upper));
    ASSERT(!credential_hash_is_same("", ""));
}
