/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/fact.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "sweep/tag/tag.h"

/* The fields of each kind of fact, besides its time and sweep. */
enum {
    HAS_TRIAL = 1 << 0,
    HAS_ATTEMPT = 1 << 1,
    HAS_SWEEP_STATE = 1 << 2,
    HAS_TRIAL_STATE = 1 << 3,
    HAS_REASON = 1 << 4,
    HAS_TEXT = 1 << 5,
    HAS_SPEC = 1 << 6,
    HAS_PROPOSAL = 1 << 7,
    HAS_PLACE = 1 << 8,
    HAS_EXIT = 1 << 9,
    HAS_WHY = 1 << 10,
    HAS_KNOWN = 1 << 11,
    HAS_SEED = 1 << 12,
    HAS_PAST = 1 << 13,
    HAS_N = 1 << 14,
    HAS_GRANT = 1 << 15,
    HAS_DUTY = 1 << 16,
    HAS_TOKEN = 1 << 17,
    HAS_CREDENTIAL = 1 << 18,
    HAS_BY = 1 << 19,
    HAS_ACTION = 1 << 20,
    HAS_TAGS = 1 << 21,
};

static const unsigned fields[FACT_KIND_COUNT] = {
    [FACT_SWEEP_CREATED] = HAS_N | HAS_SPEC | HAS_SEED,
    [FACT_SWEEP_STATE] = HAS_SWEEP_STATE | HAS_REASON | HAS_TEXT,
    [FACT_SWEEP_EDITED] = HAS_SPEC,
    [FACT_SWEEP_REMOVED] = HAS_N,
    [FACT_AGENT_STATE] = HAS_DUTY | HAS_TEXT | HAS_WHY,
    [FACT_PROPOSED] = HAS_TRIAL | HAS_PROPOSAL | HAS_KNOWN,
    [FACT_LAUNCHED] = HAS_TRIAL | HAS_ATTEMPT | HAS_PLACE | HAS_GRANT,
    [FACT_STOPPING] = HAS_TRIAL | HAS_ATTEMPT | HAS_REASON | HAS_WHY,
    [FACT_METRICS] = HAS_TRIAL | HAS_ATTEMPT,
    [FACT_ENDED] = HAS_TRIAL | HAS_ATTEMPT | HAS_REASON | HAS_TRIAL_STATE | HAS_TEXT | HAS_EXIT,
    [FACT_TRIAL_STATE] = HAS_TRIAL | HAS_TRIAL_STATE | HAS_REASON | HAS_TEXT,
    [FACT_RETRIED] =
        HAS_TRIAL | HAS_ATTEMPT | HAS_TRIAL_STATE | HAS_PROPOSAL | HAS_PLACE | HAS_PAST,
    [FACT_REINSTATED] = HAS_TRIAL | HAS_ATTEMPT,
    [FACT_TAGGED] = HAS_TAGS,
    [FACT_TOKEN_CREATED] = HAS_TOKEN | HAS_CREDENTIAL | HAS_BY,
    [FACT_TOKEN_USED] = HAS_TOKEN,
    [FACT_TOKEN_REVOKED] = HAS_TOKEN | HAS_BY,
    [FACT_ACTION] = HAS_ACTION | HAS_BY | HAS_TEXT,
};

static const char *const names[FACT_KIND_COUNT] = {
#define X(id, name) [id] = name,
    FACT_KINDS(X)
#undef X
};

const char *fact_kind_name(enum fact_kind k)
{
    return names[k];
}

bool fact_kind_has_sweep(enum fact_kind k)
{
    return !(fields[k] & (HAS_TOKEN | HAS_ACTION | HAS_DUTY));
}

bool fact_kind_has_trial(enum fact_kind k)
{
    return fields[k] & HAS_TRIAL;
}

bool fact_kind_has_attempt(enum fact_kind k)
{
    return fields[k] & HAS_ATTEMPT;
}

enum fact_stream fact_stream_of(uint64_t number)
{
    return number < FACT_STREAMS ? (enum fact_stream)number : FACT_STREAM_STDOUT;
}

static void keep_str(struct arena *a, const char **s)
{
    if (*s)
        *s = arena_strdup(a, *s);
}

static void keep_value(struct arena *a, const struct value **v)
{
    if (*v)
        *v = value_copy(a, *v);
}

