/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/orchestrator/past.h"

#include "base/json.h"
#include "tests/test.h"

static const char *const specs[] = {
    "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{\"name\":\"loss\",\"goal\":"
    "\"minimize\"},"
    "\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}",
    "{\"method\":\"grid\",\"program\":\"t.py\",\"metric\":{\"name\":\"acc.top1\",\"goal\":"
    "\"maximize\"},\"parameters\":{\"x\":{\"values\":[1,2.5,NaN]}}}",
    "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{\"name\":\"loss\",\"goal\":"
    "\"minimize\","
    "\"reduce\":\"last\"},\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}",
    "{\"method\":\"random\",\"program\":\"t.py\",\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}",
    "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{\"name\":\"loss\",\"goal\":"
    "\"maximize\"},\"early_terminate\":{\"type\":\"asha\",\"max_iter\":9},"
    "\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}",
    "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{\"name\":\"loss\"},"
    "\"early_terminate\":{\"type\":\"hyperband\",\"min_iter\":1,\"eta\":2,\"strict\":false},"
    "\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}",
    "{\"method\":\"random\",\"program\":\"t.py\",\"metric\":{\"name\":\"loss\"},"
    "\"early_terminate\":{\"type\":\"median\",\"min_iter\":1,\"min_trials\":1},"
    "\"parameters\":{\"x\":{\"min\":0.0,\"max\":1.0}}}",
};

void past_init(struct past *h, uint64_t seed)
{
    *h = (struct past){.now_ms = 1700000000000};
    rng_init(&h->rng, seed, 1, RNG_TEST);
    books_init(&h->books);
    h->books.keeps_lost = true;
}

void past_done(struct past *h)
{
    books_done(&h->books);
    arena_done(&h->arena);
    arena_done(&h->kept);
}

static uint64_t below(struct past *h, uint64_t n)
{
    return rng_below(&h->rng, n);
}

static struct value *parsed(struct past *h, const char *text)
{
    struct value *v;
    struct err err;
    if (json_parse(&h->arena, text, strlen(text), &v, &err) < 0)
        FAIL("%s: %s", text, err.text);
    return v;
}

static double some_value(struct past *h)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, 5e-324, 1e308, 0.1, 3};
    return below(h, 4) ? rng_unit(&h->rng) : odd[below(h, 8)];
}

static struct points some_points(struct past *h)
{
    static const char *const names[] = {"loss", "acc.top1", "a", "\xc3\xa4\"", "b", "step"};
    size_t n = below(h, 6);
    struct points ps = {
        .n = n, .bad = below(h, 3), .dropped = below(h, 3), .too_long = below(h, 3)};
    ps.items = arena_alloc(&h->arena, n * sizeof *ps.items);
    for (size_t i = 0; i < n; i++) {
        const char **keys = arena_alloc(&h->arena, 6 * sizeof *keys);
        double *values = arena_alloc(&h->arena, 6 * sizeof *values);
        size_t m = 0;
        for (size_t k = 0; k < 6; k++) {
            if (below(h, 2) && (m || k < 5 || below(h, 2))) {
                keys[m] = names[k];
                values[m++] = some_value(h);
            }
        }
        if (m == 0)
            keys[m] = "loss", values[m++] = some_value(h);
        bool same = i && ps.items[i - 1].n == m &&
                    memcmp(keys, ps.items[i - 1].keys, m * sizeof *keys) == 0;
        ps.items[i] = (struct point){.step = (int64_t)below(h, 1000) - 2,
                                     .time_ms = h->now_ms + (int64_t)below(h, 1000),
                                     .n = m,
                                     .keys = same ? ps.items[i - 1].keys : keys,
                                     .values = values};
    }
    return ps;
}

static struct book_sweep *some_sweep(struct past *h)
{
    void *s = NULL;
    uint64_t skip = h->books.sweeps.live ? below(h, h->books.sweeps.live) : 0;
    for (size_t at = 0; map_next(&h->books.sweeps, &at, &s) && skip--;)
        ;
    return s;
}

