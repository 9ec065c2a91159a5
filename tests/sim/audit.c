/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/audit.h"

#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "tests/sim/host.h"
#include "tests/sim/process.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"

struct trial_audit {
    int terminal; /* -1: none yet */
    uint32_t attempt;
    uint64_t given_up;             /* bit n: attempt n may live on, the books have moved on */
    uint64_t unkillable;           /* bit n: on its host's word */
    uint64_t points[FACT_STREAMS]; /* of the newest attempt, as the two that follow */
    uint64_t stored[FACT_STREAMS];
    double life;
    uint32_t failed, lost; /* attempts, by whose fault */
    bool ended;
};

struct audit {
    char **reference; /* params of each proposal of a run that nothing disturbs */
    size_t reference_n, proposed;
    uint64_t epoch;
    struct trial_audit trials[SIM_TRIALS_MAX];
};

static char *compact(struct sim *s, const struct value *v)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    json_print(&text, v, JSON_COMPACT);
    char *copy = arena_strndup(&s->arena, buf_str(&text), text.len);
    buf_done(&text);
    return copy;
}

void audit_init(struct sim *s)
{
    struct audit *a = s->audit = arena_alloc(&s->arena, sizeof *a);
    struct strategy *strategy;
    struct err err = {0};
    struct proposal p;
    for (int i = 0; i < SIM_TRIALS_MAX; i++)
        a->trials[i].terminal = -1;
    a->reference = arena_alloc(&s->arena, SIM_TRIALS_MAX * sizeof *a->reference);
    check(strategy_new(s->spec, s->spec->seed, &strategy, &err) == 0);
    while (a->reference_n < (size_t)s->options.run_cap &&
           strategy_propose(strategy, &s->arena, &p, &err) == 0)
        a->reference[a->reference_n++] = compact(s, p.params);
    strategy_free(strategy);
}

/* Where only besom itself dies, no attempt is lost. */
static bool only_besom_dies(const struct sim *s)
{
    static const enum sim_fault others[] = {
        SIM_KILL_SHIM, SIM_STOP_SHIM, SIM_KILL_TRAINING, SIM_REBOOT,     SIM_LONG,
        SIM_HOST_DISK, SIM_SHUTDOWN,  SIM_FAILURES,      SIM_UNKILLABLE, SIM_HANGS};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (sim_has(s, others[i]))
            return false;
    return s->options.time_s == 0;
}

static struct dir *dir_of_attempt(const struct sim *s, const char *agent, uint64_t trial,
                                  uint32_t attempt)
{
    struct agent_key key = {.sweep = STORE_SWEEP, .trial = trial, .attempt = attempt};
    for (int i = 0; i < s->options.agents; i++)
        if (strcmp(s->hosts[i].name, agent) == 0)
            return host_dir(&s->hosts[i], &key);
    return NULL;
}

static const struct book_attempt *attempt_of(const struct sim *s, const struct fact *f)
{
    const struct book_sweep *sweep = books_sweep(&s->store->durable, f->sweep);
    const struct book_trial *t = books_trial(sweep, f->trial);
    return t && t->attempt.number == f->attempt ? &t->attempt : NULL;
}

static void proposed(struct sim *s, const struct fact *f)
{
    struct audit *a = s->audit;
    if (f->trial != a->proposed || f->trial >= a->reference_n)
        sim_fail(s, "proposal %llu, the %zuth of at most %zu", (unsigned long long)f->trial,
                 a->proposed, a->reference_n);
    else if (strcmp(compact(s, f->params), a->reference[f->trial]) != 0)
        sim_fail(s, "proposal %llu is %s; undisturbed it is %s", (unsigned long long)f->trial,
                 compact(s, f->params), a->reference[f->trial]);
    a->proposed++;
}

static void launched(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = &s->audit->trials[f->trial];
    if (f->attempt != t->attempt + 1)
        sim_fail(s, "attempt %u follows attempt %u", f->attempt, t->attempt);
    if (f->attempt > 1 && only_besom_dies(s))
        sim_fail(s, "trial %llu is run again, though only besom died",
                 (unsigned long long)f->trial);
    t->attempt = f->attempt;
    memset(t->points, 0, sizeof t->points);
    memset(t->stored, 0, sizeof t->stored);
    t->ended = false;
    t->life = 0;
}