void fact_keep(struct arena *a, struct fact *f)
{
    keep_str(a, &f->sweep);
    keep_str(a, &f->text);
    keep_str(a, &f->name);
    keep_str(a, &f->path);
    keep_str(a, &f->place);
    keep_str(a, &f->workdir);
    keep_str(a, &f->agent);
    keep_str(a, &f->token);
    keep_str(a, &f->hash);
    keep_str(a, &f->store);
    keep_str(a, &f->replaces);
    keep_str(a, &f->by);
    keep_str(a, &f->address);
    keep_str(a, &f->what);
    keep_str(a, &f->subject);
    keep_value(a, &f->content);
    keep_value(a, &f->prior);
    keep_value(a, &f->project);
    keep_value(a, &f->params);
    keep_value(a, &f->why);
    keep_value(a, &f->rungs);
    keep_value(a, &f->grant);
    keep_value(a, &f->trials);
    keep_value(a, &f->add);
    keep_value(a, &f->remove);
}

static void put_str(struct arena *a, struct value *v, const char *key, const char *s)
{
    if (s)
        value_put(a, v, key, value_str(a, s));
}

/* A value holds signed 64-bit integers; a larger number is kept as its digits. */
static void put_u64(struct arena *a, struct value *v, const char *key, uint64_t n)
{
    if (n <= INT64_MAX)
        value_put(a, v, key, value_int(a, (int64_t)n));
    else
        value_put(a, v, key, value_str(a, arena_printf(a, "%llu", (unsigned long long)n)));
}

static void put_value(struct arena *a, struct value *v, const char *key, const struct value *item)
{
    if (item)
        value_put(a, v, key, (struct value *)(uintptr_t)item);
}

static void encode_rare(struct arena *a, const struct fact *f, unsigned has, struct value *v)
{
    if (has & HAS_SPEC) {
        put_str(a, v, "name", f->name);
        put_str(a, v, "path", f->path);
        put_str(a, v, "place", f->place);
        put_str(a, v, "workdir", f->workdir);
        put_value(a, v, "content", f->content);
        put_u64(a, v, "total", f->total);
        if (f->until_ms)
            value_put(a, v, "until", value_int(a, f->until_ms));
    }
    if (has & HAS_SEED) {
        put_u64(a, v, "seed", f->seed);
        put_value(a, v, "prior", f->prior);
        put_value(a, v, "code", f->project);
    }
    if (has & HAS_PROPOSAL) {
        put_u64(a, v, "cursor", f->cursor);
        put_value(a, v, "params", f->params);
    }
    if (has & HAS_KNOWN)
        put_u64(a, v, "known", f->known);
    if (has & HAS_PAST) {
        value_put(a, v, "created", value_int(a, f->created_ms));
        value_put(a, v, "started", value_int(a, f->started_ms));
        value_put(a, v, "ran", value_int(a, f->ran_ms));
        put_u64(a, v, "iterations", f->iterations);
        value_put(a, v, "iteration_step", value_int(a, f->iteration_step));
        value_put(a, v, "iteration_best", value_float(a, f->iteration_best));
        put_value(a, v, "rungs", f->rungs);
    }
    if (has & (HAS_PROPOSAL | HAS_WHY))
        put_value(a, v, "why", f->why);
    if (has & HAS_DUTY) {
        put_str(a, v, "agent", f->agent);
        put_str(a, v, "state", duty_name((enum duty)f->state));
        put_str(a, v, "by", f->by);
        put_u64(a, v, "instance", f->instance);
    }
    if (has & HAS_PLACE) {
        put_str(a, v, "agent", f->agent);
        put_u64(a, v, "slot", f->slot);
    }
    if (has & HAS_GRANT)
        put_value(a, v, "grant", f->grant);
    if (has & HAS_TAGS) {
        put_value(a, v, "trials", f->trials);
        put_value(a, v, "add", f->add);
        put_value(a, v, "remove", f->remove);
    }
    if (has & HAS_EXIT) {
        value_put(a, v, "code", value_int(a, f->code));
        value_put(a, v, "signal", value_int(a, f->signal));
        value_put(a, v, "ended", value_int(a, f->ended_ms));
        value_put(a, v, "ran", value_int(a, f->ran_ms));
        put_u64(a, v, "log_dropped", f->log_dropped);
        put_u64(a, v, "stdout_dropped", f->stdout_dropped);
        put_u64(a, v, "rewrites", f->rewrites);
    }
}