static struct book_trial *some_trial(struct past *h, const struct book_sweep *s)
{
    void *t = NULL;
    uint64_t skip = s && s->open.live ? below(h, s->open.live) : 0;
    if (!s || !s->open.live)
        return NULL;
    for (size_t at = 0; map_next(&s->open, &at, &t) && skip--;)
        ;
    return t;
}

static void create(struct past *h, struct fact *f)
{
    f->sweep = arena_printf(&h->arena, "s%zx", h->books.sweeps.live);
    f->name = below(h, 2) ? "a \"name\"" : NULL;
    f->path = "/data/u/sweep.yaml";
    f->place = "sweep.yaml";
    f->workdir = "/data/u";
    f->content = parsed(h, specs[below(h, 5)]);
    if (h->books.sweeps.live % 2)
        f->project = parsed(h, "{\"commit\":null,\"snapshot\":\"ab12\",\"folder\":\"lib\"}");
    f->seed = rng_u64(&h->rng);
    f->total = below(h, 100);
}

static void edit(struct past *h, const struct book_sweep *s, struct fact *f)
{
    struct value *content = s ? value_copy(&h->arena, s->spec->content) : value_dict(&h->arena);
    value_put(&h->arena, content, "run_cap", value_int(&h->arena, 1 + (int64_t)below(h, 99)));
    f->name = below(h, 2) ? "another name" : NULL;
    f->path = "/data/u/sweep.yaml";
    f->place = "sweep.yaml";
    f->workdir = "/moved";
    f->content = content;
    f->total = below(h, 100);
}

/* What the fact has ended, or NULL. */
static const struct book_trial *trial_ended_by(const struct past *h, const struct fact *f)
{
    const struct book_sweep *s = books_sweep(&h->books, f->sweep);
    bool ends = f->kind == FACT_ENDED || f->kind == FACT_TRIAL_STATE;
    const struct book_trial *t = s && ends ? books_trial(s, f->trial) : NULL;
    return t && trial_states[t->state].final ? t : NULL;
}

static void keep_ended(struct past *h, const struct fact *f)
{
    const struct book_sweep *s = books_sweep(&h->books, f->sweep);
    const struct book_trial *t = trial_ended_by(h, f);
    struct value *rungs = value_list(&h->kept);
    uint64_t iteration;
    const struct rungs_mark *rung;
    if (!t)
        return;
    for (size_t i = 0; s->stopper && (rung = stopper_rung(s->stopper, t->number, i, &iteration));
         i++)
        value_push(&h->kept, rungs, value_float(&h->kept, rung->value));
    struct fact *e = &h->ended[h->ended_n < 8 ? h->ended_n++ : below(h, 8)];
    *e = (struct fact){.kind = FACT_RETRIED,
                       .sweep = arena_strdup(&h->kept, s->id),
                       .trial = t->number,
                       .attempt = t->attempts,
                       .state = t->state,
                       .cursor = t->cursor,
                       .agent = arena_strdup(&h->kept, t->attempt.agent),
                       .slot = t->attempt.slot,
                       .ran_ms = t->attempt.ran_ms,
                       .created_ms = t->created_ms,
                       .started_ms = t->started_ms,
                       .iterations = t->objective.iterations,
                       .iteration_step = t->objective.iteration_step,
                       .iteration_best = t->objective.iteration_best,
                       .rungs = rungs};
    struct value *v = NULL;
    ASSERT_EQ(json_parse(&h->kept, t->params, strlen(t->params), &v, NULL), 0);
    e->params = v;
    if (t->why)
        ASSERT_EQ(json_parse(&h->kept, t->why, strlen(t->why), &v, NULL), 0);
    e->why = t->why ? v : NULL;
}

/* It runs again: how it ended before is over. */
static void drop_ended(struct past *h, const struct fact *f)
{
    for (size_t i = h->ended_n; i-- > 0;)
        if (h->ended[i].trial == f->trial && strcmp(h->ended[i].sweep, f->sweep) == 0)
            h->ended[i] = h->ended[--h->ended_n];
}

