/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is held of sweeps: what they propose, whose turn it is, when they leave the controller. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/core/controller/controller_schedule.h"
#include "tests/sim/audit.h"
#include "tests/sim/audit_state.h"
#include "tests/sim/learner.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"
#include "tests/sim/user.h"

static char *compact(struct sim *s, const struct value *v)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    json_print(&text, v, JSON_COMPACT);
    char *copy = arena_strndup(&s->arena, buf_str(&text), text.len);
    buf_done(&text);
    return copy;
}

void audit_sweep_init(struct sim *s, struct sweep_audit *a)
{
    struct strategy *strategy = sweeps_strategy(a->sweep);
    struct err err = {0};
    struct proposal p;
    for (int i = 0; i < SWEEP_TRIALS_MAX; i++)
        a->trials[i].terminal = -1;
    while (a->reference_n < (size_t)a->sweep->run_cap &&
           strategy_propose(strategy, &s->arena, &p, &err) == 0)
        a->reference_n++;
    strategy_free(strategy);
    a->reference = sweeps_strategy(a->sweep);
    replay_init(&a->replay, a->sweep->id);
    a->replay.edited = true;
    a->replay.type = a->sweep->learns ? &strategy_learner : NULL;
}

void audit_sweep_proposed(struct sim *s, struct sweep_audit *a, const struct fact *f)
{
    if (f->known >= f->seq)
        sim_fail(s, "proposal %s-%llu knows what comes after it", f->sweep,
                 (unsigned long long)f->trial);
    bool enqueued = f->cursor == STRATEGY_ENQUEUED;
    if (a->only_asked && !enqueued)
        sim_fail(s, "proposal %s-%llu of a sweep that had ended", f->sweep,
                 (unsigned long long)f->trial);
    struct proposal p = {0};
    struct err err = {0};
    /* What somebody enqueues runs beyond run_cap, too. */
    size_t most = enqueued ? SWEEP_TRIALS_MAX : (size_t)a->sweep->run_cap;
    if (f->trial != a->proposed || a->proposed >= most)
        sim_fail(s, "proposal %s-%llu, the %zuth of at most %zu", f->sweep,
                 (unsigned long long)f->trial, a->proposed, a->reference_n);
    else if (enqueued)
        strategy_replay(a->reference, f->cursor, f->params);
    else if (strategy_propose(a->reference, &s->arena, &p, &err) != 0)
        sim_fail(s, "proposal %s-%llu, and undisturbed there is none: %s", f->sweep,
                 (unsigned long long)f->trial, err.text);
    else if (!a->sweep->learns && strcmp(compact(s, f->params), compact(s, p.params)) != 0)
        sim_fail(s, "proposal %s-%llu is %s; undisturbed it is %s", f->sweep,
                 (unsigned long long)f->trial, compact(s, f->params), compact(s, p.params));
    a->proposed++;
    a->enqueued += enqueued;
}

/* An edit has it go on as before; so does a lost trial that returns. */
void audit_sweep_moved(struct sweep_audit *a, const struct fact *f)
{
    const struct book_sweep *before = books_sweep(&a->replay.books, f->sweep);
    if (before && sweep_states[before->state].final)
        a->only_asked =
            f->state == SWEEP_RUNNING && f->reason != REASON_USER && f->reason != REASON_NONE;
    else if (sweep_states[f->state].final)
        a->only_asked = false;
}

/* As `besom replay`: each decision follows from the facts before it, whatever died meanwhile. */
void audit_sweep_decided(struct sim *s, struct sweep_audit *a, const struct fact *f)
{
    struct err err = {0};
    if (replay_fact(&a->replay, f, &err) != 0)
        sim_fail(s, "the facts of %s cannot be replayed: %s", f->sweep, err.text);
    else if (a->replay.differs)
        sim_fail(s, "%s-%llu: %s", f->sweep, (unsigned long long)a->replay.trial,
                 buf_peek(&a->replay.difference));
}