static void encode_trust(struct arena *a, const struct fact *f, unsigned has, struct value *v)
{
    if (has & HAS_TOKEN)
        put_str(a, v, "token", f->token);
    if (has & HAS_CREDENTIAL) {
        put_str(a, v, "scope", credential_scope_name(f->scope));
        put_str(a, v, "form", credential_form_name(f->form));
        put_str(a, v, "hash", f->hash);
        put_str(a, v, "name", f->name);
        put_str(a, v, "store", f->store);
        put_str(a, v, "replaces", f->replaces);
        if (f->expires_ms)
            value_put(a, v, "expires", value_int(a, f->expires_ms));
    }
    if (has & HAS_BY)
        put_str(a, v, "by", f->by);
    if (has & HAS_ACTION) {
        put_str(a, v, "from", f->address);
        put_str(a, v, "what", f->what);
        put_str(a, v, "subject", f->subject);
        put_str(a, v, "result", f->result == 0 ? "ok" : err_name(f->result));
    }
}

struct value *fact_encode(struct arena *a, const struct fact *f)
{
    PRE(f->kind < FACT_KIND_COUNT && f->kind != FACT_METRICS);
    unsigned has = fields[f->kind];
    struct value *v = value_dict(a);
    put_str(a, v, "kind", names[f->kind]);
    value_put(a, v, "time", value_int(a, f->time_ms));
    if (fact_kind_has_sweep(f->kind))
        put_str(a, v, "sweep", f->sweep);
    if (has & HAS_N)
        put_u64(a, v, "n", f->n);
    if (has & HAS_TRIAL)
        put_u64(a, v, "trial", f->trial);
    if (has & HAS_ATTEMPT)
        put_u64(a, v, "attempt", f->attempt);
    if (has & HAS_SWEEP_STATE)
        put_str(a, v, "state", sweep_states[f->state].name);
    if (has & HAS_TRIAL_STATE)
        put_str(a, v, "state", trial_states[f->state].name);
    if (has & HAS_REASON && f->reason != REASON_NONE)
        put_str(a, v, "reason", trial_reason_name(f->reason));
    if (has & HAS_TEXT)
        put_str(a, v, "text", f->text);
    encode_rare(a, f, has, v);
    encode_trust(a, f, has, v);
    return v;
}

static int no_fact(struct err *err, const char *key)
{
    return err_set(err, ERR_SYNTAX, "a fact without a usable \"%s\"", key);
}

static int get_u64(const struct value *v, const char *key, uint64_t max, uint64_t *ret,
                   struct err *err)
{
    const struct value *item = value_get(v, key);
    if (item && item->kind == VALUE_INT && item->i >= 0) {
        *ret = (uint64_t)item->i;
    } else if (item && item->kind == VALUE_STR && item->s.ptr[0] >= '1' && item->s.ptr[0] <= '9') {
        char *end;
        errno = 0;
        *ret = strtoull(item->s.ptr, &end, 10);
        if (*end || errno)
            return no_fact(err, key);
    } else {
        return no_fact(err, key);
    }
    return *ret <= max ? 0 : no_fact(err, key);
}

static int get_u32(const struct value *v, const char *key, uint32_t *ret, struct err *err)
{
    uint64_t n;
    int rc = get_u64(v, key, UINT32_MAX, &n, err);
    if (rc == 0)
        *ret = (uint32_t)n;
    return rc;
}

static int get_int(const struct value *v, const char *key, int *ret, struct err *err)
{
    const struct value *item = value_get(v, key);
    if (!item || item->kind != VALUE_INT || item->i < INT32_MIN || item->i > INT32_MAX)
        return no_fact(err, key);
    *ret = (int)item->i;
    return 0;
}

static int get_ms(const struct value *v, const char *key, int64_t *ret, struct err *err)
{
    const struct value *item = value_get(v, key);
    if (!item || item->kind != VALUE_INT || item->i < 0)
        return no_fact(err, key);
    *ret = item->i;
    return 0;
}

static int get_str(const struct value *v, const char *key, const char **ret, struct err *err)
{
    *ret = value_get_str(v, key, NULL);
    return *ret ? 0 : no_fact(err, key);
}

static int decode_words(const struct value *v, unsigned has, struct fact *f, struct err *err)
{
    const char *word = value_get_str(v, "state", "");
    if (has & HAS_SWEEP_STATE)
        f->state = machine_find(sweep_states, SWEEP_STATES, word);
    if (has & HAS_TRIAL_STATE)
        f->state = machine_find(trial_states, TRIAL_STATES, word);
    if (has & HAS_DUTY)
        f->state = duty_find(word);
    if (f->state < 0)
        return no_fact(err, "state");
    if (has & HAS_REASON) {
        int reason = trial_reason_find(value_get_str(v, "reason", ""));
        if (reason < 0)
            return no_fact(err, "reason");
        f->reason = (enum trial_reason)reason;
    }
    if (has & HAS_TEXT)
        f->text = value_get_str(v, "text", NULL);
    return 0;
}