static void retry(struct past *h, struct fact *f)
{
    struct fact one = {
        .kind = FACT_RETRIED, .sweep = f->sweep, .params = value_dict(&h->arena), .agent = ""};
    if (h->ended_n > 0)
        one = h->ended[below(h, h->ended_n)];
    one.seq = f->seq;
    one.time_ms = f->time_ms;
    *f = one;
}

static const char *some_token(struct past *h)
{
    void *c = NULL;
    uint64_t skip = h->books.trust.ids.live ? below(h, h->books.trust.ids.live) : 0;
    for (size_t at = 0; map_next(&h->books.trust.ids, &at, &c) && skip--;)
        ;
    return c ? ((struct trust_credential *)c)->id : "nothing0";
}

static struct fact any_of_trust(struct past *h, struct fact f)
{
    static const char digits[] = "0123456789abcdef";
    char *hash = arena_alloc(&h->arena, CREDENTIAL_HASH_CHARS + 1);
    for (int i = 0; i < CREDENTIAL_HASH_CHARS; i++)
        hash[i] = digits[below(h, 16)];
    f.sweep = "";
    f.trial = f.attempt = 0;
    f.token = some_token(h);
    f.by = below(h, 2) ? "local user me" : some_token(h);
    if (f.kind == FACT_TOKEN_CREATED) {
        f.replaces = below(h, 4) ? NULL : some_token(h);
        size_t live = h->books.trust.ids.live;
        f.token = arena_printf(&h->arena, "tok%05zx", live - (live > 0 && below(h, 20) == 19));
        f.scope = (enum credential_scope)below(h, CREDENTIAL_SCOPE_COUNT);
        f.form = (enum credential_form)below(h, CREDENTIAL_FORM_COUNT);
        f.hash = hash;
        f.name = below(h, 2) ? "a \"name\"" : NULL;
        f.store = "00112233445566778899aabbccddeeff";
        f.expires_ms = below(h, 2) ? f.time_ms + 3600000 : 0;
    }
    f.address = below(h, 2) ? "10.0.0.7" : NULL;
    f.what = "pause";
    f.subject = below(h, 2) ? "s0" : NULL;
    f.result = below(h, 2) ? 0 : ERR_STATE;
    if (f.kind == FACT_ACTION && below(h, 3) == 0) {
        f.by = below(h, 4) ? "besom" : "local user me";
        f.what = below(h, 3) ? BOOKS_AGENT_LOST : BOOKS_AGENT_BACK;
        f.subject = below(h, 2) ? "agent local" : "agent another";
        f.text = below(h, 2) ? arena_printf(&h->arena, "%lld", (long long)f.time_ms / 2) : NULL;
    }
    return f;
}