/* Each line that training wrote carries its number in its stream. */
static void metrics(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = &s->audit->trials[f->trial];
    const struct book_attempt *attempt = attempt_of(s, f);
    const struct dir *d = dir_of_attempt(s, attempt->agent, f->trial, f->attempt);
    t->stored[f->stream] = f->to;
    for (size_t i = 0; i < f->points.n; i++) {
        double k = -1, loss = -1, life = -1;
        if (!point_find(&f->points.items[i], "life", &life) || (t->life != 0 && t->life != life))
            sim_fail(s, "points of two runs stand in one attempt, %llu.%u",
                     (unsigned long long)f->trial, f->attempt);
        t->life = life;
        if (!point_find(&f->points.items[i], "k", &k) || k != (double)t->points[f->stream])
            sim_fail(s, "point %g of %llu.%u stands where %llu belongs", k,
                     (unsigned long long)f->trial, f->attempt,
                     (unsigned long long)t->points[f->stream]);
        if (!point_find(&f->points.items[i], "loss", &loss))
            sim_fail(s, "a point of %llu.%u has no loss", (unsigned long long)f->trial, f->attempt);
        t->points[f->stream]++;
    }
    if (f->points.bad && !(d && d->damaged))
        sim_fail(s, "a line of %llu.%u was cut", (unsigned long long)f->trial, f->attempt);
    if (!d || (!d->damaged && t->points[f->stream] > d->lines[f->stream]))
        sim_fail(s, "more points of %llu.%u than it wrote", (unsigned long long)f->trial,
                 f->attempt);
}

static void all_is_in(struct sim *s, const struct fact *f, const struct dir *d)
{
    const struct trial_audit *t = &s->audit->trials[f->trial];
    for (int i = 0; i < FACT_STREAMS; i++)
        if (t->points[i] != d->lines[i])
            sim_fail(s, "%llu.%u ended (%s) with %llu points of stream %d in the books, of %llu",
                     (unsigned long long)f->trial, f->attempt, trial_reason_name(f->reason),
                     (unsigned long long)t->points[i], i, (unsigned long long)d->lines[i]);
    for (const struct process *p = d->processes; p; p = p->next)
        if (process_is_training(p))
            sim_fail(s, "%llu.%u is said to have ended (%s), and trains on",
                     (unsigned long long)f->trial, f->attempt, trial_reason_name(f->reason));
}

static void terminal(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = &s->audit->trials[f->trial];
    if (t->terminal >= 0)
        sim_fail(s, "trial %llu ended twice", (unsigned long long)f->trial);
    if (trial_states[f->state].final)
        t->terminal = f->state;
}

static void ended(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = &s->audit->trials[f->trial];
    const struct book_attempt *attempt = attempt_of(s, f);
    const struct dir *d = dir_of_attempt(s, attempt->agent, f->trial, f->attempt);
    terminal(s, f);
    t->ended = true;
    t->failed += trial_reason_state(f->reason) == TRIAL_FAILED;
    t->lost += trial_reason_state(f->reason) == TRIAL_LOST;
    if (t->failed > (uint32_t)s->options.retry_failed + 1 ||
        t->lost > (uint32_t)s->options.retry_host + 1)
        sim_fail(s, "trial %llu has failed %u times and was lost %u times",
                 (unsigned long long)f->trial, t->failed, t->lost);
    if (f->state == TRIAL_FAILED && t->failed <= (uint32_t)s->options.retry_failed)
        sim_fail(s, "trial %llu is given up after failing %u times", (unsigned long long)f->trial,
                 t->failed);
    if (f->state == TRIAL_LOST && t->lost <= (uint32_t)s->options.retry_host)
        sim_fail(s, "trial %llu is given up, lost %u times", (unsigned long long)f->trial, t->lost);
    if (attempt->reason == REASON_HOST || attempt->reason == REASON_UNKILLABLE ||
        (attempt->reason == REASON_POISON && sim_has(s, SIM_LONG)) ||
        (attempt->reason == REASON_POISON && sim_has(s, SIM_UNKILLABLE)))
        t->given_up |= 1ull << f->attempt % 64;
    if (attempt->reason == REASON_UNKILLABLE ||
        (attempt->reason == REASON_POISON && sim_has(s, SIM_UNKILLABLE)))
        t->unkillable |= 1ull << f->attempt % 64;
    if (d && !d->damaged && !(t->given_up >> f->attempt % 64 & 1))
        all_is_in(s, f, d);
}