static int decode_spec(const struct value *v, unsigned has, struct fact *f, struct err *err)
{
    int rc;
    f->name = value_get_str(v, "name", NULL);
    f->place = value_get_str(v, "place", NULL);
    f->content = value_get(v, "content");
    if (!f->content)
        return no_fact(err, "content");
    f->prior = has & HAS_SEED ? value_get(v, "prior") : NULL;
    if (f->prior && f->prior->kind != VALUE_LIST)
        return no_fact(err, "prior");
    f->project = has & HAS_SEED ? value_get(v, "code") : NULL;
    if (f->project && f->project->kind != VALUE_DICT)
        return no_fact(err, "code");
    if (value_get(v, "until") && get_ms(v, "until", &f->until_ms, err) < 0)
        return no_fact(err, "until");
    if ((rc = get_str(v, "path", &f->path, err)) < 0 ||
        (rc = get_str(v, "workdir", &f->workdir, err)) < 0 ||
        (has & HAS_SEED && (rc = get_u64(v, "seed", UINT64_MAX, &f->seed, err)) < 0))
        return rc;
    return get_u64(v, "total", UINT64_MAX, &f->total, err);
}

static int decode_past(const struct value *v, struct fact *f, struct err *err)
{
    const struct value *step = value_get(v, "iteration_step");
    int rc;
    if ((rc = get_ms(v, "created", &f->created_ms, err)) < 0 ||
        (rc = get_ms(v, "started", &f->started_ms, err)) < 0 ||
        (rc = get_ms(v, "ran", &f->ran_ms, err)) < 0 ||
        (rc = get_u64(v, "iterations", UINT64_MAX, &f->iterations, err)) < 0)
        return rc;
    if (!step || step->kind != VALUE_INT)
        return no_fact(err, "iteration_step");
    f->iteration_step = step->i;
    f->iteration_best = value_get_float(v, "iteration_best", NAN);
    if (!isfinite(f->iteration_best))
        return no_fact(err, "iteration_best");
    f->rungs = value_get(v, "rungs");
    if (!f->rungs)
        return 0;
    if (f->rungs->kind != VALUE_LIST)
        return no_fact(err, "rungs");
    for (size_t i = 0; i < f->rungs->list.n; i++)
        if (f->rungs->list.items[i]->kind != VALUE_FLOAT || !isfinite(f->rungs->list.items[i]->f))
            return no_fact(err, "rungs");
    return 0;
}

static int decode_tags(const struct value *v, struct fact *f, struct err *err)
{
    f->trials = value_get(v, "trials");
    f->add = value_get(v, "add");
    f->remove = value_get(v, "remove");
    if (!tag_list_is_good(f->add))
        return no_fact(err, "add");
    if (!tag_list_is_good(f->remove))
        return no_fact(err, "remove");
    if (f->trials && (f->trials->kind != VALUE_LIST || f->trials->list.n > LIMIT_TAG_TRIALS))
        return no_fact(err, "trials");
    for (size_t i = 0; f->trials && i < f->trials->list.n; i++)
        if (f->trials->list.items[i]->kind != VALUE_INT || f->trials->list.items[i]->i < 0)
            return no_fact(err, "trials");
    return 0;
}

static int decode_rare(const struct value *v, unsigned has, struct fact *f, struct err *err)
{
    int rc;
    if (has & HAS_SPEC && (rc = decode_spec(v, has, f, err)) < 0)
        return rc;
    if (has & HAS_PAST && (rc = decode_past(v, f, err)) < 0)
        return rc;
    if (has & HAS_TAGS && (rc = decode_tags(v, f, err)) < 0)
        return rc;
    if (has & HAS_PROPOSAL) {
        f->params = value_get(v, "params");
        if (!f->params || f->params->kind != VALUE_DICT)
            return no_fact(err, "params");
        if ((rc = get_u64(v, "cursor", UINT64_MAX, &f->cursor, err)) < 0 ||
            (has & HAS_KNOWN && (rc = get_u64(v, "known", UINT64_MAX, &f->known, err)) < 0))
            return rc;
    }
    if (has & (HAS_PROPOSAL | HAS_WHY))
        f->why = value_get(v, "why");
    if (has & HAS_DUTY) {
        f->by = value_get_str(v, "by", NULL);
        if ((rc = get_str(v, "agent", &f->agent, err)) < 0 ||
            (rc = get_u64(v, "instance", UINT64_MAX, &f->instance, err)) < 0)
            return rc;
    }
    if (has & HAS_PLACE) {
        if ((rc = get_str(v, "agent", &f->agent, err)) < 0 ||
            (rc = get_u32(v, "slot", &f->slot, err)) < 0)
            return rc;
    }
    if (has & HAS_GRANT) {
        f->grant = value_get(v, "grant");
        if (f->grant && f->grant->kind != VALUE_DICT)
            return no_fact(err, "grant");
    }
    if (has & HAS_EXIT) {
        if ((rc = get_int(v, "code", &f->code, err)) < 0 ||
            (rc = get_int(v, "signal", &f->signal, err)) < 0 ||
            (rc = get_ms(v, "ended", &f->ended_ms, err)) < 0 ||
            (rc = get_ms(v, "ran", &f->ran_ms, err)) < 0 ||
            (rc = get_u64(v, "log_dropped", UINT64_MAX, &f->log_dropped, err)) < 0 ||
            (rc = get_u64(v, "stdout_dropped", UINT64_MAX, &f->stdout_dropped, err)) < 0 ||
            (rc = get_u64(v, "rewrites", UINT64_MAX, &f->rewrites, err)) < 0)
            return rc;
    }
    return 0;
}

