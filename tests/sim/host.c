/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/host.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "agent/core/agent_leave.h"
#include "base/mem.h"
#include "sweep/fact.h"
#include "tests/sim/attempts.h"
#include "tests/sim/offers.h"
#include "tests/sim/process.h"
#include "tests/sim/server.h"

static void host_turn(struct sim *s, void *who, uint64_t generation);
static void host_start_again(struct sim *s, void *who, uint64_t generation);

void hosts_init(struct sim *s)
{
    s->hosts = arena_alloc(&s->arena, (size_t)s->options.agents * sizeof *s->hosts);
    for (int i = 0; i < s->options.agents; i++) {
        struct host *h = &s->hosts[i];
        *h = (struct host){.index = i, .generation = 1, .boot = 1, .rate = 1000};
        if (sim_has(s, SIM_CLOCKS))
            h->rate = (int)sim_range(s, SIM_R_CLOCKS, 900, 1100);
        snprintf(h->name, sizeof h->name, "a%d", i);
        map_init(&h->dirs);
    }
}

void hosts_start(struct sim *s)
{
    bool late = sim_one_in(s, SIM_R_HOSTS, 4);
    for (int i = 0; i < s->options.agents && !s->options.together; i++) {
        struct host *h = &s->hosts[i];
        int64_t joins_ms = i > 0 && late ? sim_range(s, SIM_R_HOSTS, 0, s->options.chaos_ms) : 0;
        if (joins_ms > 0)
            sim_after(s, joins_ms, host_start_again, h, h->generation);
        else
            host_start(s, h);
    }
}

static void host_free(struct host *h)
{
    agent_core_done(&h->core);
    void *job;
    for (size_t at = 0; map_next(&h->jobs, &at, &job);)
        mem_free(job);
    map_done(&h->jobs);
    arena_done(&h->in);
    arena_done(&h->out);
    mem_free(h->queue);
    h->queue = NULL;
    h->queued = h->queue_cap = h->taken = 0;
    h->alive = h->working = false;
    h->link = NULL;
    h->generation++;
}

void hosts_done(struct sim *s)
{
    for (int i = 0; i < s->options.agents; i++) {
        struct host *h = &s->hosts[i];
        void *dir;
        if (h->alive)
            host_free(h);
        for (size_t at = 0; map_next(&h->dirs, &at, &dir);)
            dir_done(dir);
        map_done(&h->dirs);
    }
}

void host_boot_id(const struct host *h, char out[SHIM_BOOT_BYTES])
{
    snprintf(out, SHIM_BOOT_BYTES, "boot-%llu", (unsigned long long)h->boot);
}

struct dir *host_dir(const struct host *h, const struct agent_key *key)
{
    return map_find(&h->dirs, key, sizeof *key);
}

size_t host_processes(const struct host *h, bool (*is)(const struct process *p), size_t n,
                      struct process **ret)
{
    size_t count = 0;
    void *dir;
    for (size_t at = 0; map_next(&h->dirs, &at, &dir);)
        for (struct process *p = ((struct dir *)dir)->processes; p; p = p->next)
            if (is(p)) {
                if (ret && count == n)
                    *ret = p;
                count++;
            }
    return count;
}

struct agent_event *host_queue(struct sim *s, struct host *h, enum agent_event_kind kind,
                               const struct agent_key *key)
{
    if (!h->working) {
        h->working = true;
        sim_after(s, sim_range(s, SIM_R_HOSTS, 0, 1), host_turn, h, h->generation);
    }
    h->queue = mem_grow(h->queue, &h->queue_cap, h->queued + 1, sizeof *h->queue);
    struct agent_event *ev = &h->queue[h->queued++];
    *ev = (struct agent_event){.kind = kind};
    if (key)
        ev->key = *key;
    return ev;
}

static void host_send(struct sim *s, struct host *h, const struct message *m)
{
    struct buf text;
    if (!h->link)
        return;
    buf_init(&text, SIZE_MAX);
    message_print(&text, m);
    sim_trace(s, h->name, "> %.200s", buf_str(&text));
    link_send_text(s, h->link, LINK_TO_SERVER, buf_str(&text), text.len);
    buf_done(&text);
}

static void host_carry_out(struct sim *s, struct host *h, const struct agent_effect *e)
{
    if (e->kind == AGENT_DO_SEND)
        host_send(s, h, &e->message);
    else
        attempts_carry_out(s, h, e);
}

int64_t host_now(const struct sim *s, const struct host *h)
{
    return s->now * h->rate / 1000;
}

enum { LOAD_MS = 10000 };