/* With eta 2 the worse half of a rung is stopped, and a rung's first is never. */
static void stopping(struct sim *s, const struct fact *f)
{
    int64_t rank = value_get_int(f->why, "rank", 0), of = value_get_int(f->why, "of", 0);
    if (f->reason == REASON_STOPPER &&
        (!s->options.stop_early || rank > of || rank <= of / 2 || of < 2))
        sim_fail(s, "trial %llu is stopped as the %lldth of %lld", (unsigned long long)f->trial,
                 (long long)rank, (long long)of);
    if (f->reason != REASON_STOPPER && f->why)
        sim_fail(s, "trial %llu is stopped by a user for a rule", (unsigned long long)f->trial);
}

void audit_fact(struct sim *s, const struct fact *f)
{
    sim_trace(s, "books", "%s trial %llu attempt %u %s state %d [%llu, %llu) %zu points",
              fact_kind_name(f->kind), (unsigned long long)f->trial, f->attempt,
              trial_reason_name(f->reason), f->state, (unsigned long long)f->from,
              (unsigned long long)f->to, f->points.n);
    const struct book_sweep *sweep = books_sweep(&s->store->durable, f->sweep);
    if (sweep->proposed > (uint64_t)s->options.run_cap)
        sim_fail(s, "more trials than run_cap allows");
    if (f->trial >= SIM_TRIALS_MAX) {
        sim_fail(s, "trial %llu", (unsigned long long)f->trial);
        return;
    }
    if (f->kind == FACT_PROPOSED)
        proposed(s, f);
    else if (f->kind == FACT_LAUNCHED)
        launched(s, f);
    else if (f->kind == FACT_STOPPING)
        stopping(s, f);
    else if (f->kind == FACT_METRICS)
        metrics(s, f);
    else if (f->kind == FACT_ENDED)
        ended(s, f);
    else if (f->kind == FACT_TRIAL_STATE)
        terminal(s, f);
}

static bool runs_in_books(const struct sim *s, uint64_t trial, uint64_t attempt,
                          const struct book_attempt **ret)
{
    const struct book_sweep *sweep = books_sweep(&s->store->durable, STORE_SWEEP);
    const struct book_trial *t = sweep ? books_trial(sweep, trial) : NULL;
    *ret = t ? &t->attempt : NULL;
    return t && t->state == TRIAL_RUNNING && t->attempt.number == attempt;
}

/* A turn may have made the end durable before the acknowledgement of the last metrics leaves. */
void audit_send(struct sim *s, const struct link *l, const struct message *m)
{
    const struct trial_audit *t = &s->audit->trials[m->trial];
    const struct book_attempt *attempt;
    bool runs = runs_in_books(s, m->trial, m->attempt, &attempt);
    bool here = runs && strcmp(attempt->agent, s->hosts[l->host].name) == 0;
    if (m->epoch != s->store->epoch)
        sim_fail(s, "a message of epoch %llu in epoch %llu", (unsigned long long)m->epoch,
                 (unsigned long long)s->store->epoch);
    if (m->type == MESSAGE_LAUNCH && !here && !(t->attempt == m->attempt && t->ended))
        sim_fail(s, "a launch that the store does not hold");
    else if (m->type == MESSAGE_METRICS_ACK &&
             (m->attempt > t->attempt ||
              (m->attempt == t->attempt && m->to > t->stored[m->stream])))
        sim_fail(s, "metrics acknowledged that the store does not hold");
    else if ((m->type == MESSAGE_ENDED_ACK || m->type == MESSAGE_FORGET) && here)
        sim_fail(s, "an end acknowledged that the store does not hold");
}

