/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/faults.h"

#include "tests/sim/host.h"
#include "tests/sim/process.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"
#include "tests/sim/user.h"

enum { HEALING_USER_MS = 3000 };

static int64_t draw(struct sim *s, int64_t from, int64_t to)
{
    return sim_range(s, SIM_R_FAULTS, from, to);
}

static struct host *some_host(struct sim *s)
{
    return &s->hosts[draw(s, 0, s->options.agents - 1)];
}

static struct process *some_process(struct sim *s, bool (*is)(const struct process *p))
{
    struct host *h = some_host(s);
    struct process *p = NULL;
    size_t n = host_processes(h, is, 0, NULL);
    if (n > 0)
        host_processes(h, is, (size_t)draw(s, 0, (int64_t)n - 1), &p);
    return p;
}

static bool has_shim(const struct process *p)
{
    return p->shim_alive;
}

static bool has_main(const struct process *p)
{
    return p->main_alive;
}

static void mend_server_disk(struct sim *s, void *who, uint64_t generation)
{
    (void)who, (void)generation;
    s->store->full = false;
}

static void mend_host_disk(struct sim *s, void *who, uint64_t generation)
{
    struct host *h = who;
    (void)s, (void)generation;
    h->disk_full = false;
}

static void break_some_link(struct sim *s)
{
    struct host *h = some_host(s);
    if (h->link && !s->options.together)
        link_break(s, h->link);
}

static struct sweep *some_sweep(struct sim *s)
{
    return &s->sweeps[draw(s, 0, s->options.sweeps - 1)];
}

static void command(struct sim *s)
{
    if (sim_one_in(s, SIM_R_COMMANDS, 4))
        user_ask_nonsense(s);
    else if (sim_one_in(s, SIM_R_COMMANDS, 4))
        user_retry(s, some_sweep(s));
    else if (sim_one_in(s, SIM_R_COMMANDS, 4))
        user_edit(s, some_sweep(s));
    else
        user_command(s, some_sweep(s),
                     sim_one_in(s, SIM_R_COMMANDS, 2) ? COMMAND_PAUSE : COMMAND_RESUME);
}

static void end_it(struct sim *s)
{
    if (sim_one_in(s, SIM_R_COMMANDS, 5))
        user_command(s, some_sweep(s),
                     sim_one_in(s, SIM_R_COMMANDS, 2) ? COMMAND_STOP : COMMAND_CANCEL);
    else if (sim_one_in(s, SIM_R_COMMANDS, 2))
        user_stop_trial(s, some_sweep(s));
}

static void fill_disk(struct sim *s, bool server)
{
    int64_t ms = draw(s, 100, sim_has(s, SIM_LONG) ? 100000 : 5000);
    struct host *h = some_host(s);
    if (server) {
        s->store->full = true;
        sim_after(s, ms, mend_server_disk, s, 0);
    } else {
        h->disk_full = true;
        sim_after(s, ms, mend_host_disk, h, 0);
    }
    sim_trace(s, "fault", "the disk of %s is full", server ? "the controller" : h->name);
}

static void stop_some_shim(struct sim *s)
{
    struct process *p = some_process(s, has_shim);
    if (p)
        process_stop_shim(s, p);
}

static void kill_some(struct sim *s, enum sim_fault fault)
{
    struct process *p = some_process(s, fault == SIM_KILL_SHIM ? has_shim : has_main);
    if (p && fault == SIM_KILL_SHIM)
        process_kill_shim(s, p);
    else if (p)
        process_kill_training(s, p);
}

static void steer_agent(struct sim *s, const struct host *h)
{
    server_agent(s, h->name, (enum duty)sim_range(s, SIM_R_COMMANDS, DUTY_UP, DUTY_FORGOTTEN));
}

/* Mostly short, now and then longer than an agent may be away, once in a while for a night. */
static int64_t draw_gap(struct sim *s)
{
    int64_t kind = draw(s, 0, 11);
    return kind == 0  ? draw(s, 60000, 8 * 3600000)
           : kind < 4 ? draw(s, 20000, 200000)
                      : draw(s, 10, 5000);
}

/* In one process, controller and agent stop together. */
static void suspend(struct sim *s, enum sim_fault fault)
{
    int64_t ms = draw_gap(s);
    if (fault == SIM_SUSPEND || s->options.together)
        server_suspend(s, ms);
    if (fault == SIM_SUSPEND_AGENT || s->options.together)
        host_suspend(s, s->options.together ? &s->hosts[0] : some_host(s), ms);
}

static void cut_some(struct sim *s)
{
    struct host *h = some_host(s);
    int64_t ms = draw_gap(s), kind = draw(s, 0, 2);
    if (s->options.together)
        return;
    if (kind == 0)
        host_cut(s, h, ms);
    else if (h->link)
        link_cut(s, h->link, kind == 1 ? LINK_TO_SERVER : LINK_TO_AGENT, ms);
}

/* By hours, back and forth. Those of a host and of the controller in the same process are one. */
static void set_some_clock(struct sim *s)
{
    enum { STEP_MS = 6 * 3600000, SKEW_MS_MAX = 200000000 };
    struct host *h = draw(s, 0, 1) || s->options.together ? NULL : some_host(s);
    int64_t *skew = h ? &h->wall_skew : &s->wall_skew;
    *skew += draw(s, -STEP_MS, STEP_MS);
    if (*skew > SKEW_MS_MAX || *skew < -SKEW_MS_MAX)
        *skew = 0;
    if (s->options.together)
        s->hosts[0].wall_skew = s->wall_skew;
    sim_trace(s, "fault", "the clock of %s is off by %lld ms", h ? h->name : "the controller",
              (long long)*skew);
}

