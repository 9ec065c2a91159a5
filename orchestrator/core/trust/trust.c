/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/trust/trust.h"

#include <string.h>

#include "base/mem.h"
#include "sweep/fact.h"

enum { REFUSALS_IN_MS = 3600000 };

void trust_init(struct trust *t)
{
    map_init(&t->ids);
    map_init(&t->keys);
}

void trust_free_credential(struct trust_credential *c)
{
    mem_free(c->name);
    mem_free(c->store);
    mem_free(c->by);
    mem_free(c->revoked_by);
    mem_free(c);
}

void trust_done(struct trust *t)
{
    void *c;
    for (size_t at = 0; map_next(&t->ids, &at, &c);)
        trust_free_credential(c);
    map_done(&t->ids);
    map_done(&t->keys);
}

static struct trust_credential *credential_of(const struct trust *t, const char *id)
{
    return map_find(&t->ids, id, strlen(id));
}

const struct trust_credential *trust_find(const struct trust *t, const char *id)
{
    return credential_of(t, id);
}

static void credential_put(struct trust *t, struct trust_credential *c)
{
    map_put(&t->ids, c->id, strlen(c->id), c);
    if (c->form == CREDENTIAL_KEY)
        map_put(&t->keys, c->hash, CREDENTIAL_HASH_CHARS, c);
}

int trust_load(struct trust *t, struct trust_credential *c, struct err *err)
{
    if (credential_id_is_valid(c->id) && credential_hash_is_valid(c->hash) &&
        !credential_of(t, c->id)) {
        credential_put(t, c);
        return 0;
    }
    trust_free_credential(c);
    return err_set(err, ERR_DAMAGED, "a row of the store is damaged: the id or hash of a token");
}

static int no_token(struct err *err, const char *id)
{
    return err_set(err, ERR_NOT_FOUND, "there is no token %s", id);
}

static void credential_revoke(struct trust_credential *c, const struct fact *f, const char *by)
{
    c->revoked_ms = f->time_ms;
    c->revoked_by = mem_strdup(by);
}

static int apply_created(struct trust *t, const struct fact *f, struct err *err)
{
    struct trust_credential *old = f->replaces ? credential_of(t, f->replaces) : NULL;
    if (credential_of(t, f->token))
        return err_set(err, ERR_STATE, "the token %s exists already", f->token);
    if (f->replaces && !old)
        return no_token(err, f->replaces);
    if (old && old->revoked_ms)
        return err_set(err, ERR_STATE, "token %s is revoked and cannot be replaced", old->id);
    struct trust_credential *c = mem_alloc(sizeof *c);
    c->n = f->seq;
    memcpy(c->id, f->token, CREDENTIAL_ID_CHARS);
    memcpy(c->hash, f->hash, CREDENTIAL_HASH_CHARS);
    c->scope = f->scope;
    c->form = f->form;
    c->name = f->name ? mem_strdup(f->name) : NULL;
    c->store = mem_strdup(f->store);
    c->by = mem_strdup(f->by);
    c->created_ms = f->time_ms;
    c->expires_ms = f->expires_ms;
    if (old)
        credential_revoke(old, f, c->id);
    credential_put(t, c);
    return 0;
}

int trust_apply(struct trust *t, const struct fact *f, struct err *err)
{
    if (f->kind == FACT_TOKEN_CREATED)
        return apply_created(t, f, err);
    struct trust_credential *c = credential_of(t, f->token);
    if (!c)
        return no_token(err, f->token);
    if (c->revoked_ms)
        return err_set(err, ERR_STATE, "token %s is revoked already", f->token);
    if (f->kind == FACT_TOKEN_USED && c->scope == CREDENTIAL_JOIN && c->used_ms)
        return err_set(err, ERR_STATE, "the join token %s has been used already", f->token);
    if (f->kind == FACT_TOKEN_USED)
        c->used_ms = f->time_ms;
    else
        credential_revoke(c, f, f->by);
    return 0;
}

static enum trust_reason credential_judge(const struct trust_credential *c, const char *store,
                                          int64_t now_ms)
{
    bool join = c->scope == CREDENTIAL_JOIN;
    if (c->revoked_ms)
        return TRUST_REVOKED;
    if (join && c->used_ms)
        return TRUST_USED;
    if (c->expires_ms && now_ms >= c->expires_ms)
        return TRUST_EXPIRED;
    return join && strcmp(c->store, store) != 0 ? TRUST_COPIED : TRUST_OK;
}