void audit_training(struct sim *s, struct process *p)
{
    const struct agent_key *key = &p->dir->key;
    const struct book_attempt *attempt;
    uint64_t given_up = s->audit->trials[key->trial].given_up;
    if (!runs_in_books(s, key->trial, key->attempt, &attempt) &&
        !(given_up >> key->attempt % 64 & 1))
        sim_fail(s, "training that the books know nothing of");
    for (int i = 0; i < s->options.agents; i++) {
        void *dir;
        for (size_t at = 0; map_next(&s->hosts[i].dirs, &at, &dir);) {
            const struct dir *d = dir;
            uint64_t gone = s->audit->trials[d->key.trial].given_up >> d->key.attempt % 64 & 1;
            uint64_t stays = s->audit->trials[d->key.trial].unkillable >> d->key.attempt % 64 & 1;
            for (const struct process *o = d->processes; o; o = o->next) {
                if (o == p || !process_is_training(o))
                    continue;
                if (d->key.trial == key->trial && !(gone && d != p->dir))
                    sim_fail(s, "trial %llu is trained twice at a time",
                             (unsigned long long)key->trial);
                if (d->host == p->dir->host && o->slot == p->slot && !stays)
                    sim_fail(s, "two trainings in slot %u of %s", p->slot, d->host->name);
            }
        }
    }
}

static bool host_is_quiet(const struct host *h)
{
    void *dir;
    if (!host_is_idle(h) || host_processes(h, process_is_alive, 0, NULL) > 0)
        return false;
    for (size_t at = 0; map_next(&h->dirs, &at, &dir);)
        if (((struct dir *)dir)->exists)
            return false;
    return true;
}

bool audit_is_over(const struct sim *s)
{
    const struct book_sweep *sweep = books_sweep(&s->store->durable, STORE_SWEEP);
    if (!sweep || !sweep_states[sweep->state].final || sweep->counts[TRIAL_RUNNING] > 0)
        return false;
    for (int i = 0; i < s->options.agents; i++)
        if (!host_is_quiet(&s->hosts[i]))
            return false;
    return s->server->alive;
}

static void end_of_trial(struct sim *s, uint64_t number)
{
    struct trial_audit *t = &s->audit->trials[number];
    struct script script;
    if (t->terminal < 0) {
        sim_fail(s, "trial %llu never ended", (unsigned long long)number);
        return;
    }
    if (only_besom_dies(s) && !sim_has(s, SIM_ENDINGS) && t->terminal != TRIAL_FINISHED)
        if (!s->options.has_target)
            sim_fail(s, "trial %llu is %s, though only besom died", (unsigned long long)number,
                     trial_states[t->terminal].name);
    if (t->terminal != TRIAL_FINISHED)
        return;
    process_script(s, number, t->attempt, &script);
    uint64_t lines = 0;
    for (int i = 0; i < FACT_STREAMS; i++)
        lines += t->points[i];
    if (script.code != 0 || script.signal != 0 || script.launch_fails || script.hangs)
        sim_fail(s, "trial %llu finished, and its training cannot have",
                 (unsigned long long)number);
    if (lines != (uint64_t)script.lines && !sim_has(s, SIM_HOST_DISK))
        sim_fail(s, "trial %llu finished with %llu of its %d points", (unsigned long long)number,
                 (unsigned long long)lines, script.lines);
}

/* Each decision follows from the facts before it, whatever died meanwhile. */
static void decisions_follow(struct sim *s)
{
    struct replay r;
    replay_init(&r, STORE_SWEEP);
    store_derive(s, &r);
    if (r.differs)
        sim_fail(s, "trial %llu: %s", (unsigned long long)r.trial, buf_peek(&r.difference));
    replay_done(&r);
}

void audit_end(struct sim *s)
{
    const struct audit *a = s->audit;
    const struct book_sweep *sweep = books_sweep(&s->store->durable, STORE_SWEEP);
    for (size_t i = 0; i < a->proposed; i++)
        end_of_trial(s, i);
    uint64_t ended = 0;
    for (int i = 0; i < TRIAL_STATES; i++)
        ended += trial_states[i].final ? sweep->counts[i] : 0;
    if (ended != a->proposed || sweep->proposed != a->proposed)
        sim_fail(s, "%llu trials of %zu have ended", (unsigned long long)ended, a->proposed);
    if (!sim_has(s, SIM_ENDINGS) && !s->options.has_target && a->proposed != a->reference_n)
        sim_fail(s, "%zu proposals of %zu", a->proposed, a->reference_n);
    decisions_follow(s);
}
