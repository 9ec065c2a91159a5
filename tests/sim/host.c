/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/host.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sweep/fact.h"
#include "tests/sim/process.h"
#include "tests/sim/server.h"

static void turn(struct sim *s, void *who, uint64_t generation);

void hosts_init(struct sim *s)
{
    s->hosts = arena_alloc(&s->arena, (size_t)s->options.agents * sizeof *s->hosts);
    for (int i = 0; i < s->options.agents; i++) {
        struct host *h = &s->hosts[i];
        *h = (struct host){.index = i, .generation = 1, .boot = 1};
        snprintf(h->name, sizeof h->name, "a%d", i);
        map_init(&h->dirs);
    }
}

static void free_process(struct host *h)
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
            free_process(h);
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

static struct dir *dir_of(struct sim *s, struct host *h, const struct agent_key *key)
{
    struct dir *d = host_dir(h, key);
    if (!d) {
        d = arena_alloc(&s->arena, sizeof *d);
        dir_init(s, d, h, key);
        map_put(&h->dirs, key, sizeof *key, d);
    }
    return d;
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

static struct agent_event *queue(struct sim *s, struct host *h, enum agent_event_kind kind,
                                 const struct agent_key *key)
{
    if (!h->working) {
        h->working = true;
        sim_after(s, sim_range(s, SIM_R_HOSTS, 0, 1), turn, h, h->generation);
    }
    h->queue = mem_grow(h->queue, &h->queue_cap, h->queued + 1, sizeof *h->queue);
    struct agent_event *ev = &h->queue[h->queued++];
    *ev = (struct agent_event){.kind = kind, .now_ms = s->now, .wall_ms = SIM_WALL_MS + s->now};
    if (key)
        ev->key = *key;
    return ev;
}

static void queue_found(struct sim *s, struct host *h, const struct dir *d,
                        const struct agent_found *found)
{
    struct agent_found *kept = arena_alloc(&h->in, sizeof *kept);
    *kept = *found;
    queue(s, h, AGENT_EV_FOUND, &d->key)->found = kept;
}

static void host_look(struct sim *s, struct host *h, struct dir *d)
{
    struct attempt_dir state;
    struct agent_found found;
    dir_probe(d, &state);
    agent_found_set(&found, &state);
    for (size_t i = 0; i < AGENT_STREAMS && d->exists; i++)
        found.reported |= d->metrics[i].len > 0;
    if (state.state == ATTEMPT_DIR_RUNNING)
        found.age_ms = s->now - d->owned_by->spawned_ms;
    queue_found(s, h, d, &found);
}

static void host_fault(struct sim *s, struct host *h, struct dir *d)
{
    queue_found(s, h, d,
                &(struct agent_found){.state = AGENT_FOUND_FAULT,
                                      .fault = AGENT_FAULT_BUSY,
                                      .text = "no space left on device"});
}

static void host_close_dir(struct sim *s, struct host *h, struct dir *d)
{
    if (dir_close(d) == ERR_FULL)
        host_fault(s, h, d);
    else
        host_look(s, h, d);
}

static void job_new(struct host *h, struct dir *d, struct process *p, bool found)
{
    struct job *job = mem_alloc(sizeof *job);
    *job = (struct job){.process = p, .found = found};
    check(map_put(&h->jobs, &d->key, sizeof d->key, job) == NULL);
}

static void host_watch(struct sim *s, struct host *h, struct dir *d)
{
    if (!d->owned_by || !d->owned_by->shim_alive) {
        queue(s, h, AGENT_EV_GONE, &d->key);
        return;
    }
    job_new(h, d, d->owned_by, true);
    queue(s, h, AGENT_EV_STARTED, &d->key);
}

void host_shim_gone(struct sim *s, struct host *h, struct process *p)
{
    struct dir *d = p->dir;
    struct job *job = h->alive ? map_find(&h->jobs, &d->key, sizeof d->key) : NULL;
    if (!job || job->process != p)
        return;
    map_remove(&h->jobs, &d->key, sizeof d->key);
    mem_free(job);
    queue(s, h, AGENT_EV_GONE, &d->key);
}

static void host_launch(struct sim *s, struct host *h, struct dir *d, const struct message *m)
{
    if (!d->exists && dir_make(d) != 0) {
        host_fault(s, h, d);
        return;
    }
    struct process *p =
        process_spawn(s, d, (uint32_t)m->slot, m->capture[0] != '\0', (int64_t)m->time_ms);
    job_new(h, d, p, false);
    queue(s, h, AGENT_EV_STARTED, &d->key);
}

static void host_signal(struct sim *s, struct host *h, struct dir *d, enum agent_signal how)
{
    struct job *job = map_find(&h->jobs, &d->key, sizeof d->key);
    struct process *p = d->owned_by && d->owned_by->shim_alive ? d->owned_by
                        : job && !job->found                   ? job->process
                                                               : NULL;
    if (p)
        process_continue(s, p);
    if (p && how == AGENT_SIGNAL_FORCE)
        process_force(s, p);
    else if (p && how >= AGENT_SIGNAL_STOP)
        process_signal(s, p, how == AGENT_SIGNAL_KILL);
}

static void host_sweep(struct sim *s, struct host *h, struct dir *d)
{
    queue(s, h, AGENT_EV_SWEPT, &d->key)->left = process_kill_leftovers(s, d);
}

static void read_metrics(struct sim *s, struct host *h, struct dir *d, const struct agent_effect *e)
{
    struct buf text;
    bool more = false;
    buf_init(&text, SIZE_MAX);
    uint64_t to = dir_read(d, e->stream, e->from, e->last, s->options.batch_bytes, &text, &more);
    struct agent_event *ev = queue(s, h, AGENT_EV_READ, &e->key);
    ev->stream = e->stream;
    ev->from = e->from;
    ev->to = to;
    ev->more = more;
    ev->text = arena_strndup(&h->in, buf_str(&text), text.len);
    buf_done(&text);
}

static void send_message(struct sim *s, struct host *h, const struct message *m)
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

static void carry_out(struct sim *s, struct host *h, const struct agent_effect *e)
{
    switch (e->kind) {
    case AGENT_DO_SEND:
        send_message(s, h, &e->message);
        break;
    case AGENT_DO_LOOK:
        host_look(s, h, dir_of(s, h, &e->key));
        break;
    case AGENT_DO_CLOSE:
        host_close_dir(s, h, dir_of(s, h, &e->key));
        break;
    case AGENT_DO_START:
        host_launch(s, h, dir_of(s, h, &e->key), &e->message);
        break;
    case AGENT_DO_WATCH:
        host_watch(s, h, dir_of(s, h, &e->key));
        break;
    case AGENT_DO_SIGNAL:
        host_signal(s, h, dir_of(s, h, &e->key), e->signal);
        break;
    case AGENT_DO_SWEEP:
        host_sweep(s, h, dir_of(s, h, &e->key));
        break;
    case AGENT_DO_READ:
        read_metrics(s, h, dir_of(s, h, &e->key), e);
        break;
    case AGENT_DO_TRIM:
        dir_trim(dir_of(s, h, &e->key));
        break;
    }
}

static void tick(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (h->alive && h->generation == generation && h->armed_at <= s->now) {
        h->armed_at = INT64_MAX;
        queue(s, h, AGENT_EV_TICK, NULL);
    }
}

static void arm(struct sim *s, struct host *h)
{
    int64_t deadline = agent_core_deadline(&h->core);
    if (deadline == INT64_MAX || deadline == h->armed_at)
        return;
    h->armed_at = deadline;
    sim_after(s, deadline > s->now ? deadline - s->now : 0, tick, h, h->generation);
}

/* Steps through what is queued; may die after any effect. */
static bool step_all(struct sim *s, struct host *h)
{
    bool lives = s->healing || !sim_has(s, SIM_TURNS) || s->options.together ||
                 !sim_one_in(s, SIM_R_HOSTS, 60);
    uint64_t left = lives ? UINT64_MAX : rng_below(&s->rng[SIM_R_HOSTS], 6);
    struct agent_effects effects;
    agent_effects_init(&effects, &h->out);
    while (h->taken < h->queued && left > 0) {
        struct agent_event ev = h->queue[h->taken++];
        effects.n = 0;
        agent_core_step(&h->core, &ev, &effects);
        for (size_t i = 0; i < effects.n && left > 0; i++, left--)
            carry_out(s, h, &effects.items[i]);
        arena_clear(&h->out);
    }
    agent_effects_done(&effects);
    return left > 0;
}

static void turn(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (!h->alive || h->generation != generation)
        return;
    if (!step_all(s, h)) {
        host_kill(s, h, "is killed in a turn");
        return;
    }
    h->working = false;
    h->queued = h->taken = 0;
    arena_clear(&h->in);
    arm(s, h);
    if (s->options.together && host_is_idle(h))
        server_agent_idle(s);
}

bool host_is_idle(const struct host *h)
{
    return h->alive && h->core.welcomed && agent_core_count(&h->core, NULL) == 0 && h->queued == 0;
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
    queue(s, h, AGENT_EV_MESSAGE, NULL)->message = m;
}

static void connect_to_server(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (!h->alive || h->generation != generation || h->link)
        return;
    if (!s->server->alive) {
        sim_after(s, sim_range(s, SIM_R_HOSTS, 50, 2000), connect_to_server, h, generation);
        return;
    }
    h->link = link_open_to(s, h->index);
    sim_trace(s, h->name, "is linked: %u", h->link->id);
    queue(s, h, AGENT_EV_LINK_UP, NULL);
}

void host_down(struct sim *s, struct host *h, struct link *l)
{
    if (h->link != l)
        return;
    sim_trace(s, h->name, "link %u is down", l->id);
    h->link = NULL;
    queue(s, h, AGENT_EV_LINK_DOWN, NULL);
    sim_after(s, sim_range(s, SIM_R_HOSTS, 0, 2000), connect_to_server, h, h->generation);
}

void host_start(struct sim *s, struct host *h)
{
    void *value;
    agent_core_init(&h->core, h->name, (uint32_t)s->options.slots[h->index]);
    h->core.grace_ms = s->options.grace_ms;
    map_init(&h->jobs);
    arena_init(&h->in);
    arena_init(&h->out);
    h->alive = true;
    h->generation++;
    h->armed_at = INT64_MAX;
    sim_trace(s, h->name, "starts");
    for (size_t at = 0; map_next(&h->dirs, &at, &value);) {
        struct dir *d = value;
        if (!d->exists)
            continue;
        process_kill_leftovers(s, d);
        agent_core_hold(&h->core, &d->key);
    }
    connect_to_server(s, h, h->generation);
}

static void start_again(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    if (!h->alive && h->generation == generation)
        host_start(s, h);
}

void host_kill(struct sim *s, struct host *h, const char *why)
{
    if (!h->alive)
        return;
    sim_trace(s, h->name, "%s", why);
    struct link *l = h->link;
    free_process(h);
    if (l)
        link_break(s, l);
    if (s->options.together) {
        server_kill(s, "dies with its agent");
        return;
    }
    bool for_long = !s->healing && sim_has(s, SIM_LONG) && sim_one_in(s, SIM_R_HOSTS, 4);
    sim_after(s, sim_range(s, SIM_R_HOSTS, 1, for_long ? 200000 : 2000), start_again, h,
              h->generation);
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
    h->boot++;
    host_kill(s, h, "is gone");
}