/* Whether x gets a free slot before y. Both can launch a trial. */
static bool sweep_goes_first(const struct sim *s, int x, int y)
{
    const struct sweep *a = &s->sweeps[x], *b = &s->sweeps[y];
    const struct book_sweep *p = books_sweep(&s->store->durable, a->id),
                            *q = books_sweep(&s->store->durable, b->id);
    double left = (double)(p->counts[TRIAL_RUNNING] + 1) / a->weight,
           right = (double)(q->counts[TRIAL_RUNNING] + 1) / b->weight;
    return a->priority != b->priority ? a->priority > b->priority : left < right;
}

static bool sweep_waits(const struct sweep *w, const struct book_sweep *book)
{
    return book && book->state == SWEEP_RUNNING && book->counts[TRIAL_PENDING] > 0 &&
           (w->max_parallel == 0 || book->counts[TRIAL_RUNNING] < (uint64_t)w->max_parallel);
}

/* What has room for a trial of one has room for one of the other. */
static bool sweep_needs_same(const struct sweep *x, const struct sweep *y)
{
    return x->gpus == y->gpus && x->cpus == y->cpus && x->memory_gib == y->memory_gib &&
           x->label == y->label;
}

/* Some agent could not start a trial of it, so that it may wait for another one. */
static bool sweep_is_barred(const struct sim *s, const struct sweep *w)
{
    const struct schedule_sweep *turn = schedule_find(&s->server->core.schedule, w->id);
    return turn && turn->barred;
}

/* All of its trials that are pending have had an attempt, so that they may wait for another agent. */
static bool sweep_only_repeats(const struct book_sweep *book)
{
    void *value;
    for (size_t at = 0; map_next(&book->open, &at, &value);) {
        const struct book_trial *t = value;
        if (t->state == TRIAL_PENDING && t->attempts == 0)
            return false;
    }
    return true;
}

void audit_sweep_launching(struct sim *s, const struct fact *f)
{
    const struct books *durable = &s->store->durable;
    const struct sweep *w = sweeps_find(s, f->sweep);
    if (!w || !sweep_waits(w, books_sweep(durable, w->id))) {
        sim_fail(s, "%s may not launch a trial", f->sweep);
        return;
    }
    for (int i = 0; i < s->options.sweeps && !s->server->admits_one_by_one; i++)
        if (i != w->index && sweep_needs_same(&s->sweeps[i], w) &&
            sweep_waits(&s->sweeps[i], books_sweep(durable, s->sweeps[i].id)) &&
            !sweep_is_barred(s, &s->sweeps[i]) &&
            !sweep_only_repeats(books_sweep(durable, s->sweeps[i].id)) &&
            sweep_goes_first(s, i, w->index))
            sim_fail(s, "%s launches a trial, and it is the turn of %s", w->id, s->sweeps[i].id);
}

static void sweeps_look(struct sim *s, bool in_core[SIM_SWEEPS_MAX])
{
    for (int i = 0; i < s->options.sweeps; i++)
        in_core[i] = books_sweep(&s->server->core.books, s->sweeps[i].id) != NULL;
}

static void step_sees_away(struct sim *s)
{
    struct audit *a = s->audit;
    void *value;
    for (size_t at = 0; map_next(&s->server->core.fleet.names, &at, &value);) {
        const struct fleet_agent *agent = value;
        if (agent->link != 0)
            continue;
        snprintf(a->away[a->away_n].name, sizeof a->away->name, "%s", agent->name);
        a->away[a->away_n++].away_ms = agent->away_ms;
    }
}

static void step_drops_agents(struct sim *s, const struct event *ev)
{
    const struct controller *c = &s->server->core;
    for (size_t i = 0; i < s->audit->away_n; i++)
        if (!fleet_find(&c->fleet, s->audit->away[i].name) &&
            ev->now_ms - s->audit->away[i].away_ms < c->lost_ms)
            sim_fail(s, "agent %s is forgotten too early", s->audit->away[i].name);
}