static int decode_credential(const struct value *v, struct fact *f, struct err *err)
{
    int scope = credential_scope_find(value_get_str(v, "scope", ""));
    int form = credential_form_find(value_get_str(v, "form", ""));
    int rc;
    if (scope < 0)
        return no_fact(err, "scope");
    if (form < 0)
        return no_fact(err, "form");
    f->scope = (enum credential_scope)scope;
    f->form = (enum credential_form)form;
    f->name = value_get_str(v, "name", NULL);
    f->replaces = value_get_str(v, "replaces", NULL);
    if ((rc = get_str(v, "hash", &f->hash, err)) < 0 ||
        (rc = get_str(v, "store", &f->store, err)) < 0)
        return rc;
    if (!credential_hash_is_valid(f->hash))
        return no_fact(err, "hash");
    return value_get(v, "expires") ? get_ms(v, "expires", &f->expires_ms, err) : 0;
}

static int decode_trust(const struct value *v, unsigned has, struct fact *f, struct err *err)
{
    int rc;
    if (has & HAS_TOKEN && (rc = get_str(v, "token", &f->token, err)) < 0)
        return rc;
    if (has & HAS_TOKEN && !credential_id_is_valid(f->token))
        return no_fact(err, "token");
    if (has & HAS_CREDENTIAL && (rc = decode_credential(v, f, err)) < 0)
        return rc;
    if (has & HAS_BY && (rc = get_str(v, "by", &f->by, err)) < 0)
        return rc;
    if (!(has & HAS_ACTION))
        return 0;
    const char *result = value_get_str(v, "result", "");
    f->result = strcmp(result, "ok") == 0 ? 0 : err_find(result);
    if (f->result == 0 && strcmp(result, "ok") != 0)
        return no_fact(err, "result");
    f->address = value_get_str(v, "from", NULL);
    f->subject = value_get_str(v, "subject", NULL);
    return get_str(v, "what", &f->what, err);
}

int fact_decode(const struct value *v, struct fact *ret, struct err *err)
{
    struct fact f = {.kind = FACT_KIND_COUNT};
    const char *word = value_get_str(v, "kind", "");
    for (int k = 0; k < FACT_KIND_COUNT; k++)
        if (k != FACT_METRICS && strcmp(names[k], word) == 0)
            f.kind = (enum fact_kind)k;
    if (f.kind == FACT_KIND_COUNT)
        return no_fact(err, "kind");
    const struct value *time = value_get(v, "time");
    if (!time || time->kind != VALUE_INT)
        return no_fact(err, "time");
    f.time_ms = time->i;
    unsigned has = fields[f.kind];
    int rc;
    f.sweep = "";
    if ((fact_kind_has_sweep(f.kind) && (rc = get_str(v, "sweep", &f.sweep, err)) < 0) ||
        (rc = decode_words(v, has, &f, err)) < 0 || (rc = decode_rare(v, has, &f, err)) < 0 ||
        (rc = decode_trust(v, has, &f, err)) < 0)
        return rc;
    if (has & HAS_N && (rc = get_u64(v, "n", UINT64_MAX, &f.n, err)) < 0)
        return rc;
    if (has & HAS_TRIAL && (rc = get_u64(v, "trial", UINT64_MAX, &f.trial, err)) < 0)
        return rc;
    if (has & HAS_ATTEMPT && (rc = get_u32(v, "attempt", &f.attempt, err)) < 0)
        return rc;
    *ret = f;
    return 0;
}
