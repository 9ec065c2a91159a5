/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/rng.h"
#include "sweep/fact.h"
#include "tests/test.h"

static struct arena arena;

static const char *some_text(struct rng *r)
{
    static const char *const texts[] = {"", "a", "two words", "\xc3\xa4", "\"quoted\"\n"};
    uint64_t i = rng_below(r, 6);
    return i < 5 ? texts[i] : NULL;
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

static uint64_t some_u64(struct rng *r)
{
    return rng_u64(r) >> rng_below(r, 64);
}

static struct value *some_dict(struct rng *r)
{
    struct value *v = value_dict(&arena);
    value_put(&arena, v, "i", value_int(&arena, (int64_t)some_u64(r)));
    value_put(&arena, v, "f", value_float(&arena, rng_unit(r)));
    return v;
}

/* Every field of every kind is filled, so that the test sees which ones a kind keeps. */
static struct fact some_fact(struct rng *r, enum fact_kind kind)
{
    struct fact f = {
        .kind = kind,
        .time_ms = (int64_t)rng_below(r, 1ull << 45),
        .sweep = "abc123",
        .trial = some_u64(r),
        .attempt = rng_u32(r),
        .reason = (enum trial_reason)rng_below(r, TRIAL_REASON_COUNT),
        .text = some_text(r),
        .name = some_text(r),
        .path = or_empty(some_text(r)),
        .place = some_text(r),
        .workdir = or_empty(some_text(r)),
        .content = some_dict(r),
        .project = rng_below(r, 2) ? some_dict(r) : NULL,
        .n = some_u64(r),
        .seed = some_u64(r),
        .total = some_u64(r),
        .cursor = some_u64(r),
        .known = some_u64(r),
        .params = some_dict(r),
        .why = rng_below(r, 2) ? some_dict(r) : NULL,
        .agent = or_empty(some_text(r)),
        .by = some_text(r),
        .instance = some_u64(r),
        .slot = rng_u32(r),
        .code = (int)rng_below(r, 257) - 1,
        .signal = (int)rng_below(r, 64),
        .ended_ms = (int64_t)rng_below(r, 1ull << 45),
        .ran_ms = (int64_t)rng_below(r, 1ull << 45),
        .log_dropped = some_u64(r),
        .stdout_dropped = some_u64(r),
        .rewrites = some_u64(r),
    };
    f.until_ms = rng_below(r, 2) ? (int64_t)rng_below(r, 1ull << 45) : 0;
    f.created_ms = (int64_t)rng_below(r, 1ull << 45);
    f.started_ms = (int64_t)rng_below(r, 1ull << 45);
    f.iterations = some_u64(r);
    f.iteration_step = (int64_t)some_u64(r);
    f.iteration_best = rng_unit(r);
    struct value *rungs = value_list(&arena);
    value_push(&arena, rungs, value_float(&arena, rng_unit(r)));
    f.rungs = rng_below(r, 2) ? rungs : NULL;
    struct value *grant = value_dict(&arena);
    value_put(&arena, grant, "cpus", value_int(&arena, 3));
    f.grant = rng_below(r, 2) ? grant : NULL;
    f.state = (int)rng_below(r, kind == FACT_SWEEP_STATE   ? SWEEP_STATES
                                : kind == FACT_AGENT_STATE ? DUTIES
                                                           : TRIAL_STATES);
    f.token = "abcdefg1";
    f.scope = (enum credential_scope)rng_below(r, CREDENTIAL_SCOPE_COUNT);
    f.form = (enum credential_form)rng_below(r, CREDENTIAL_FORM_COUNT);
    f.hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    f.store = or_empty(some_text(r));
    f.replaces = some_text(r);
    f.expires_ms = rng_below(r, 2) ? (int64_t)rng_below(r, 1ull << 45) : 0;
    f.by = or_empty(some_text(r));
    f.address = some_text(r);
    f.what = or_empty(some_text(r));
    f.subject = some_text(r);
    f.result = -(int)rng_below(r, -ERR_UNREACHABLE + 1);
    struct value *tags = value_list(&arena), *trials = value_list(&arena);
    value_push(&arena, tags, value_str(&arena, "good"));
    value_push(&arena, trials, value_int(&arena, (int64_t)rng_u32(r)));
    f.add = tags;
    f.remove = value_list(&arena);
    f.trials = rng_below(r, 2) ? trials : NULL;
    if (!fact_kind_has_sweep(kind))
        f.sweep = "";
    return f;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_trust(const struct fact *f, const struct fact *g)
{
    bool created = f->kind == FACT_TOKEN_CREATED, action = f->kind == FACT_ACTION;
    if (created || f->kind == FACT_TOKEN_USED || f->kind == FACT_TOKEN_REVOKED)
        ASSERT(same_text(f->token, g->token));
    if (created) {
        ASSERT(f->scope == g->scope && f->form == g->form && f->expires_ms == g->expires_ms);
        ASSERT(same_text(f->hash, g->hash) && same_text(f->name, g->name));
        ASSERT(same_text(f->store, g->store) && same_text(f->replaces, g->replaces));
    }
    if (created || action || f->kind == FACT_TOKEN_REVOKED)
        ASSERT(same_text(f->by, g->by));
    if (action) {
        ASSERT(same_text(f->address, g->address) && same_text(f->what, g->what));
        ASSERT(same_text(f->subject, g->subject) && same_text(f->text, g->text));
        ASSERT_EQ(f->result, g->result);
    }
}

static void check_tags(const struct fact *f, const struct fact *g)
{
    bool tagged = f->kind == FACT_TAGGED;
    ASSERT(tagged ? value_same(f->add, g->add) && value_same(f->remove, g->remove)
                  : !g->add && !g->remove);
    ASSERT(tagged && f->trials ? value_same(f->trials, g->trials) : !g->trials);
}

static void check_rest(const struct fact *f, const struct fact *g)
{
    bool retried = f->kind == FACT_RETRIED;
    bool has_n = f->kind == FACT_SWEEP_CREATED || f->kind == FACT_SWEEP_REMOVED;
    ASSERT(g->n == (has_n ? f->n : 0));
    if (f->kind == FACT_SWEEP_CREATED || f->kind == FACT_SWEEP_EDITED) {
        ASSERT(same_text(f->name, g->name) && same_text(f->path, g->path));
        ASSERT(same_text(f->place, g->place));
        ASSERT(same_text(f->workdir, g->workdir) && value_same(f->content, g->content));
        bool created = f->kind == FACT_SWEEP_CREATED && f->project;
        ASSERT(created ? value_same(f->project, g->project) : !g->project);
        ASSERT(f->total == g->total && f->until_ms == g->until_ms);
        ASSERT(g->seed == (f->kind == FACT_SWEEP_CREATED ? f->seed : 0));
    }
    if (f->kind == FACT_PROPOSED || retried) {
        ASSERT(f->cursor == g->cursor && value_same(f->params, g->params));
    }
    if (f->kind == FACT_PROPOSED || f->kind == FACT_STOPPING || f->kind == FACT_AGENT_STATE ||
        retried) {
        ASSERT(f->why ? value_same(f->why, g->why) : !g->why);
    }
    if (retried) {
        ASSERT(f->created_ms == g->created_ms && f->started_ms == g->started_ms &&
               f->ran_ms == g->ran_ms);
        ASSERT(f->iterations == g->iterations && f->iteration_step == g->iteration_step);
        ASSERT(f->iteration_best == g->iteration_best);
        ASSERT(f->rungs ? value_same(f->rungs, g->rungs) : !g->rungs);
    }
    if (f->kind == FACT_AGENT_STATE)
        ASSERT(f->state == g->state && same_text(f->agent, g->agent) && same_text(f->by, g->by) &&
               same_text(f->text, g->text) && f->instance == g->instance);
    if (f->kind == FACT_LAUNCHED || retried)
        ASSERT(same_text(f->agent, g->agent) && f->slot == g->slot);
    if (f->kind == FACT_LAUNCHED)
        ASSERT(f->grant ? g->grant && value_same(f->grant, g->grant) : !g->grant);
    if (f->kind == FACT_ENDED)
        ASSERT(f->code == g->code && f->signal == g->signal && f->log_dropped == g->log_dropped &&
               f->ended_ms == g->ended_ms && f->stdout_dropped == g->stdout_dropped &&
               f->rewrites == g->rewrites && f->ran_ms == g->ran_ms);
}

TEST(fact_decode_gives_what_encode_took)
{
    struct rng r;
    rng_init(&r, 1, 0, RNG_TEST);
    for (int i = 0; i < 20000; i++) {
        enum fact_kind kind = (enum fact_kind)rng_below(&r, FACT_KIND_COUNT);
        if (kind == FACT_METRICS)
            continue;
        struct fact f = some_fact(&r, kind), g;
        struct err err = {0};
        const struct value *v = fact_encode(&arena, &f);
        if (fact_decode(v, &g, &err) < 0)
            FAIL("%s: %s", fact_kind_name(kind), err.text);
        ASSERT(g.kind == kind && g.time_ms == f.time_ms && same_text(g.sweep, f.sweep));
        check_trust(&f, &g);
        bool of_sweep = kind < FACT_PROPOSED || kind == FACT_TAGGED || !fact_kind_has_sweep(kind);
        bool of_attempt = kind == FACT_LAUNCHED || kind == FACT_STOPPING || kind == FACT_ENDED ||
                          kind == FACT_RETRIED || kind == FACT_REINSTATED;
        bool has_state = kind == FACT_SWEEP_STATE || kind == FACT_ENDED || kind == FACT_TRIAL_STATE;
        ASSERT(g.trial == (of_sweep ? 0 : f.trial));
        ASSERT_EQ(g.attempt, of_attempt ? f.attempt : 0);
        if (has_state)
            ASSERT_EQ(g.state, f.state);
        if (has_state || kind == FACT_STOPPING)
            ASSERT_EQ(g.reason, f.reason);
        if (has_state)
            ASSERT(same_text(g.text, f.text));
        if (kind == FACT_RETRIED)
            ASSERT_EQ(g.state, f.state);
        check_rest(&f, &g);
        check_tags(&f, &g);
        if (i % 500 == 0)
            arena_clear(&arena);
    }
}

/* Taking away or spoiling what a fact needs must be an error that names it, never a guess. */
TEST(fact_decode_refuses_what_is_incomplete)
{
    struct rng r;
    rng_init(&r, 2, 0, RNG_TEST);
    for (int kind = 0; kind < FACT_KIND_COUNT; kind++) {
        if (kind == FACT_METRICS)
            continue;
        struct fact f = some_fact(&r, (enum fact_kind)kind), g;
        f.reason = REASON_EXIT;
        const struct value *v = fact_encode(&arena, &f);
        for (size_t i = 0; i < v->dict.n; i++) {
            const char *key = v->dict.entries[i].key;
            bool optional = strcmp(key, "text") == 0 || strcmp(key, "name") == 0 ||
                            strcmp(key, "place") == 0 || strcmp(key, "why") == 0 ||
                            strcmp(key, "rungs") == 0 || strcmp(key, "by") == 0 ||
                            strcmp(key, "content") == 0 || strcmp(key, "replaces") == 0 ||
                            strcmp(key, "from") == 0 || strcmp(key, "subject") == 0 ||
                            strcmp(key, "add") == 0 || strcmp(key, "remove") == 0 ||
                            strcmp(key, "trials") == 0; /* an empty list is one */
            struct value *broken = value_copy(&arena, v);
            struct err err = {0};
            value_put(&arena, broken, key, value_list(&arena));
            int rc = fact_decode(broken, &g, &err);
            if (!optional && strcmp(key, "reason") != 0) {
                ASSERT_EQ(rc, ERR_SYNTAX);
                ASSERT(strstr(err.text, key) != NULL);
            }
        }
    }
    struct err err = {0};
    struct fact g;
    struct value *v = value_dict(&arena);
    ASSERT_EQ(fact_decode(v, &g, &err), ERR_SYNTAX);
    value_put(&arena, v, "kind", value_str(&arena, "metrics"));
    ASSERT_EQ(fact_decode(v, &g, &err), ERR_SYNTAX);
    ASSERT_EQ(fact_decode(value_int(&arena, 1), &g, &err), ERR_SYNTAX);
}
