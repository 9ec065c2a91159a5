/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/trust/controller_trust.h"

#include <string.h>

#include "base/diag/display.h"
#include "orchestrator/core/controller/controller_record.h"

enum { TEXT_BYTES_MAX = 300 /* of the reason in a record */ };

static void trust_reply(const struct event *ev, int code, const char *text, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = code;
    e->text = arena_strdup(out->arena, text);
}

static int trust_judge_room(const struct controller *c, int64_t now_ms, struct err *err)
{
    const struct trust *t = &c->books.trust;
    size_t live = 0;
    void *value;
    if (t->ids.live < CONTROLLER_TOKENS_MAX)
        return 0;
    for (size_t at = 0; map_next(&t->ids, &at, &value);) {
        const struct trust_credential *one = value;
        bool over = one->revoked_ms || (one->expires_ms && now_ms >= one->expires_ms) ||
                    (one->scope == CREDENTIAL_JOIN && one->used_ms);
        live += !over;
    }
    if (live < CONTROLLER_TOKENS_MAX)
        return 0;
    return err_set(err, ERR_LIMIT, "%d tokens can be used already: revoke some",
                   CONTROLLER_TOKENS_MAX);
}

/* A renewed credential must be what the old one was. */
static int trust_judge_renewal(const struct controller *c, const struct event *ev,
                               const struct fact *f, struct err *err)
{
    const struct trust_credential *old = trust_find(&c->books.trust, f->replaces);
    if (!old)
        return err_set(err, ERR_NOT_FOUND, "there is no token %s", f->replaces);
    if (old->revoked_ms || (old->expires_ms && ev->wall_ms >= old->expires_ms))
        return err_set(err, ERR_PERMISSION, "token %s is revoked or has expired", old->id);
    const char *name = old->name ? old->name : "", *now = f->name ? f->name : "";
    if (old->scope != f->scope || strcmp(name, now) != 0)
        return err_set(err, ERR_PERMISSION,
                       "token %s cannot be replaced by one of another scope "
                       "or name",
                       old->id);
    return 0;
}

int controller_trust_judge(const struct controller *c, const struct event *ev, const struct fact *f,
                           struct err *err)
{
    if (!credential_id_is_valid(f->token) || !credential_hash_is_valid(f->hash))
        return err_set(err, ERR_USAGE, "the id or the hash of the token is malformed");
    if (f->name && (f->name[0] == '\0' || strlen(f->name) > CREDENTIAL_NAME_BYTES_MAX))
        return err_set(err, ERR_USAGE, "the name of a token has 1 to %d bytes",
                       CREDENTIAL_NAME_BYTES_MAX);
    if (f->name && !display_is_clean(f->name, strlen(f->name)))
        return err_set(err, ERR_USAGE, "the name of a token has no control characters");
    if (f->scope == CREDENTIAL_TRIAL)
        return err_set(err, ERR_USAGE, "the scope trial is reserved: no route accepts it yet");
    if (f->scope == CREDENTIAL_AGENT && !f->name)
        return err_set(err, ERR_USAGE, "a token of an agent needs the name of the agent");
    if (f->form == CREDENTIAL_KEY && f->scope != CREDENTIAL_AGENT)
        return err_set(err, ERR_USAGE, "only agents have a key");
    if (f->expires_ms && f->expires_ms <= ev->wall_ms)
        return err_set(err, ERR_USAGE, "the token would have expired already");
    if (trust_find(&c->books.trust, f->token))
        return err_set(err, ERR_EXISTS, "the token %s exists already", f->token);
    return trust_judge_room(c, ev->wall_ms, err);
}

/* Of one that is renewed, the name stays as it is. The name of a join token is that of its agent. */
static int trust_judge_agent(const struct fact *f, struct err *err)
{
    bool of_agent = f->scope == CREDENTIAL_AGENT || (f->scope == CREDENTIAL_JOIN && f->name);
    if (!of_agent || f->replaces || credential_agent_is_valid(f->name))
        return 0;
    return err_set(err, ERR_USAGE,
                   "the name of an agent has 1 to %d bytes, letters, digits and ._-@:+ only, and "
                   "does not begin with -: give another --name",
                   CREDENTIAL_AGENT_BYTES_MAX);
}