/* What is said of the disk is when it was said. */
static void host_tell_load(struct sim *s, struct host *h)
{
    if (s->now < h->load_ms)
        return;
    h->load_ms = s->now + LOAD_MS;
    struct value *load = value_dict(&h->in), *disk = value_dict(&h->in);
    value_put(&h->in, disk, "free", value_int(&h->in, s->now));
    value_put(&h->in, disk, "total", value_int(&h->in, HOST_DISK_BYTES));
    value_put(&h->in, load, "disk", disk);
    value_put(&h->in, load, "gpus", value_list(&h->in));
    host_queue(s, h, AGENT_EV_LOAD, NULL)->load = load;
}

static void host_tick(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (h->alive && h->generation == generation && h->armed_at <= host_now(s, h)) {
        h->armed_at = INT64_MAX;
        host_queue(s, h, AGENT_EV_TICK, NULL);
        host_tell_load(s, h);
    }
}

static void host_arm(struct sim *s, struct host *h)
{
    int64_t deadline = agent_core_deadline(&h->core);
    if (deadline == INT64_MAX || deadline == h->armed_at)
        return;
    h->armed_at = deadline;
    int64_t wait = (deadline - host_now(s, h)) * 1000 / h->rate + (h->rate != 1000);
    sim_after(s, wait > 0 ? wait : 0, host_tick, h, h->generation);
}

/* Steps through what is queued; may die after any effect. */
static bool host_step_all(struct sim *s, struct host *h)
{
    bool lives = s->healing || !sim_has(s, SIM_TURNS) || s->options.together ||
                 !sim_one_in(s, SIM_R_HOSTS, 60);
    uint64_t left = lives ? UINT64_MAX : rng_below(&s->rng[SIM_R_HOSTS], 6);
    struct agent_effects effects;
    agent_effects_init(&effects, &h->out);
    while (h->taken < h->queued && left > 0) {
        struct agent_event ev = h->queue[h->taken++];
        ev.now_ms = host_now(s, h);
        ev.wall_ms = SIM_WALL_MS + s->now + h->wall_skew;
        effects.n = 0;
        agent_core_step(&h->core, &ev, &effects);
        for (size_t i = 0; i < effects.n && left > 0; i++, left--)
            host_carry_out(s, h, &effects.items[i]);
        arena_clear(&h->out);
    }
    agent_effects_done(&effects);
    return left > 0;
}

bool host_is_suspended(const struct sim *s, const struct host *h)
{
    return h->alive && s->now < h->wakes_ms;
}

void host_suspend(struct sim *s, struct host *h, int64_t ms)
{
    if (!h->alive || host_is_suspended(s, h))
        return;
    h->stopped_ms = s->now;
    h->wakes_ms = s->now + ms;
    sim_trace(s, h->name, "is stopped for %lld ms", (long long)ms);
    links_watch(s);
}

void host_cut(struct sim *s, struct host *h, int64_t ms)
{
    h->cut_until_ms = s->now + ms;
    sim_trace(s, h->name, "has no network for %lld ms", (long long)ms);
    if (h->link) {
        link_cut(s, h->link, LINK_TO_SERVER, ms);
        link_cut(s, h->link, LINK_TO_AGENT, ms);
    }
}

static void host_turn(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (!h->alive || h->generation != generation)
        return;
    if (host_is_suspended(s, h)) {
        sim_after(s, h->wakes_ms - s->now, host_turn, h, generation);
        return;
    }
    if (!host_step_all(s, h)) {
        host_kill(s, h, "is killed in a turn");
        return;
    }
    h->working = false;
    h->queued = h->taken = 0;
    arena_clear(&h->in);
    host_arm(s, h);
    if (agent_leave_is_over(&h->core, host_now(s, h)))
        host_kill(s, h, "has left");
    else if (s->options.together)
        server_agent_turned(s);
}

bool host_is_idle(const struct host *h, const char *sweep)
{
    return h->alive && h->core.welcomed && agent_core_count(&h->core, sweep) == 0 && h->queued == 0;
}

void host_frame(struct sim *s, struct host *h, struct link *l, const char *text, size_t len)
{
    struct err err = {0};
    if (h->link != l)
        return;
    struct message *m = arena_alloc(&h->in, sizeof *m);
    sim_trace(s, h->name, "< %.200s", text);
    if (message_parse(&h->in, text, len, m, &err) != 0) {
        sim_fail(s, "the controller sent what is no message: %s", err.text);
        return;
    }
    host_queue(s, h, AGENT_EV_MESSAGE, NULL)->message = m;
}