struct trust_verdict trust_check(const struct trust *t, const char *store, const char *id,
                                 const char *hash, int64_t now_ms)
{
    static const char nothing[] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    const struct trust_credential *c = credential_of(t, id);
    bool same = credential_hash_is_same(c ? c->hash : nothing, hash);
    /* The fingerprint of a key is public: no token may stand for one. */
    if (!c || !same || c->form != CREDENTIAL_SECRET)
        return (struct trust_verdict){TRUST_UNKNOWN, NULL};
    return (struct trust_verdict){credential_judge(c, store, now_ms), c};
}

struct trust_verdict trust_check_session(const struct trust *t, const char *id, int64_t now_ms)
{
    const struct trust_credential *c = credential_of(t, id);
    if (!c || c->form != CREDENTIAL_SECRET || !credential_may(c->scope, CREDENTIAL_VIEWER))
        return (struct trust_verdict){TRUST_UNKNOWN, NULL};
    return (struct trust_verdict){credential_judge(c, "", now_ms), c};
}

struct trust_verdict trust_check_key(const struct trust *t, const char *fingerprint, int64_t now_ms)
{
    const struct trust_credential *c = map_find(&t->keys, fingerprint, strlen(fingerprint));
    if (!c)
        return (struct trust_verdict){TRUST_UNKNOWN, NULL};
    return (struct trust_verdict){credential_judge(c, "", now_ms), c};
}

const struct trust_credential *trust_find_agent(const struct trust *t, const char *name,
                                                int64_t now_ms)
{
    void *value;
    for (size_t at = 0; map_next(&t->ids, &at, &value);) {
        const struct trust_credential *c = value;
        if (c->scope == CREDENTIAL_AGENT && c->name && strcmp(c->name, name) == 0 &&
            credential_judge(c, "", now_ms) == TRUST_OK)
            return c;
    }
    return NULL;
}

int64_t trust_renewal_ms(const struct trust_credential *c)
{
    enum { LEFT = 3, SPREAD = 12, STEPS = 256 }; /* the hash of a key is as good as random */
    int64_t span = c->expires_ms - c->created_ms;
    unsigned step = 0;
    for (int i = 0; i < 2; i++)
        step = 16 * step + (unsigned)(c->hash[i] <= '9' ? c->hash[i] - '0' : c->hash[i] - 'a' + 10);
    return c->scope == CREDENTIAL_AGENT && c->expires_ms
               ? c->expires_ms - span / LEFT + span / SPREAD * step / STEPS
               : INT64_MAX;
}

const struct trust_credential *trust_successor(const struct trust *t,
                                               const struct trust_credential *c, int64_t now_ms)
{
    void *value;
    for (size_t at = 0; map_next(&t->ids, &at, &value);) {
        const struct trust_credential *one = value;
        if (one->scope == CREDENTIAL_AGENT && strcmp(one->by, c->id) == 0 &&
            credential_judge(one, "", now_ms) == TRUST_OK)
            return one;
    }
    return NULL;
}

int64_t trust_next_expiry(const struct trust *t, int64_t after_ms)
{
    int64_t next = INT64_MAX;
    void *value;
    for (size_t at = 0; map_next(&t->ids, &at, &value);) {
        const struct trust_credential *c = value;
        if (!c->revoked_ms && c->expires_ms > after_ms && c->expires_ms < next)
            next = c->expires_ms;
    }
    return next;
}

const char *trust_reason_text(enum trust_reason r)
{
    static const char *const texts[] = {
        [TRUST_OK] = "is valid",         [TRUST_UNKNOWN] = "is not known",
        [TRUST_EXPIRED] = "has expired", [TRUST_REVOKED] = "is revoked",
        [TRUST_USED] = "has been used",  [TRUST_COPIED] = "was made before this store was copied",
    };
    return texts[r];
}

bool trust_use_is_news(const struct trust_credential *c, int64_t now_ms)
{
    return c->scope != CREDENTIAL_JOIN && !c->revoked_ms &&
           (c->used_ms == 0 || now_ms - c->used_ms >= TRUST_USED_EACH_MS || now_ms < c->used_ms);
}

bool trust_note_refusal(struct trust *t, const char *id, int64_t now_ms)
{
    struct trust_credential *c = credential_of(t, id);
    if (!c)
        return true;
    if (c->refusals == 0 || now_ms - c->refusals_from_ms >= REFUSALS_IN_MS ||
        now_ms < c->refusals_from_ms) {
        c->refusals_from_ms = now_ms;
        c->refusals = 0;
    }
    if (c->refusals == TRUST_REFUSALS_MAX)
        return false;
    c->refusals++;
    return true;
}
