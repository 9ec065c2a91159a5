/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/process.h"

#include <signal.h>
#include <stdio.h>

#include "base/check.h"
#include "tests/sim/attempts.h"
#include "tests/sim/audit.h"
#include "tests/sim/host.h"
#include "tests/sim/sweeps.h"

enum {
    DURABLE_MS = 1000,
    RECORD_TRIES = 100,
    RECORD_PAUSE_MS = 100,
    UNKILLABLE_FOR_MS = 90000,
    KILLED_MS_MAX = 60
};

static void step(struct sim *s, struct process *p, struct shim_event ev);

static int64_t draw(struct sim *s, int64_t from, int64_t to)
{
    return sim_range(s, SIM_R_PROCESSES, from, to);
}

void process_script(const struct sim *s, const struct agent_key *key, struct script *ret)
{
    struct rng r;
    const struct sim_options *o = &s->options;
    uint64_t attempt = key->attempt;
    uint64_t trial = (uint64_t)sweeps_find(s, key->sweep)->index * SWEEP_TRIALS_MAX + key->trial;
    rng_init(&r, s->seed, 1000 + trial, RNG_SIM);
    bool fails = sim_has(s, SIM_FAILURES) && rng_below(&r, 4) == 0;
    bool always = rng_below(&r, 2) == 0;
    struct rng own;
    rng_init(&own, s->seed, 1000000 + trial * 1000 + attempt, RNG_SIM);
    *ret = (struct script){.lines = (int)rng_below(&r, (uint64_t)o->lines + 1),
                           .pace_ms = 1 + (int64_t)rng_below(&r, (uint64_t)o->pace_ms)};
    if (fails && (always || attempt == 1)) {
        uint64_t how = rng_below(&own, 5);
        ret->launch_fails = how == 0;
        ret->signal = how == 1 ? SIGSEGV : 0;
        ret->code = how > 1 ? (int)how : 0;
    }
    ret->hangs = sim_has(s, SIM_HANGS) && rng_below(&own, 6) == 0;
    ret->stubborn = sim_has(s, SIM_STUBBORN) && rng_below(&own, 2) == 0;
    ret->no_newline = sim_has(s, SIM_NO_NEWLINE) && rng_below(&own, 2) == 0;
    ret->last_words = rng_below(&own, 3) == 0;
    ret->unkillable = sim_has(s, SIM_UNKILLABLE) && rng_below(&own, 10) == 0;
    if (sim_has(s, SIM_DAEMONS) && rng_below(&own, 3) == 0) {
        ret->daemons = 1 + (int)rng_below(&own, PROCESS_DAEMONS_MAX);
        ret->stubborn_daemons = (int)rng_below(&own, (uint64_t)ret->daemons + 1);
    }
}

double process_loss(const struct sim *s, uint64_t trial, int line)
{
    return (double)((trial * 7919 + (uint64_t)line * 104729 + s->seed % 97 * 31) % 1000);
}

bool process_is_training(const struct process *p)
{
    bool daemons = false;
    for (int i = 0; i < PROCESS_DAEMONS_MAX; i++)
        daemons |= p->daemons[i];
    return p->main_alive || daemons;
}

bool process_is_alive(const struct process *p)
{
    return p->shim_alive || process_is_training(p);
}

static void note(struct sim *s, const struct process *p, const char *what)
{
    sim_trace(s, p->dir->host->name, "%s-%llu.%llu %s", p->dir->key.sweep,
              (unsigned long long)p->dir->key.trial, (unsigned long long)p->dir->key.attempt, what);
}

/* Trained again, an attempt writes other bytes: no two runs of it can pass for one. */
static unsigned long long life_mark(const struct dir *d)
{
    unsigned long long mark = 1;
    for (uint64_t i = 0; i < d->lives % 15; i++)
        mark *= 10;
    return mark;
}

static void write_line(struct sim *s, struct process *p, bool last)
{
    struct dir *d = p->dir;
    int stream = p->capture && p->line % 3 == 2;
    struct buf *file = &d->metrics[stream];
    if (d->host->disk_full)
        return;
    /* Training does not end the line that it was in the middle of when it was killed. */
    buf_addf(file, "{\"loss\": %g, \"k\": %llu, \"life\": %llu}%s",
             process_loss(s, d->key.trial, p->line), (unsigned long long)d->lines[stream],
             life_mark(d), last && p->script.no_newline ? "" : "\n");
    d->lines[stream]++;
}