void audit_step_before(struct sim *s, const struct event *ev)
{
    struct audit *a = s->audit;
    bool in_core[SIM_SWEEPS_MAX];
    sweeps_look(s, in_core);
    a->away_n = 0;
    if (ev->kind == EVENT_TICK)
        step_sees_away(s);
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct schedule_sweep *turn =
            schedule_find(&s->server->core.schedule, s->sweeps[i].id);
        a->sweeps[i].asked = turn ? turn->asked : 0;
        a->sweeps[i].in_core = in_core[i];
        if (a->epoch != s->store->epoch)
            a->sweeps[i].ended = false;
    }
    a->epoch = s->store->epoch;
    a->due = controller_deadline(&s->server->core) <= ev->now_ms;
    a->seq = s->server->core.books.seq;
}

static void step_is_refusal(struct sim *s, const struct effect *effects, size_t n)
{
    bool refused = false;
    for (size_t i = 0; i < n; i++) /* lines about agents that are due come first */
        refused |= effects[i].kind == EFFECT_REPLY && effects[i].code != 0;
    bool only = n == 1 && s->server->core.books.seq == s->audit->seq;
    if (!refused || !(only || s->audit->due))
        sim_fail(s, "a request that makes no sense is not just refused");
}

static void step_admits(struct sim *s, const struct event *ev, const struct effect *effects,
                        size_t n)
{
    struct server *v = s->server;
    const char *id = ev->kind == EVENT_ADMIT ? ev->sweep : ev->create->sweep;
    if (!id)
        v->admitted = UINT32_MAX;
    else if (ev->kind == EVENT_ADMIT || (n > 0 && effects[0].kind == EFFECT_PERSIST))
        v->admitted |= 1u << sweeps_find(s, id)->index;
}

/* A sweep that has ended leaves the memory in its time, and no other does. */
static void step_forgets(struct sim *s, const struct event *ev, const struct effect *effects,
                         size_t n)
{
    bool in_core[SIM_SWEEPS_MAX];
    sweeps_look(s, in_core);
    /* One that is retried, and whose budget is spent, ends again in the same step. */
    for (size_t i = 0; i < n; i++)
        if (effects[i].kind == EFFECT_PERSIST && effects[i].fact.kind == FACT_SWEEP_STATE)
            s->audit->sweeps[sweeps_find(s, effects[i].fact.sweep)->index].ended = false;
    for (int i = 0; i < s->options.sweeps; i++) {
        struct sweep_audit *a = &s->audit->sweeps[i];
        const struct book_sweep *book = books_sweep(&s->server->core.books, s->sweeps[i].id);
        /* An attempt that was lost can be running after all. */
        bool ended = book && sweep_states[book->state].final &&
                     book->counts[TRIAL_RUNNING] + book->counts[TRIAL_PENDING] == 0;
        if (ended && !a->ended)
            a->ended_ms = ev->now_ms;
        if (book)
            a->ended = ended;
        if (a->in_core && !book && (!a->ended || ev->now_ms - a->ended_ms < CONTROLLER_ENDED_MS))
            sim_fail(s, "sweep %s is forgotten too early", s->sweeps[i].id);
        if (!book) /* a retry may bring it back */
            a->ended = false;
    }
}

/* How many trials the sweep may launch beside those that run. */
static uint64_t sweep_room(const struct sim *s, const struct sweep *w)
{
    const struct controller *c = &s->server->core;
    const struct book_sweep *book = books_sweep(&c->books, w->id);
    bool may = book && book->state == SWEEP_RUNNING && schedule_find(&c->schedule, w->id)->admitted;
    uint64_t running = may ? book->counts[TRIAL_RUNNING] : 0;
    if (!may || c->draining)
        return 0;
    return w->max_parallel == 0                  ? UINT64_MAX
           : running < (uint64_t)w->max_parallel ? (uint64_t)w->max_parallel - running
                                                 : 0;
}

/* Slots that are kept free for what the sweep's strategy is thinking about. */
static uint64_t sweep_keeps(const struct sim *s, const struct sweep *w, uint32_t asked)
{
    uint64_t room = sweep_room(s, w);
    return asked < room ? asked : room;
}