static void trust_end_sessions(const char *id, struct effects *out)
{
    effects_add(out, EFFECT_REVOKED)->text = arena_strdup(out->arena, id);
}

void controller_trust_grant(struct controller *c, const struct event *ev, struct fact *f,
                            const char *by, struct effects *out)
{
    f->kind = FACT_TOKEN_CREATED;
    f->sweep = "";
    f->store = c->store;
    f->by = by;
    controller_record(c, ev, out, f);
    if (f->expires_ms && f->expires_ms < c->expiry_ms)
        c->expiry_ms = f->expires_ms;
    if (f->replaces)
        trust_end_sessions(f->replaces, out);
}

static void trust_grant(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fact f = *ev->create;
    struct err err = {0};
    int rc = controller_trust_judge(c, ev, &f, &err);
    if (rc == 0)
        rc = trust_judge_agent(&f, &err);
    if (rc == 0 && f.replaces)
        rc = trust_judge_renewal(c, ev, &f, &err);
    if (rc == 0)
        controller_trust_grant(c, ev, &f, ev->by ? ev->by : "besom", out);
    trust_reply(ev, rc, rc == 0 ? "created" : err.text, out);
}

void controller_trust_revoke(struct controller *c, const struct event *ev,
                             const struct trust_credential *one, const char *by,
                             struct effects *out)
{
    controller_record(
        c, ev, out,
        &(struct fact){.kind = FACT_TOKEN_REVOKED, .sweep = "", .token = one->id, .by = by});
    trust_end_sessions(one->id, out);
}

/* Of an agent whose credential is being renewed, the one before or after it too: each is the
 * agent's. */
static void trust_revoke_other(struct controller *c, const struct event *ev,
                               const struct trust_credential *one, const char *by,
                               struct effects *out)
{
    const struct trust *t = &c->books.trust;
    const struct trust_credential *next = trust_successor(t, one, ev->wall_ms);
    const struct trust_credential *last = trust_find(t, one->by);
    if (one->scope == CREDENTIAL_AGENT && next)
        controller_trust_revoke(c, ev, next, by, out);
    if (one->scope == CREDENTIAL_AGENT && last && last->scope == CREDENTIAL_AGENT &&
        !last->revoked_ms)
        controller_trust_revoke(c, ev, last, by, out);
}

static void trust_revoke(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct trust_credential *old = trust_find(&c->books.trust, ev->token);
    const char *by = ev->by ? ev->by : "besom";
    if (!old) {
        trust_reply(ev, ERR_NOT_FOUND, arena_printf(out->arena, "there is no token %s", ev->token),
                    out);
        return;
    }
    bool again = old->revoked_ms != 0;
    if (!again) {
        controller_trust_revoke(c, ev, old, by, out);
        trust_revoke_other(c, ev, old, by, out);
    }
    trust_reply(ev, 0, again ? "is revoked already" : "revoked", out);
}

/* Whether this agent has joined by this token already, and only the answer was lost. */
static const struct trust_credential *trust_joined(const struct controller *c,
                                                   const struct event *ev)
{
    void *value;
    for (size_t at = 0; map_next(&c->books.trust.ids, &at, &value);) {
        const struct trust_credential *one = value;
        if (strcmp(one->by, ev->token) == 0 && one->form == ev->create->form &&
            one->revoked_ms == 0 && credential_hash_is_same(one->hash, ev->create->hash))
            return one;
    }
    return NULL;
}

/* A join token with a name is for the agent of that name, and replaces its credential. Another does
 * not: else each holder of a join token could take the place of any agent. */