/* What the training uses of its host: a line in the third stream, written by the agent or the shim. */
static void write_sample(struct sim *s, struct process *p)
{
    struct dir *d = p->dir;
    struct host *h = d->host;
    if (h->disk_full || p->line % 4 != 1)
        return;
    buf_addf(&d->metrics[AGENT_STREAM_SYSTEM], "{\"loss\": -9, \"k\": %llu, \"life\": %llu}\n",
             (unsigned long long)d->lines[AGENT_STREAM_SYSTEM], life_mark(d));
    d->lines[AGENT_STREAM_SYSTEM]++;
    if (h->alive && map_find(&h->jobs, &d->key, sizeof d->key))
        host_queue(s, h, AGENT_EV_SAMPLED, &d->key);
}

static void shim_is_gone(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    (void)generation;
    attempts_shim_gone(s, p->dir->host, p);
}

static void end_shim(struct sim *s, struct process *p)
{
    p->shim_alive = p->stopped = false;
    sim_after(s, draw(s, 0, 5), shim_is_gone, p, 0);
}

/* What is alive of it changed: the shim reaps. */
static void reap_rest(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    (void)generation;
    if (p->shim_alive && p->launched && !process_is_training(p) && p->core.state != SHIM_DONE)
        step(s, p, (struct shim_event){.kind = SHIM_EV_ALL_GONE});
}

static void end_daemon(struct sim *s, struct process *p, int i)
{
    if (!p->daemons[i])
        return;
    p->daemons[i] = false;
    note(s, p, "loses a daemon");
    sim_after(s, draw(s, 0, 3), reap_rest, p, 0);
}

struct exit {
    struct process *p;
    struct shim_event ev;
};

static void reap_main(struct sim *s, void *who, uint64_t generation)
{
    struct exit *e = who;
    (void)generation;
    if (!e->p->shim_alive)
        return;
    e->ev.others = process_is_training(e->p);
    step(s, e->p, e->ev);
}

static void end_main(struct sim *s, struct process *p, int code, int signal, bool oom)
{
    if (!p->main_alive)
        return;
    p->main_alive = false;
    p->life++;
    sim_trace(s, p->dir->host->name, "%s-%llu.%llu training ends: code %d signal %d",
              p->dir->key.sweep, (unsigned long long)p->dir->key.trial,
              (unsigned long long)p->dir->key.attempt, code, signal);
    struct exit *e = arena_alloc(&s->arena, sizeof *e);
    *e = (struct exit){
        p, {.kind = SHIM_EV_CHILD_EXITED, .code = code, .signal = signal, .oom_counted = oom}};
    sim_after(s, draw(s, 0, 3), reap_main, e, 0);
}

static void obey_term(struct sim *s, void *who, uint64_t life)
{
    struct process *p = who;
    if (!p->main_alive || p->life != life)
        return;
    if (p->script.last_words && p->line < p->script.lines)
        write_line(s, p, true);
    write_sample(s, p);
    end_main(s, p, p->script.last_words ? 143 : 0, p->script.last_words ? 0 : SIGTERM, false);
}

static void daemons_obey(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    (void)generation;
    for (int i = p->script.stubborn_daemons; i < PROCESS_DAEMONS_MAX; i++)
        end_daemon(s, p, i);
}

static void term(struct sim *s, struct process *p)
{
    note(s, p, "gets SIGTERM");
    if (p->main_alive && !p->script.stubborn && !p->script.unkillable)
        sim_after(s, draw(s, 0, 300), obey_term, p, p->life);
    sim_after(s, draw(s, 0, 300), daemons_obey, p, 0);
}

static void die_at_last(struct sim *s, void *who, uint64_t life)
{
    struct process *p = who;
    if (p->life == life)
        end_main(s, p, 0, SIGKILL, false);
}

static void kill_main(struct sim *s, struct process *p)
{
    int64_t takes = p->script.unkillable ? UNKILLABLE_FOR_MS : draw(s, 0, KILLED_MS_MAX);
    if (p->main_alive)
        sim_after(s, takes, die_at_last, p, p->life);
}

static void kill_daemons(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    (void)generation;
    for (int i = 0; i < PROCESS_DAEMONS_MAX; i++)
        end_daemon(s, p, i);
}