static bool sweep_has_ready(const struct sim *s, const struct sweep *w)
{
    const struct controller *c = &s->server->core;
    const struct book_sweep *book = books_sweep(&c->books, w->id);
    const struct schedule_sweep *turn = schedule_find(&c->schedule, w->id);
    return book && book->counts[TRIAL_PENDING] + turn->ready_n > turn->elsewhere;
}

/* No place is idle that a trial could have, but those for proposals that are being made. Each of
 * these may take the place of some others, since it may need more. */
static void step_leaves_idle(struct sim *s)
{
    enum { LARGEST = 8 };
    const struct controller *c = &s->server->core;
    bool waits[SIM_SWEEPS_MAX] = {false};
    uint64_t kept = 0;
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep *w = &s->sweeps[i];
        const struct schedule_sweep *turn = schedule_find(&c->schedule, w->id);
        waits[i] = sweep_has_ready(s, w) && sweep_room(s, w) > 0;
        if (!waits[i] && turn)
            kept += sweep_keeps(s, w, turn->asked);
    }
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep *w = &s->sweeps[i];
        int highest = INT_MIN;
        if (!waits[i])
            continue;
        const struct fleet_class *class =
            fleet_class_find(&c->fleet, schedule_find(&c->schedule, w->id)->class);
        if (class && class->room_n > kept * (s->options.sizes ? LARGEST : 1))
            sim_fail(s, "%s has a trial to launch, there is room for %llu, and %llu are kept",
                     w->id, (unsigned long long)class->room_n, (unsigned long long)kept);
        for (int k = 0; k < s->options.sweeps; k++)
            if (k != i && schedule_find(&c->schedule, s->sweeps[k].id) &&
                s->sweeps[k].priority > highest)
                highest = s->sweeps[k].priority;
        audit_fleet_keeps(s, w, highest);
    }
}

/* Nothing was launched on a slot kept for the proposals of a sweep of higher priority. */
static void step_takes_kept(struct sim *s, const struct event *ev, const struct effect *effects,
                            size_t n)
{
    const struct controller *c = &s->server->core;
    int lowest = INT_MAX;
    uint64_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (effects[i].kind == EFFECT_PERSIST && effects[i].fact.kind == FACT_LAUNCHED) {
            const struct sweep *w = sweeps_find(s, effects[i].fact.sweep);
            lowest = w && w->priority < lowest ? w->priority : lowest;
        }
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep *w = &s->sweeps[i];
        bool answered = ev->kind == EVENT_PROPOSED && strcmp(ev->sweep, w->id) == 0;
        if (w->priority > lowest && !answered && !sweep_has_ready(s, w) && !sweep_is_barred(s, w))
            kept += sweep_keeps(s, w, s->audit->sweeps[i].asked);
    }
    if (c->fleet.free_n < kept && !s->options.sizes)
        sim_fail(s, "a trial took one of %llu slots kept for sweeps of higher priority",
                 (unsigned long long)kept);
}

/* Once the GPU time of a sweep is spent, nothing starts; what runs finishes. */
static void step_spends_gpus(struct sim *s, const struct event *ev, const struct effect *effects,
                             size_t n)
{
    const struct controller *c = &s->server->core;
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep *w = &s->sweeps[i];
        const struct book_sweep *book = books_sweep(&c->books, w->id);
        if (!w->gpu_s || sim_has(s, SIM_CLOCKS) || !book || book->only_asked ||
            !schedule_find(&c->schedule, w->id)->admitted)
            continue;
        /* A thousandth of a second more: the hours are written as decimals. */
        if (books_sweep_gpu_us(book, ev->wall_ms) > w->gpu_s * INT64_C(1000000) + 1000 &&
            (book->state == SWEEP_RUNNING || book->state == SWEEP_PAUSED))
            sim_fail(s, "%s is %s, and its GPU time is spent", w->id,
                     sweep_states[book->state].name);
        for (size_t k = 0; k < n && !w->wall_s; k++)
            if (effects[k].kind == EFFECT_PERSIST && effects[k].fact.kind == FACT_STOPPING &&
                effects[k].fact.reason == REASON_BUDGET &&
                strcmp(effects[k].fact.sweep, w->id) == 0)
                sim_fail(s, "%s ends a trial because its GPU time is spent", w->id);
    }
}

