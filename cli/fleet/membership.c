/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/membership.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/fleet/invitation.h"
#include "agent/small_file.h"
#include "cli/remote/remote.h"
#include "cli/trust/mint.h"

enum { KEY_DAYS = 3650 }; /* the controller decides how long a key is accepted */

enum which { MINE, TO_COME };

static const char *key_file(const struct membership *m, enum which which)
{
    static const char *const names[2][2] = {{"agent.token", "agent.next.token"},
                                            {"agent.pem", "agent.next.pem"}};
    return names[m->endpoint.tls][which];
}

static int key_read(const char *dir, enum which which, struct membership *m, struct err *err)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", dir, key_file(m, which));
    return m->endpoint.tls
               ? identity_read(path, &m->identity, err)
               : small_file_read(dir, key_file(m, which), m->token, sizeof m->token, err);
}

int membership_name(const char *dir, char *out, size_t size, struct err *err)
{
    return small_file_read(dir, "name", out, size, err);
}

int membership_read(const char *dir, struct membership *ret, struct err *err)
{
    char text[ENDPOINT_BYTES];
    struct membership m = {0};
    int rc = small_file_read(dir, "controller", text, sizeof text, err);
    if (rc == 0)
        rc = endpoint_parse(text, &m.endpoint, err);
    if (rc == 0)
        rc = key_read(dir, MINE, &m, err);
    if (rc == 0)
        *ret = m;
    else
        membership_done(&m);
    return rc;
}

/* Reuses the key of an earlier attempt: only its answer may have been lost. */
static int key_make(const char *dir, const char *name, enum which which, struct membership *m,
                    struct err *err)
{
    char path[PATH_MAX + 32];
    struct mint mint;
    struct err none = {0};
    int rc = key_read(dir, which, m, &none);
    if (rc != ERR_NOT_FOUND) {
        *err = none;
        return rc;
    }
    if (!m->endpoint.tls) {
        mint_token(CREDENTIAL_AGENT, &mint);
        memcpy(m->token, mint.text, sizeof m->token);
        mint_wipe(&mint);
        return small_file_write(dir, key_file(m, which), m->token, err);
    }
    snprintf(path, sizeof path, "%s/%s", dir, key_file(m, which));
    rc = identity_make(name, KEY_DAYS, &m->identity, err);
    return rc ? rc : identity_write(m->identity, path, err);
}

/* The body of the request: over TLS the key of the connection is the agent's, else the hash of its
 * token. The id is that of the credential. */
static struct value *join_body(struct arena *a, const char *name, const struct membership *m)
{
    struct value *body = value_dict(a);
    char hash[SECRET_HASH_TEXT_BYTES];
    struct mint mint;
    struct token_text token = {0};
    struct err none = {0};
    mint_token(CREDENTIAL_AGENT, &mint); /* over TLS for its id alone */
    if (token_text_parse(m->identity ? mint.text : m->token, &token, &none) == 0)
        value_put(a, body, "token", value_str(a, token.id));
    mint_wipe(&mint);
    value_put(a, body, "name", value_str(a, name));
    if (!m->identity) {
        secret_hash_text(m->token, strlen(m->token), hash);
        value_put(a, body, "hash", value_str(a, hash));
    }
    return body;
}

static int join_ask(const char *name, const char *token, const struct membership *m,
                    struct err *err)
{
    struct remote *remote = NULL;
    struct arena a;
    struct value *answer = NULL;
    arena_init(&a);
    int rc = remote_open_as(&m->endpoint, token, m->identity, &remote, err);
    if (rc == 0)
        rc = remote_post(remote, "join", join_body(&a, name, m), &a, &answer, err);
    remote_close(remote);
    arena_done(&a);
    return rc;
}

/* Compares controllers by key or, without TLS, by address. */
static bool endpoint_is_same(const struct endpoint *a, const struct endpoint *b)
{
    return a->tls == b->tls &&
           (a->tls ? strcmp(a->pin, b->pin) == 0 : strcmp(a->address, b->address) == 0);
}

int membership_join(const char *dir, const char *name, const struct join_text *join,
                    struct membership *ret, struct err *err)
{
    char text[ENDPOINT_BYTES];
    struct membership m = {0};
    struct err none = {0};
    struct endpoint endpoint;
    invitation_endpoint(join, &endpoint);
    int rc = membership_read(dir, &m, &none);
    bool member = rc == 0 && endpoint_is_same(&m.endpoint, &endpoint);
    if (rc != 0 && rc != ERR_NOT_FOUND) {
        *err = none;
        return rc;
    }
    m.endpoint = endpoint; /* it may be reached by another name now */
    rc = 0;
    if (!member && !m.identity && !m.token[0])
        rc = key_make(dir, name, MINE, &m, err);
    if (rc == 0 && !member)
        rc = join_ask(name, join->token, &m, err);
    if (rc == 0 && !member)
        rc = small_file_write(dir, "name", name, err);
    endpoint_print(&m.endpoint, text);
    if (rc == 0)
        rc = small_file_write(dir, "controller", text, err);
    if (rc == 0)
        *ret = m;
    else
        membership_done(&m);
    return rc;
}

int membership_renew(const char *dir, const char *name, const struct membership *m,
                     char ret_id[CREDENTIAL_ID_CHARS + 1], char ret_hash[CREDENTIAL_HASH_CHARS + 1],
                     struct err *err)
{
    struct membership next = {.endpoint = m->endpoint};
    struct token_text token = {0};
    struct err none = {0};
    struct mint mint;
    int rc = key_make(dir, name, TO_COME, &next, err);
    mint_token(CREDENTIAL_AGENT, &mint); /* over TLS for its id alone */
    if (rc == 0 && token_text_parse(next.identity ? mint.text : next.token, &token, &none) != 0)
        rc =
            err_set(err, ERR_DAMAGED, "%s/%s is not a token: remove it", dir, key_file(m, TO_COME));
    memcpy(ret_id, token.id, sizeof token.id);
    if (rc == 0 && next.identity)
        snprintf(ret_hash, CREDENTIAL_HASH_CHARS + 1, "%s", identity_fingerprint(next.identity));
    else
        secret_hash_text(next.token, strlen(next.token), ret_hash);
    mint_wipe(&mint);
    membership_done(&next);
    return rc;
}

int membership_renewed(const char *dir, struct membership *m, struct err *err)
{
    struct membership next = {.endpoint = m->endpoint};
    int rc = key_read(dir, TO_COME, &next, err);
    if (rc == 0)
        rc = small_file_rename(dir, key_file(m, TO_COME), key_file(m, MINE), err);
    if (rc == 0) {
        membership_done(m);
        *m = next;
    } else {
        membership_done(&next);
    }
    return rc;
}

void membership_forget_renewal(const char *dir, const struct membership *m)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", dir, key_file(m, TO_COME));
    unlink(path);
}

void membership_forget(const char *dir)
{
    static const char *const names[] = {
        "controller", "name", "agent.token", "agent.pem", "agent.next.token", "agent.next.pem"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX + 32];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
}

void membership_done(struct membership *m)
{
    identity_free(m->identity);
    secret_wipe(m->token, sizeof m->token);
    *m = (struct membership){0};
}