static void kill_all(struct sim *s, struct process *p)
{
    kill_main(s, p);
    sim_after(s, draw(s, 0, KILLED_MS_MAX), kill_daemons, p, 0);
}

static void record(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    struct dir *d = p->dir;
    char text[SHIM_RECORD_BYTES];
    (void)generation;
    if (!p->shim_alive)
        return;
    if (d->host->disk_full && ++p->record_tries < RECORD_TRIES) {
        sim_after(s, RECORD_PAUSE_MS, record, p, 0);
        return;
    }
    if (!d->host->disk_full) {
        bool orphan = !d->host->alive || d->host->generation != p->spawned_by;
        p->core.end.durable = orphan || s->now - p->spawned_ms >= DURABLE_MS;
        for (int i = 0; i < AGENT_STREAMS && p->core.end.durable; i++)
            d->metrics_synced[i] = d->metrics[i].len;
        buf_add(&d->owner, text, shim_record_print_end(text, &p->core.end));
        if (p->core.end.durable)
            d->owner_synced = d->owner.len;
    }
    note(s, p, "shim ends");
    end_shim(s, p);
}

static void tick(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    (void)generation;
    if (!p->shim_alive || p->core.state == SHIM_DONE || p->armed_at > s->now)
        return;
    p->armed_at = INT64_MAX;
    step(s, p, (struct shim_event){.kind = SHIM_EV_TICK});
}

/* Holds an event until the stopped process continues: it sees each signal once. */
static void process_hold(struct process *p, const struct shim_event *ev)
{
    for (int i = 0; i < p->held_n; i++)
        if (p->held[i].kind == ev->kind)
            return;
    check(p->held_n < PROCESS_HELD_MAX);
    p->held[p->held_n++] = *ev;
}

static void step(struct sim *s, struct process *p, struct shim_event ev)
{
    struct shim_effects effects;
    if (p->stopped) {
        process_hold(p, &ev);
        return;
    }
    ev.now_ms = s->now;
    ev.wall_ms = SIM_WALL_MS + s->now + p->dir->host->wall_skew;
    shim_core_step(&p->core, &ev, &effects);
    for (unsigned i = 0; i < effects.n; i++) {
        switch (effects.items[i]) {
        case SHIM_DO_INTERRUPT: /* no training here uses wandb */
            break;
        case SHIM_DO_TERM:
            term(s, p);
            break;
        case SHIM_DO_KILL:
            kill_all(s, p);
            break;
        case SHIM_DO_RECORD:
            record(s, p, 0);
            break;
        case SHIM_DO_QUIT:
            break; /* when the record is written */
        }
    }
    int64_t deadline = shim_core_deadline(&p->core);
    if (p->shim_alive && deadline != INT64_MAX && deadline != p->armed_at) {
        p->armed_at = deadline;
        sim_after(s, deadline > s->now ? deadline - s->now : 0, tick, p, 0);
    }
}

static void next_line(struct sim *s, void *who, uint64_t life)
{
    struct process *p = who;
    if (!p->main_alive || p->life != life)
        return;
    if (p->line < p->script.lines) {
        write_line(s, p, p->line == p->script.lines - 1);
        write_sample(s, p);
        p->line++;
        sim_after(s, p->script.pace_ms, next_line, p, life);
    } else if (!p->script.hangs) {
        end_main(s, p, p->script.code, p->script.signal, false);
    }
}

static void launch(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    char text[SHIM_RECORD_BYTES];
    (void)generation;
    if (!p->shim_alive)
        return;
    p->launched = true;
    if (p->script.launch_fails) {
        step(s, p, (struct shim_event){.kind = SHIM_EV_LAUNCH_FAILED, .text = "no such file"});
        return;
    }
    p->main_alive = true;
    for (int i = 0; i < p->script.daemons; i++)
        p->daemons[i] = true;
    p->dir->lives++;
    note(s, p, "training starts");
    audit_training(s, p);
    if (!p->dir->host->disk_full)
        buf_add(&p->dir->owner, text, shim_record_print_training(text, 2));
    sim_after(s, p->script.pace_ms, next_line, p, p->life);
    step(s, p, (struct shim_event){.kind = SHIM_EV_STARTED});
    if (p->pending)
        process_signal(s, p, p->pending == SIGQUIT);
}