static void host_connect(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (!h->alive || h->generation != generation || h->link)
        return;
    if (host_is_suspended(s, h)) {
        sim_after(s, h->wakes_ms - s->now, host_connect, h, generation);
        return;
    }
    if (!s->server->alive || (s->now < h->cut_until_ms && !s->healing)) {
        sim_after(s, sim_range(s, SIM_R_HOSTS, 50, 2000), host_connect, h, generation);
        return;
    }
    h->link = link_open_to(s, h->index);
    sim_trace(s, h->name, "is linked: %u", h->link->id);
    host_queue(s, h, AGENT_EV_LINK_UP, NULL);
}

void host_down(struct sim *s, struct host *h, struct link *l)
{
    if (h->link != l)
        return;
    sim_trace(s, h->name, "link %u is down", l->id);
    h->link = NULL;
    host_queue(s, h, AGENT_EV_LINK_DOWN, NULL);
    sim_after(s, sim_range(s, SIM_R_HOSTS, 0, 2000), host_connect, h, h->generation);
}

void host_start(struct sim *s, struct host *h)
{
    void *value;
    /* Another number of slots than last time; the first keeps some, so that all can be trained. */
    if (sim_has(s, SIM_SLOTS) && h->generation > 1)
        s->options.slots[h->index] = (int)sim_range(s, SIM_R_HOSTS, h->index == 0, 4);
    if (s->options.sizes && h->index == 0)
        s->options.slots[0] = 4;
    agent_core_init(&h->core, h->name, h->generation + 1, (uint32_t)s->options.slots[h->index]);
    h->core.grace_ms = s->options.grace_ms;
    map_init(&h->jobs);
    arena_init(&h->in);
    arena_init(&h->out);
    h->alive = true;
    h->generation++;
    h->armed_at = INT64_MAX;
    h->wakes_ms = 0;
    offers_begin(s, h);
    sim_trace(s, h->name, "starts with %d slots", s->options.slots[h->index]);
    for (size_t at = 0; map_next(&h->dirs, &at, &value);) {
        struct dir *d = value;
        if (!d->exists)
            continue;
        process_kill_leftovers(s, d);
        agent_core_hold(&h->core, &d->key);
    }
    host_connect(s, h, h->generation);
}

static void host_start_again(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (!h->alive && !h->gone && h->generation == generation)
        host_start(s, h);
}

void host_preempt(struct sim *s, struct host *h)
{
    if (!h->alive)
        return;
    enum agent_leave why = sim_one_in(s, SIM_R_HOSTS, 2) ? AGENT_PREEMPTED : AGENT_INTERRUPTED;
    sim_trace(s, h->name, "is %s", why == AGENT_PREEMPTED ? "preempted" : "interrupted");
    host_queue(s, h, AGENT_EV_LEAVE, NULL)->leave = why;
}

void host_leave(struct sim *s, struct host *h)
{
    if (h->gone || h->index == 0)
        return;
    h->gone = true;
    if (sim_one_in(s, SIM_R_HOSTS, 2))
        host_reboot(s, h);
    else
        host_kill(s, h, "leaves for good");
}

void host_kill(struct sim *s, struct host *h, const char *why)
{
    if (!h->alive)
        return;
    sim_trace(s, h->name, "%s", why);
    struct link *l = h->link;
    host_free(h);
    if (l)
        link_break(s, l);
    if (s->options.together) {
        server_kill(s, "dies with its agent");
        return;
    }
    bool for_long = !s->healing && sim_has(s, SIM_LONG) && sim_one_in(s, SIM_R_HOSTS, 4);
    sim_after(s, sim_range(s, SIM_R_HOSTS, 1, for_long ? 200000 : 2000), host_start_again, h,
              h->generation);
}

/* Its disk is another: empty, or a copy from before attempts were forgotten. */
static void host_restore_disk(struct sim *s, struct host *h)
{
    bool empty = sim_one_in(s, SIM_R_CLOCKS, 2);
    void *value;
    sim_trace(s, h->name, "has %s disk", empty ? "an empty" : "an old");
    for (size_t at = 0; map_next(&h->dirs, &at, &value);) {
        struct dir *d = value;
        if (empty ? d->exists : !d->exists && d->owner.len > 0) {
            d->exists = !empty;
            d->damaged = true;
        }
    }
}

void host_reboot(struct sim *s, struct host *h)
{
    void *dir;
    sim_trace(s, h->name, "loses its power");
    for (size_t at = 0; map_next(&h->dirs, &at, &dir);) {
        for (struct process *p = ((struct dir *)dir)->processes; p; p = p->next)
            process_reboot(s, p);
        dir_power_cut(s, dir);
    }
    if (!s->healing && sim_has(s, SIM_OLD_DISK))
        host_restore_disk(s, h);
    h->boot++;
    host_kill(s, h, "is gone");
}
