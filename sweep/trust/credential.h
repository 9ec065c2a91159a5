/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a credential is: its scope, which says what its holder may do, and its form. Pure. Knows no
 * table of credentials (orchestrator/core/trust/trust.h) and computes no hash. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CREDENTIAL_SCOPES(X)                                                              \
    X(CREDENTIAL_ADMIN, "admin")       /* credentials, removal; and all of an operator */ \
    X(CREDENTIAL_OPERATOR, "operator") /* sweeps, so the commands that agents run */      \
    X(CREDENTIAL_VIEWER, "viewer")     /* reading */                                      \
    X(CREDENTIAL_AGENT, "agent")       /* attempts that it was given */                   \
    X(CREDENTIAL_TRIAL, "trial")       /* adding to one trial */                          \
    X(CREDENTIAL_JOIN, "join")         /* becoming an agent, once */

enum credential_scope {
#define X(id, name) id,
    CREDENTIAL_SCOPES(X)
#undef X
        CREDENTIAL_SCOPE_COUNT
};

enum credential_form {
    CREDENTIAL_SECRET, /* the hash is the SHA-256 of a token's whole text */
    CREDENTIAL_KEY,    /* … of the SubjectPublicKeyInfo of a TLS key */
    CREDENTIAL_FORM_COUNT
};

enum {
    CREDENTIAL_ID_CHARS = 8,    /* a-z and 0-9 */
    CREDENTIAL_HASH_CHARS = 64, /* SHA-256 as lower-case hex digits */
    CREDENTIAL_NAME_BYTES_MAX = 200,
    CREDENTIAL_AGENT_BYTES_MAX = 63, /* of the name of an agent */
    CREDENTIAL_JOIN_MS = 3600000, /* how long a join token lasts unless its maker says otherwise */
};

/* How long the credential of an agent that joins lasts: it is renewed before. */
#define CREDENTIAL_AGENT_MS (INT64_C(90) * 24 * 3600 * 1000)

const char *credential_scope_name(enum credential_scope scope);
int credential_scope_find(const char *name); /* -1 if none */
const char *credential_form_name(enum credential_form form);
int credential_form_find(const char *name); /* -1 if none */
/* Whether a holder of `scope` may do what needs `needed`: admin includes operator, and operator
 * includes viewer; each of the others is for itself. */
bool credential_may(enum credential_scope scope, enum credential_scope needed);
bool credential_id_is_valid(const char *id);
/* Whether an agent may have this name. People paste names into commands: a name must not need quotes
 * there, nor look like an option. */
bool credential_agent_is_valid(const char *name);
bool credential_hash_is_valid(const char *hash);
/* Whether two hashes are the same, in a time that does not depend on where they differ. */
bool credential_hash_is_same(const char *a, const char *b);