struct fact past_any(struct past *h)
{
    struct book_sweep *s = some_sweep(h);
    struct book_trial *t = some_trial(h, s);
    /* A sweep is removed without the books. */
    uint64_t kind = below(h, FACT_KIND_COUNT - 1);
    kind += kind >= FACT_SWEEP_REMOVED;
    struct fact f = {.kind = (enum fact_kind)kind, .seq = h->books.seq + 1};
    h->now_ms += (int64_t)below(h, 7000);
    f.time_ms = h->now_ms;
    f.reason = (enum trial_reason)below(h, TRIAL_REASON_COUNT);
    f.text = below(h, 2) ? "last lines\nof a log" : NULL;
    f.sweep = s ? s->id : "none";
    f.trial = t ? t->number : 0;
    f.attempt = t ? t->attempt.number : 1;
    f.state = (int)below(h, f.kind == FACT_SWEEP_STATE   ? SWEEP_STATES
                            : f.kind == FACT_AGENT_STATE ? DUTIES
                                                         : TRIAL_STATES);
    f.code = (int)below(h, 3) - 1;
    f.signal = below(h, 2) ? (int)below(h, 16) : 0;
    f.agent = below(h, 2) ? "local" : "another";
    f.slot = (uint32_t)below(h, 4);
    f.ran_ms = (int64_t)below(h, 20000);
    f.ended_ms = h->now_ms - (int64_t)below(h, 9000);
    f.log_dropped = below(h, 100);
    f.stdout_dropped = below(h, 3);
    f.rewrites = below(h, 3);
    f.until_ms = f.ended_ms % 2 ? f.ended_ms + 90000 : 0;
    if (f.kind == FACT_AGENT_STATE) {
        f.sweep = "";
        f.agent = below(h, 2) ? "local" : "another";
        f.by = below(h, 2) ? "ann" : NULL;
        f.instance = rng_u64(&h->rng) >> 11;
        f.why = below(h, 2) ? parsed(h, "{\"sweep\":\"s0\",\"error\":\"Key '#'\"}") : NULL;
        return f;
    }
    if (!fact_kind_has_sweep(f.kind))
        return any_of_trust(h, f);
    if (f.kind == FACT_SWEEP_CREATED)
        create(h, &f);
    if (f.kind == FACT_SWEEP_EDITED)
        edit(h, s, &f);
    if (f.kind == FACT_RETRIED) {
        retry(h, &f);
        return f;
    }
    if (f.kind == FACT_TAGGED) {
        const char *trials = below(h, 2) ? "[0]" : below(h, 2) ? "[0,1]" : "[1,2]";
        f.trials = below(h, 3) ? parsed(h, trials) : NULL;
        f.add = parsed(h, below(h, 2) ? "[\"a\",\"b c\"]" : "[\"b c\"]");
        f.remove = parsed(h, below(h, 2) ? "[\"a\"]" : "[]");
        return f;
    }
    f.cursor = rng_u64(&h->rng) >> 1;
    if (f.kind == FACT_PROPOSED) {
        f.trial = s ? s->proposed : 0;
        f.params = parsed(h, below(h, 2) ? "{\"x\":0.5,\"m\":{\"y\":\"z\"}}" : "{\"x\":NaN}");
        f.why = below(h, 2) ? parsed(h, "{\"by\":\"random\"}") : NULL;
    }
    if (f.kind == FACT_STOPPING)
        f.why = below(h, 2) ? parsed(h, "{\"stopper\":\"asha\",\"rung\":3}") : NULL;
    if (f.kind == FACT_LAUNCHED && t)
        f.attempt = t->attempts;
    if (f.kind == FACT_REINSTATED && t && t->asides_n > 0 && below(h, 2))
        f.attempt = t->asides[below(h, t->asides_n)].attempt.number;
    if (f.kind == FACT_ENDED && below(h, 3) == 0) { /* lost with its agent */
        f.reason = below(h, 4) ? REASON_HOST : REASON_POISON;
        f.state = below(h, 3) ? TRIAL_PENDING : TRIAL_LOST;
        f.code = -1;
        f.signal = 0;
    }
    f.attempt += f.kind == FACT_LAUNCHED;
    f.stream = (enum fact_stream)below(h, FACT_STREAMS);
    if (f.kind == FACT_METRICS) {
        f.points = some_points(h);
        f.from = t ? t->attempt.offset[f.stream] : 0;
        f.to = f.from + below(h, 5000);
        f.next_step = (int64_t)below(h, 1000);
    }
    if (below(h, 20) == 0)
        f.trial += 1 + below(h, 3);
    if (below(h, 20) == 0)
        f.attempt++;
    if (below(h, 20) == 0)
        f.from++;
    return f;
}

/* Ends of sweeps are rare, or no history would get far. */
static bool is_wanted(struct past *h, const struct fact *f)
{
    if (f->kind == FACT_SWEEP_CREATED)
        return h->books.sweeps.live < 2 || below(h, 40) == 0;
    if (f->kind == FACT_SWEEP_STATE && sweep_states[f->state].final)
        return below(h, 30) == 0;
    if (!fact_kind_has_sweep(f->kind))
        return below(h, 3) == 0;
    return true;
}