/* Once the time of a sweep is spent, nothing starts, and all that runs was asked to end. */
static void step_spends(struct sim *s, const struct event *ev)
{
    const struct controller *c = &s->server->core;
    void *trial;
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep *w = &s->sweeps[i];
        const struct book_sweep *book = books_sweep(&c->books, w->id);
        const struct schedule_sweep *turn = schedule_find(&c->schedule, w->id);
        if (book && !book->only_asked && books_sweep_meets_target(book) &&
            (book->state == SWEEP_RUNNING || book->state == SWEEP_PAUSED))
            sim_fail(s, "%s is %s, and its target is reached", w->id,
                     sweep_states[book->state].name);
        if (!w->wall_s || sim_has(s, SIM_CLOCKS) || !book || !turn->admitted ||
            book->only_asked) /* somebody asked for what runs now */
            continue;
        int64_t busy = book->busy_ms;
        if (book->counts[TRIAL_RUNNING] > 0)
            busy += ev->wall_ms - book->busy_from_ms;
        if (busy < (int64_t)(1000 * book->spec->budget.wall_s))
            continue;
        if (book->state == SWEEP_RUNNING || book->state == SWEEP_PAUSED)
            sim_fail(s, "%s is %s, and its time is spent", w->id, sweep_states[book->state].name);
        for (size_t at = 0; map_next(&book->open, &at, &trial);)
            if (((struct book_trial *)trial)->state == TRIAL_RUNNING &&
                ((struct book_trial *)trial)->attempt.state == ATTEMPT_LAUNCHED)
                sim_fail(s, "%s has a trial that goes on, and its time is spent", w->id);
    }
}

/* A trial runs again on the agent that it failed on only if no other has room for it. Not judged
 * beside other sweeps: places that were kept for their proposals are free again by now. */
static void step_launches_again(struct sim *s, const struct fact *f)
{
    const struct controller *c = &s->server->core;
    const struct book_sweep *book = books_sweep(&c->books, f->sweep);
    const struct book_trial *t = books_trial(book, f->trial);
    const struct schedule_sweep *first = schedule_first(&c->schedule);
    bool beside = c->schedule.turns.n > 1 || (first && strcmp(first->id, f->sweep) != 0);
    if (beside || !t || t->earlier_n == 0 || t->failed + t->lost == 0)
        return;
    const struct book_attempt *before = &t->earlier[t->earlier_n - 1];
    enum trial_state end = trial_reason_state(before->reason);
    const struct fleet_class *class =
        fleet_class_find(&c->fleet, schedule_find(&c->schedule, f->sweep)->class);
    void *value;
    if (!class || (end != TRIAL_FAILED && end != TRIAL_LOST) ||
        strcmp(before->agent, f->agent) != 0)
        return;
    for (size_t at = 0; map_next(&c->fleet.names, &at, &value);) {
        const struct fleet_agent *other = value;
        if (strcmp(other->name, f->agent) != 0 && !other->held_for[0] &&
            fleet_agent_room(other, &class->need) > 0)
            sim_fail(s, "%s-%llu failed on %s and runs there again, and %s has room", f->sweep,
                     (unsigned long long)f->trial, f->agent, other->name);
    }
}

/* Somebody has an agent forgotten: what it held is lost, whatever else goes wrong. */
static void step_forgets_agent(struct sim *s, const struct event *ev, const struct effect *effects,
                               size_t n)
{
    bool forgets = ev->kind == EVENT_AGENT && ev->agent->duty == DUTY_FORGOTTEN;
    for (size_t i = 0; forgets && i < n; i++) {
        const struct fact *f = &effects[i].fact;
        if (effects[i].kind != EFFECT_PERSIST || f->kind != FACT_ENDED)
            continue;
        struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
        if (t)
            t->forgotten |= 1ull << f->attempt % 64;
    }
}