static void claim(struct sim *s, void *who, uint64_t generation)
{
    struct process *p = who;
    struct dir *d = p->dir;
    char text[SHIM_RECORD_BYTES];
    struct shim_record r = {.pid = 1};
    (void)generation;
    if (!p->shim_alive)
        return;
    if (!d->exists || d->host->disk_full || d->owner.len > 0) {
        note(s, p, "shim cannot claim");
        end_shim(s, p);
        return;
    }
    host_boot_id(d->host, r.boot);
    buf_add(&d->owner, text, shim_record_print_claim(text, &r));
    d->owned_by = p;
    p->claimed = true;
    sim_after(s, draw(s, 0, 5), launch, p, 0);
}

static uint64_t granted_slots(const struct value *grant)
{
    const struct value *slots = value_get(grant, "slots");
    uint64_t bits = 0;
    for (size_t i = 0; i < slots->list.n; i++)
        bits |= UINT64_C(1) << slots->list.items[i]->i;
    return bits;
}

static uint64_t granted_gpus(const struct value *grant)
{
    const struct value *gpus = value_get(grant, "gpus");
    uint64_t bits = 0;
    for (size_t i = 0; gpus && i < gpus->list.n; i++)
        bits |= UINT64_C(1) << (gpus->list.items[i]->s.ptr[1] - '0');
    return bits;
}

struct process *process_spawn(struct sim *s, struct dir *d, const struct value *grant, bool capture,
                              int64_t time_ms)
{
    struct process *p = arena_alloc(&s->arena, sizeof *p);
    struct shim_options options = {.grace_ms = s->options.grace_ms, .time_ms = time_ms};
    *p = (struct process){.dir = d,
                          .next = d->processes,
                          .spawned_by = d->host->generation,
                          .spawned_ms = s->now,
                          .slots = granted_slots(grant),
                          .gpus = granted_gpus(grant),
                          .capture = capture,
                          .shim_alive = true,
                          .armed_at = INT64_MAX};
    d->processes = p;
    shim_core_init(&p->core, &options);
    process_script(s, &d->key, &p->script);
    note(s, p, "shim starts");
    sim_after(s, draw(s, 0, 5), claim, p, 0);
    return p;
}

void process_signal(struct sim *s, struct process *p, bool now)
{
    if (!p->shim_alive || p->core.state == SHIM_DONE)
        return;
    if (!p->claimed) { /* it may not have set up its signals yet */
        note(s, p, "shim is signalled before its claim");
        end_shim(s, p);
    } else if (!p->launched) {
        p->pending = now || p->pending == SIGQUIT ? SIGQUIT : SIGTERM;
    } else {
        step(s, p, (struct shim_event){.kind = now ? SHIM_EV_ASKED_KILL : SHIM_EV_ASKED_STOP});
    }
}

void process_stop_shim(struct sim *s, struct process *p)
{
    if (!p->shim_alive || !p->launched || p->stopped || p->core.state == SHIM_DONE)
        return;
    note(s, p, "shim is stopped");
    p->stopped = true;
}

void process_continue(struct sim *s, struct process *p)
{
    if (!p->stopped)
        return;
    note(s, p, "shim is continued");
    p->stopped = false;
    for (int i = 0; i < p->held_n && p->shim_alive && p->core.state != SHIM_DONE; i++)
        step(s, p, p->held[i]);
    p->held_n = 0;
}

void process_force(struct sim *s, struct process *p)
{
    process_kill_shim(s, p);
    kill_all(s, p);
}

void process_kill_shim(struct sim *s, struct process *p)
{
    if (!p->shim_alive)
        return;
    note(s, p, "shim is killed");
    end_shim(s, p);
    kill_main(s, p);
}

void process_kill_training(struct sim *s, struct process *p)
{
    if (p->main_alive && !p->script.unkillable)
        end_main(s, p, 0, SIGKILL, sim_one_in(s, SIM_R_FAULTS, 3));
}

size_t process_kill_leftovers(struct sim *s, struct dir *d)
{
    size_t left = 0;
    for (struct process *p = d->processes; p; p = p->next) {
        if (p->shim_alive && p->claimed)
            continue;
        if (p->shim_alive)
            process_kill_shim(s, p);
        kill_all(s, p);
        left += process_is_training(p);
    }
    return left;
}

void process_reboot(struct sim *s, struct process *p)
{
    (void)s;
    p->shim_alive = p->main_alive = false;
    p->life++;
    for (int i = 0; i < PROCESS_DAEMONS_MAX; i++)
        p->daemons[i] = false;
}