/* The others are what training is like, or what happens in passing. */
static bool is_an_act(enum sim_fault fault)
{
    static const uint32_t acts =
        1u << SIM_KILL_SERVER | 1u << SIM_KILL_AGENT | 1u << SIM_KILL_SHIM | 1u << SIM_STOP_SHIM |
        1u << SIM_KILL_TRAINING | 1u << SIM_REBOOT | 1u << SIM_LEAVE | 1u << SIM_LINKS |
        1u << SIM_SERVER_DISK | 1u << SIM_HOST_DISK | 1u << SIM_COMMANDS | 1u << SIM_ENDINGS |
        1u << SIM_SHUTDOWN | 1u << SIM_PREEMPT | 1u << SIM_DUTIES | 1u << SIM_SUSPEND |
        1u << SIM_SUSPEND_AGENT | 1u << SIM_CUTS | 1u << SIM_CLOCKS | 1u << SIM_ENQUEUE;
    return acts >> fault & 1;
}

static void do_harm(struct sim *s, enum sim_fault fault)
{
    switch (fault) {
    case SIM_KILL_SERVER:
        server_kill(s, "is killed");
        break;
    case SIM_KILL_AGENT:
        host_kill(s, some_host(s), "is killed");
        break;
    case SIM_KILL_SHIM:
    case SIM_KILL_TRAINING:
        kill_some(s, fault);
        break;
    case SIM_STOP_SHIM:
        stop_some_shim(s);
        break;
    case SIM_REBOOT:
        if (draw(s, 0, 3) == 0)
            host_reboot(s, some_host(s));
        break;
    case SIM_LEAVE:
        if (draw(s, 0, 5) == 0)
            host_leave(s, some_host(s));
        break;
    case SIM_LINKS:
        break_some_link(s);
        break;
    case SIM_SERVER_DISK:
    case SIM_HOST_DISK:
        fill_disk(s, fault == SIM_SERVER_DISK);
        break;
    case SIM_COMMANDS:
        command(s);
        break;
    case SIM_ENDINGS:
        end_it(s);
        break;
    case SIM_PREEMPT:
        if (!s->options.together)
            host_preempt(s, some_host(s));
        break;
    case SIM_DUTIES:
        steer_agent(s, some_host(s));
        break;
    case SIM_SUSPEND:
    case SIM_SUSPEND_AGENT:
        suspend(s, fault);
        break;
    case SIM_CUTS:
        cut_some(s);
        break;
    case SIM_CLOCKS:
        set_some_clock(s);
        break;
    case SIM_ENQUEUE:
        if (draw(s, 0, 2) == 0)
            user_enqueue(s, some_sweep(s));
        break;
    case SIM_SHUTDOWN:
        if (draw(s, 0, 2) == 0)
            server_shutdown(s);
        break;
    default:
        break;
    }
}

static void resume_what_is_paused(struct sim *s, void *who, uint64_t generation)
{
    (void)who, (void)generation;
    for (int i = 0; i < s->options.agents; i++)
        if (books_duty(&s->store->durable, s->hosts[i].name) != DUTY_UP)
            server_agent(s, s->hosts[i].name, DUTY_UP);
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct book_sweep *book = books_sweep(&s->store->durable, s->sweeps[i].id);
        if (book && book->state == SWEEP_PAUSED)
            user_command(s, &s->sweeps[i], COMMAND_RESUME);
        if (book && book->state == SWEEP_RUNNING)
            server_admit_again(s, &s->sweeps[i]);
    }
    sim_after(s, HEALING_USER_MS, resume_what_is_paused, s, 0);
}

static void continue_shims(struct sim *s, struct host *h)
{
    for (size_t n = host_processes(h, has_shim, 0, NULL); n > 0; n--) {
        struct process *p = NULL;
        host_processes(h, has_shim, n - 1, &p);
        if (p)
            process_continue(s, p);
    }
}

static void heal(struct sim *s)
{
    s->healing = true;
    s->store->full = false;
    for (int i = 0; i < s->options.agents; i++)
        s->hosts[i].disk_full = false;
    for (int i = 0; i < s->options.agents; i++)
        continue_shims(s, &s->hosts[i]);
    sim_trace(s, "fault", "chaos is over");
    resume_what_is_paused(s, s, 0);
}

static bool all_have_ended(const struct sim *s)
{
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct book_sweep *book = books_sweep(&s->store->durable, s->sweeps[i].id);
        if (!book || !sweep_states[book->state].final)
            return false;
    }
    return true;
}

static void next_fault(struct sim *s, void *who, uint64_t generation)
{
    (void)who, (void)generation;
    bool all_over = !sim_has(s, SIM_COMMANDS) && all_have_ended(s); /* nothing runs again */
    if (s->now >= s->options.chaos_ms || all_over) {
        heal(s);
        return;
    }
    enum sim_fault on[SIM_FAULT_COUNT];
    int64_t n = 0;
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        if (sim_has(s, (enum sim_fault)i) && is_an_act((enum sim_fault)i))
            on[n++] = (enum sim_fault)i;
    if (n > 0)
        do_harm(s, on[draw(s, 0, n - 1)]);
    int64_t wait = draw(s, 1, 2 * s->options.fault_ms), left = s->options.chaos_ms - s->now;
    sim_after(s, wait < left ? wait : left, next_fault, s, 0);
}

void faults_start(struct sim *s)
{
    sim_after(s, draw(s, 0, s->options.fault_ms), next_fault, s, 0);
}