void audit_step(struct sim *s, const struct event *ev, const struct effect *effects, size_t n)
{
    const struct request *r = user_request(s, ev->request);
    if (r && r->bad)
        step_is_refusal(s, effects, n);
    else if (ev->kind == EVENT_ADMIT || ev->kind == EVENT_CREATE)
        step_admits(s, ev, effects, n);
    for (size_t i = 0; i < n; i++)
        if (effects[i].kind == EFFECT_PERSIST && effects[i].fact.kind == FACT_LAUNCHED)
            step_launches_again(s, &effects[i].fact);
    audit_say_forgets(s, ev, effects, n);
    step_forgets_agent(s, ev, effects, n);
    step_spends(s, ev);
    step_spends_gpus(s, ev, effects, n);
    step_leaves_idle(s);
    step_takes_kept(s, ev, effects, n);
    step_forgets(s, ev, effects, n);
    step_drops_agents(s, ev);
}

/* Judged when it is decided: a trial may be enqueued before it leaves. */
static void effect_ends_sweep(struct sim *s, const char *id)
{
    const struct book_sweep *book = books_sweep(&s->server->core.books, id);
    if (book && (!sweep_states[book->state].final || book->counts[TRIAL_RUNNING] > 0))
        sim_fail(s, "an agent is told to forget %s, which has not ended", id);
}

void audit_effect(struct sim *s, const struct effect *e)
{
    if (e->kind == EFFECT_SEND && e->message.type == MESSAGE_SWEEP_DONE)
        effect_ends_sweep(s, e->message.sweep);
    const struct server *v = s->server;
    const struct fact *f = &e->fact;
    bool launches = e->kind == EFFECT_PERSIST && f->kind == FACT_LAUNCHED;
    bool interrupts =
        e->kind == EFFECT_PERSIST && f->kind == FACT_STOPPING && f->reason == REASON_INTERRUPTED;
    if (!launches && !interrupts)
        return;
    const struct sweep *w = sweeps_find(s, f->sweep);
    if (!w || !(v->admitted >> w->index & 1))
        sim_fail(s, "%s %s a trial and is not admitted", f->sweep,
                 launches ? "launches" : "interrupts");
    if (launches && books_duty(&v->core.books, f->agent) != DUTY_UP)
        sim_fail(s, "agent %s is %s, and gets a trial", f->agent,
                 duty_name(books_duty(&v->core.books, f->agent)));
    if (launches && fleet_lost_find(&v->core.books.lost, f->agent))
        sim_fail(s, "agent %s is lost, and gets a trial", f->agent);
    if (launches && v->core.draining)
        sim_fail(s, "%s launches a trial after Ctrl-C", e->fact.sweep);
}

/* The first that is away for too long goes with the next tick. */
static void turn_drops_agents(struct sim *s)
{
    struct audit *a = s->audit;
    const struct controller *c = &s->server->core;
    const struct fleet_agent *away = fleet_away(&c->fleet);
    bool overdue = away && s->now > away->away_ms + c->lost_ms && s->now > c->lost_from_ms;
    if (!overdue || away->joined != a->overdue || a->epoch != s->store->epoch) {
        a->overdue = overdue ? away->joined : 0;
        a->overdue_ms = s->now;
    } else if (s->now > a->overdue_ms + s->options.turn_ms) {
        sim_fail(s, "agent %s is gone for long, and is not forgotten", away->name);
    }
}

void audit_turn(struct sim *s)
{
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep_audit *a = &s->audit->sweeps[i];
        if (a->ended && s->now > a->ended_ms + CONTROLLER_ENDED_MS + s->options.turn_ms &&
            books_sweep(&s->server->core.books, s->sweeps[i].id))
            sim_fail(s, "sweep %s ended a while ago, and is not forgotten", s->sweeps[i].id);
    }
    turn_drops_agents(s);
}