static int trust_judge_name(const struct controller *c, const struct event *ev,
                            const struct trust_credential *join, struct fact *f, struct err *err)
{
    if (!f->name)
        return err_set(err, ERR_USAGE, "an agent needs a name to join");
    if (join->name && strcmp(join->name, f->name) != 0)
        return err_set(err, ERR_PERMISSION, "the join token is for the agent %s", join->name);
    const struct trust_credential *old = trust_find_agent(&c->books.trust, f->name, ev->wall_ms);
    bool same_key = old && old->form == f->form && credential_hash_is_same(old->hash, f->hash);
    f->replaces = old ? old->id : NULL;
    if (!old || join->name || same_key)
        return 0;
    return err_set(err, ERR_EXISTS,
                   "there is an agent %s already: join under another --name; or, if this agent "
                   "takes its place, make a join token with `--name %s`, or revoke token %s",
                   f->name, f->name, old->id);
}

static void trust_join(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fact f = *ev->create;
    struct err err = {0};
    struct trust_verdict v =
        trust_check(&c->books.trust, c->store, ev->token, ev->hash, ev->wall_ms);
    const struct trust_credential *joined = v.reason == TRUST_USED ? trust_joined(c, ev) : NULL;
    int rc = 0;
    f.scope = CREDENTIAL_AGENT;
    if (joined) {
        trust_reply(ev, 0, joined->id, out);
        return;
    }
    if (v.reason != TRUST_OK)
        rc = err_set(&err, ERR_PERMISSION,
                     "the join token %s: make another with besom token create --scope join",
                     trust_reason_text(v.reason));
    else if (v.credential->scope != CREDENTIAL_JOIN)
        rc = err_set(&err, ERR_PERMISSION, "the token is not a join token");
    if (rc == 0)
        rc = controller_trust_judge(c, ev, &f, &err);
    if (rc == 0)
        rc = trust_judge_agent(&f, &err);
    if (rc == 0)
        rc = trust_judge_name(c, ev, v.credential, &f, &err);
    if (rc == 0) {
        const struct trust_credential *old =
            f.replaces ? trust_find(&c->books.trust, f.replaces) : NULL;
        f.expires_ms = ev->wall_ms + CREDENTIAL_AGENT_MS;
        controller_record(
            c, ev, out,
            &(struct fact){.kind = FACT_TOKEN_USED, .sweep = "", .token = v.credential->id});
        controller_trust_grant(c, ev, &f, v.credential->id, out);
        if (old)
            trust_revoke_other(c, ev, old, f.token, out);
    }
    trust_reply(ev, rc, rc == 0 ? f.token : err.text, out);
}

static void trust_used(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct trust_credential *used = trust_find(&c->books.trust, ev->token);
    if (!used || !trust_use_is_news(used, ev->wall_ms))
        return;
    bool first = used->used_ms == 0;
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_TOKEN_USED, .sweep = "", .token = used->id});
    const struct trust_credential *last =
        first && used->scope == CREDENTIAL_AGENT ? trust_find(&c->books.trust, used->by) : NULL;
    if (last && last->scope == CREDENTIAL_AGENT && !last->revoked_ms) /* it was renewed */
        controller_trust_revoke(c, ev, last, used->id, out);
}

void controller_trust_expire(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct trust *t = &c->books.trust;
    int64_t now = ev->wall_ms;
    void *value;
    c->wall_ahead_ms = now - ev->now_ms;
    if (now >= c->expired_ms && c->expired_ms != 0 && now < c->expiry_ms)
        return;
    bool set_back = now < c->expired_ms || c->expired_ms == 0;
    for (size_t at = 0; !set_back && map_next(&t->ids, &at, &value);) {
        const struct trust_credential *one = value;
        if (!one->revoked_ms && one->expires_ms > c->expired_ms && one->expires_ms <= now)
            trust_end_sessions(one->id, out);
    }
    c->expired_ms = now;
    c->expiry_ms = trust_next_expiry(t, now);
}

/* The wall clock may be set meanwhile. */
int64_t controller_trust_deadline(const struct controller *c)
{
    int64_t look_ms = c->stepped_ms + CONTROLLER_EXPIRY_MS;
    int64_t next_ms = c->expiry_ms < c->renewal_ms ? c->expiry_ms : c->renewal_ms;
    if (c->expired_ms == 0 || next_ms == INT64_MAX)
        return INT64_MAX;
    return next_ms - c->wall_ahead_ms < look_ms ? next_ms - c->wall_ahead_ms : look_ms;
}