const struct fact *past_next(struct past *h)
{
    static struct fact f;
    struct err err;
    for (;;) {
        arena_clear(&h->arena);
        f = past_any(h);
        if (is_wanted(h, &f) && books_apply(&h->books, &f, &err) == 0)
            break;
    }
    if (f.kind == FACT_RETRIED || f.kind == FACT_REINSTATED)
        drop_ended(h, &f);
    keep_ended(h, &f);
    return &f;
}

static void dump_token(struct buf *out, const struct trust_credential *c)
{
    buf_addf(out, "token %llu %s %s %s %s name %s in %s by %s: %lld-%lld", (unsigned long long)c->n,
             c->id, credential_scope_name(c->scope), credential_form_name(c->form), c->hash,
             c->name ? c->name : "-", c->store, c->by, (long long)c->created_ms,
             (long long)c->expires_ms);
    buf_addf(out, " used %lld revoked %lld by %s\n", (long long)c->used_ms,
             (long long)c->revoked_ms, c->revoked_by ? c->revoked_by : "-");
}

static void dump_attempt(struct buf *out, const struct book_attempt *a)
{
    buf_addf(out, "  attempt %u %s stop=%s reason=%s on %s/%u %lld-%lld ran %lld code %d signal %d",
             a->number, attempt_states[a->state].name, trial_reason_name(a->stop),
             trial_reason_name(a->reason), a->agent, a->slot, (long long)a->launched_ms,
             (long long)a->ended_ms, (long long)a->ran_ms, a->code, a->signal);
    buf_addf(out, " why %s", a->stop_why ? a->stop_why : "-");
    buf_addf(out,
             " bytes %llu %llu points %llu bad %llu lost %llu %llu %llu %llu dropped %llu next "
             "%lld %s\n",
             (unsigned long long)a->offset[0], (unsigned long long)a->offset[1],
             (unsigned long long)a->points, (unsigned long long)a->bad_lines,
             (unsigned long long)a->dropped_values, (unsigned long long)a->long_lines,
             (unsigned long long)a->stdout_dropped, (unsigned long long)a->rewrites,
             (unsigned long long)a->log_dropped, (long long)a->next_step, a->text ? a->text : "-");
}

static void dump_last(struct buf *out, const struct objective *o, int64_t step,
                      const struct map *last)
{
    void *value;
    buf_addf(out, "  objective %d %a at %lld step %lld", o->known, o->value + 0.0,
             (long long)o->step, (long long)step);
    for (size_t at = 0; map_next(last, &at, &value);) {
        const struct book_metric *m = value;
        buf_addf(out, " %u %s=%a", m->place, m->key, isnan(m->value) ? NAN : m->value);
    }
    buf_addf(out, " iterations %llu at %lld best %a", (unsigned long long)o->iterations,
             (long long)o->iteration_step, o->iteration_best + 0.0);
}

static void dump_asides(struct buf *out, const struct book_trial *t)
{
    for (size_t i = 0; i < t->asides_n; i++) {
        const struct book_aside *aside = &t->asides[i];
        buf_adds(out, "  aside\n");
        dump_attempt(out, &aside->attempt);
        dump_last(out, &aside->objective, aside->step, &aside->last);
        buf_addc(out, '\n');
    }
}

static void dump_trial(struct buf *out, const struct book_sweep *s, const struct book_trial *t)
{
    uint64_t iteration;
    const struct rungs_mark *rung;
    struct stopper_why why = {0};
    buf_addf(out, " trial %llu %s %s cursor %llu failed %u lost %u %lld %lld %lld %s %s\n",
             (unsigned long long)t->number, trial_states[t->state].name,
             trial_reason_name(t->reason), (unsigned long long)t->cursor, t->failed, t->lost,
             (long long)t->created_ms, (long long)t->started_ms, (long long)t->ended_ms, t->params,
             t->why ? t->why : "-");
    buf_addf(out, "  lost on %s\n", t->lost_on ? t->lost_on : "-");
    dump_last(out, &t->objective, t->step, &t->last);
    for (size_t i = 0; s->stopper && (rung = stopper_rung(s->stopper, t->number, i, &iteration));
         i++)
        /* SQLite keeps no sign of a zero, and nothing compares by it. */
        buf_addf(out, " rung %llu %a", (unsigned long long)iteration, rung->value + 0.0);
    if (books_sweep_stops(s, t, &why))
        buf_addf(out, " stop %llu of %llu, %a", (unsigned long long)why.rank,
                 (unsigned long long)why.of, why.threshold);
    buf_addc(out, '\n');
    /* Of an attempt before a retry the books know this alone. */
    if (t->attempt.number && t->state == TRIAL_PENDING && !books_trial_lost(t, t->attempt.number))
        buf_addf(out, "  attempt %u on %s/%u ran %lld\n", t->attempt.number, t->attempt.agent,
                 t->attempt.slot, (long long)t->attempt.ran_ms);
    else if (t->attempt.number)
        dump_attempt(out, &t->attempt);
    dump_asides(out, t);
}

