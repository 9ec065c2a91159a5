/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The credentials of a store: the fold of the facts token_…, as part of the books. Holds hashes and
 * no secrets. A credential that cannot be used any more stays, so that `besom audit` can name it.
 * Pure; must not know how a hash is computed or where a request came from. */
#include <stdint.h>
#include "base/err.h"
#include "base/map.h"
#include "sweep/trust/credential.h"

struct fact;

struct trust_credential {
    uint64_t n; /* number of the fact that made it */
    char id[CREDENTIAL_ID_CHARS + 1];
    enum credential_scope scope;
    enum credential_form form;
    char hash[CREDENTIAL_HASH_CHARS + 1];
    char *name;  /* whose it is; may be NULL */
    char *store; /* id of the store that it was made in */
    /* Who made it: "local user NAME", or the id of a credential: of an agent's, the join token that
     * it came with, or the one before it (trust_successor). */
    char *by;
    int64_t created_ms, expires_ms, used_ms, revoked_ms; /* since 1970; 0: never */
    char *revoked_by; /* as `by`; of a replaced one the id of its successor; may be NULL */
    /* Not of the facts: its refused actions in the current hour (trust_note_refusal). */
    int64_t refusals_from_ms;
    uint32_t refusals;
};

struct trust {
    struct map ids;  /* id -> struct trust_credential *, in order of creation */
    struct map keys; /* hash -> the newest credential of that key */
};

enum trust_reason {
    TRUST_OK,
    TRUST_UNKNOWN, /* no credential of this id has this hash */
    TRUST_EXPIRED,
    TRUST_REVOKED,
    TRUST_USED,  /* a join token that has been used */
    TRUST_COPIED /* a join token from before this store was copied */
};

struct trust_verdict {
    enum trust_reason reason;
    /* NULL if it is unknown: whoever asked is a stranger. Until the next fact. */
    const struct trust_credential *credential;
};

enum {
    TRUST_USED_EACH_MS = 3600000, /* a use is recorded once in this time */
    TRUST_REFUSALS_MAX = 20, /* refused actions of one credential that are recorded in an hour */
};

void trust_init(struct trust *t);
void trust_done(struct trust *t);
/* Folds a fact token_…; ERR_STATE or ERR_NOT_FOUND if it does not fit, and then nothing has
 * changed. */
NODISCARD int trust_apply(struct trust *t, const struct fact *f, struct err *err);
/* Adds a credential as it was loaded; takes ownership. ERR_DAMAGED, and then it is freed. */
NODISCARD int trust_load(struct trust *t, struct trust_credential *c, struct err *err);
void trust_free_credential(struct trust_credential *c);

const struct trust_credential *trust_find(const struct trust *t, const char *id); /* or NULL */
/* When the credential of an agent is to be renewed, since 1970: when a third of its time is left, a
 * little later for some keys than for others; INT64_MAX: never. */
int64_t trust_renewal_ms(const struct trust_credential *c);
/* The credential that a renewal made of this one and that can be used now; NULL if none. It is by
 * the old one, which stays good until the new one is used. */
const struct trust_credential *trust_successor(const struct trust *t,
                                               const struct trust_credential *c, int64_t now_ms);
/* The first expiry after this time of a credential that is not revoked; INT64_MAX: none. */
int64_t trust_next_expiry(const struct trust *t, int64_t after_ms);
/* The credential of scope agent with this name that can be used now; NULL if none. */
const struct trust_credential *trust_find_agent(const struct trust *t, const char *name,
                                                int64_t now_ms);
/* Judges a token: the id in its text and the SHA-256 of its text. `store` is the id of the store
 * now. Takes as long for a wrong hash as for the right one. */
struct trust_verdict trust_check(const struct trust *t, const char *store, const char *id,
                                 const char *hash, int64_t now_ms);
/* Judges the holder of a session that a token of this id opened. */
struct trust_verdict trust_check_session(const struct trust *t, const char *id, int64_t now_ms);
/* Judges the holder of a TLS key, who has proved that it is its own, by its fingerprint. */
struct trust_verdict trust_check_key(const struct trust *t, const char *fingerprint,
                                     int64_t now_ms);
const char *trust_reason_text(enum trust_reason r); /* "has expired" */
/* Whether a use at this time is to be recorded. */
bool trust_use_is_news(const struct trust_credential *c, int64_t now_ms);
/* Counts a refused action of the credential; true if it is to be recorded. */
bool trust_note_refusal(struct trust *t, const char *id, int64_t now_ms);