static void trust_record(struct controller *c, const struct event *ev, const struct fact *action,
                         struct effects *out)
{
    struct fact f = *action;
    f.kind = FACT_ACTION;
    f.sweep = "";
    if (!f.by || (f.result != 0 && !trust_note_refusal(&c->books.trust, f.by, ev->wall_ms)))
        return;
    if (f.text && strlen(f.text) > TEXT_BYTES_MAX)
        f.text = arena_printf(out->arena, "%.*s…", TEXT_BYTES_MAX, f.text);
    controller_record(c, ev, out, &f);
}

static void trust_note(struct controller *c, const struct event *ev, struct effects *out)
{
    trust_record(c, ev, ev->create, out);
    if (ev->request == 0)
        return;
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->text = "recorded";
}

void controller_trust(struct controller *c, const struct event *ev, struct effects *out)
{
    if (ev->kind == EVENT_TOKEN_CREATE)
        trust_grant(c, ev, out);
    else if (ev->kind == EVENT_TOKEN_REVOKE)
        trust_revoke(c, ev, out);
    else if (ev->kind == EVENT_JOIN)
        trust_join(c, ev, out);
    else if (ev->kind == EVENT_TOKEN_USED)
        trust_used(c, ev, out);
    else if (ev->kind == EVENT_ACTION)
        trust_note(c, ev, out);
}

/* Of a join, the join token is who asks. A stranger is not recorded: strangers could fill the
 * disk. */
static const char *audit_by(const struct controller *c, const struct event *ev)
{
    if (ev->kind != EVENT_JOIN)
        return ev->by;
    struct trust_verdict v =
        trust_check(&c->books.trust, c->store, ev->token, ev->hash, ev->wall_ms);
    return v.credential ? v.credential->id : NULL;
}

static const char *audit_subject(const struct event *ev)
{
    if (ev->kind == EVENT_JOIN)
        return ev->create->name;
    if (ev->kind == EVENT_TOKEN_REVOKE)
        return ev->token;
    if (ev->kind == EVENT_AGENT)
        return ev->agent->name;
    return ev->kind == EVENT_TOKEN_CREATE ? ev->create->token
           : ev->sweep                    ? ev->sweep
                                          : ev->create->sweep;
}

/* The sweep and, where there is one alone, the trial. */
static const char *audit_trial(const struct event *ev, struct effects *out)
{
    const struct value *tagged = ev->kind == EVENT_TAG ? ev->tag->trials : NULL;
    bool again = ev->kind == EVENT_RETRY && ev->retry->numbers && ev->retry->numbers_n == 1;
    uint64_t trial = again ? ev->retry->numbers[0] : ev->trial;
    bool several = ev->trials && ev->trials_n > 1;
    bool one = again || (ev->kind == EVENT_STOP && !several);
    if (ev->trials && !several)
        trial = ev->trials[0];
    if (tagged && tagged->list.n == 1) {
        trial = (uint64_t)tagged->list.items[0]->i;
        one = true;
    }
    return one ? arena_printf(out->arena, "%s-%llu", ev->sweep, (unsigned long long)trial)
               : audit_subject(ev);
}

void controller_trust_audit(struct controller *c, const struct event *ev, size_t first,
                            struct effects *out)
{
    const char *what = ev->dry ? NULL : event_what(ev), *by = what ? audit_by(c, ev) : NULL;
    for (size_t i = first; by && i < out->n; i++) {
        if (out->items[i].kind != EFFECT_REPLY)
            continue;
        const struct fact f = {.by = by,
                               .address = ev->from,
                               .what = what,
                               .subject = audit_trial(ev, out),
                               .result = out->items[i].code,
                               .text = out->items[i].code ? out->items[i].text : NULL};
        trust_record(c, ev, &f, out);
        return;
    }
}