void past_dump(struct buf *out, const struct books *b)
{
    void *sweep, *trial, *token;
    static const char *const agents[] = {"local", "another"};
    for (size_t i = 0; i < 2; i++) {
        const struct book_agent *agent = books_agent(b, agents[i]);
        if (agent)
            buf_addf(out, "agent %s %s by %s: %s, process %llu, since %lld, for %s %s\n", agents[i],
                     duty_name(agent->duty), agent->by ? agent->by : "-",
                     agent->text ? agent->text : "-", (unsigned long long)agent->instance,
                     (long long)agent->since_ms, agent->blamed_sweep ? agent->blamed_sweep : "-",
                     agent->blamed_error ? agent->blamed_error : "-");
        const struct fleet_lost_agent *lost = fleet_lost_find(&b->lost, agents[i]);
        if (lost)
            buf_addf(out, "agent %s lost, seen %lld\n", lost->name, (long long)lost->seen_ms);
    }
    for (size_t at = 0; map_next(&b->trust.ids, &at, &token);)
        dump_token(out, token);
    for (size_t at = 0; map_next(&b->sweeps, &at, &sweep);) {
        const struct book_sweep *s = sweep;
        bool open = false;
        for (size_t i = 0; map_next(&s->open, &i, &trial);)
            open |= !trial_states[((struct book_trial *)trial)->state].final;
        if (sweep_states[s->state].final && !open)
            continue;
        buf_addf(out, "sweep %s %s %s %s %d seed %llu total %llu %s %s %s %lld %lld", s->id,
                 s->name ? s->name : "-", s->path, s->workdir, s->spec->method,
                 (unsigned long long)s->seed, (unsigned long long)s->total,
                 sweep_states[s->state].name, trial_reason_name(s->reason), s->text ? s->text : "-",
                 (long long)s->created_ms, (long long)s->ended_ms);
        if (s->only_asked)
            buf_addf(out, " ended %s %s", sweep_states[s->asked_state].name,
                     trial_reason_name(s->asked_reason));
        buf_addf(out, " snapshot %s %s", s->snapshot ? s->snapshot : "-",
                 s->folder ? s->folder : "-");
        buf_addf(out, " proposed %llu streak %u %lld %u best %d %llu %a",
                 (unsigned long long)s->proposed, s->failure_streak, (long long)s->failure_ms,
                 s->metric_streak, s->best.known, (unsigned long long)s->best.trial, s->best.value);
        for (int i = 0; i < TRIAL_STATES; i++)
            buf_addf(out, " %llu", (unsigned long long)s->counts[i]);
        buf_addc(out, '\n');
        buf_addf(out, " run_cap %lld until %lld ran %lld %lld %lld\n", (long long)s->spec->run_cap,
                 (long long)s->until_ms, (long long)s->busy_ms, (long long)s->busy_from_ms,
                 (long long)s->busy_to_ms);
        for (uint64_t number = 0; number < s->proposed; number++) {
            const struct book_trial *t = books_trial(s, number);
            if (t && !trial_states[t->state].final)
                dump_trial(out, s, t);
        }
        const struct book_trial *next = books_first_pending(s);
        buf_addf(out, " %zu wait, the next is %lld\n", s->pending.n,
                 next ? (long long)next->number : -1);
    }
}
