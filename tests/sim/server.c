/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/server.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tests/sim/audit.h"
#include "tests/sim/host.h"
#include "tests/sim/store.h"

enum death { LIVES, BEFORE_COMMIT, IN_COMMIT, AFTER_COMMIT, IN_EFFECTS, DEATHS };

void server_init(struct sim *s)
{
    s->server = arena_alloc(&s->arena, sizeof *s->server);
    s->server->generation = 1;
}

static void free_process(struct server *v)
{
    strategy_free(v->strategy);
    controller_done(&v->core);
    effects_done(&v->effects);
    arena_done(&v->in);
    arena_done(&v->out);
    mem_free(v->queue);
    *v = (struct server){.generation = v->generation + 1, .requests = v->requests};
}

void server_done(struct sim *s)
{
    if (s->server->alive)
        free_process(s->server);
}

static void turn(struct sim *s, void *who, uint64_t generation);

static struct event *queue(struct sim *s, enum event_kind kind)
{
    struct server *v = s->server;
    if (!v->working) {
        v->working = true;
        sim_after(s, sim_range(s, SIM_R_SERVER, 0, s->options.turn_ms), turn, v, v->generation);
    }
    v->queue = mem_grow(v->queue, &v->queue_cap, v->queued + 1, sizeof *v->queue);
    struct event *ev = &v->queue[v->queued++];
    *ev = (struct event){.kind = kind, .now_ms = s->now, .wall_ms = SIM_WALL_MS + s->now};
    return ev;
}

static void propose(struct sim *s, const struct effect *e)
{
    struct server *v = s->server;
    struct err err = {0};
    const struct book_sweep *sweep = books_sweep(&v->core.books, e->sweep);
    struct proposal *proposals = arena_alloc(&v->in, e->wanted * sizeof *proposals);
    uint32_t n = 0;
    int rc = 0;
    if (!v->strategy) {
        check(strategy_new(sweep->spec, sweep->seed, &v->strategy, &err) == 0);
        store_replay(s, v->strategy);
    }
    while (rc == 0 && n < e->wanted)
        if ((rc = strategy_propose(v->strategy, &v->in, &proposals[n], &err)) == 0)
            n++;
    struct event *ev = queue(s, EVENT_PROPOSED);
    ev->sweep = sweep->id;
    ev->proposals = proposals;
    ev->proposals_n = n;
    ev->known = e->known;
    ev->exhausted = rc != 0;
    ev->text = rc == 0 || rc == ERR_EXHAUSTED ? NULL : arena_strdup(&v->in, err.text);
}

static void step_all(struct sim *s)
{
    struct server *v = s->server;
    while (v->taken < v->queued && !s->failed) {
        struct event ev = v->queue[v->taken++];
        size_t before = v->effects.n;
        controller_step(&v->core, &ev, &v->effects);
        controller_check(&v->core);
        for (size_t i = before; i < v->effects.n; i++)
            if (v->effects.items[i].kind == EFFECT_PROPOSE)
                propose(s, &v->effects.items[i]);
    }
    v->queued = v->taken = 0;
}

static bool commit(struct sim *s)
{
    struct server *v = s->server;
    size_t n = 0;
    struct fact *facts = mem_alloc((v->effects.n + 1) * sizeof *facts);
    for (size_t i = 0; i < v->effects.n; i++)
        if (v->effects.items[i].kind == EFFECT_PERSIST)
            facts[n++] = v->effects.items[i].fact;
    bool done = store_commit(s, facts, n);
    mem_free(facts);
    return done;
}

static void carry_out(struct sim *s, const struct effect *e)
{
    struct link *l = link_find(s, e->link);
    struct buf text;
    switch (e->kind) {
    case EFFECT_PERSIST:
    case EFFECT_PROPOSE:
        return;
    case EFFECT_SEND:
        audit_send(s, l, &e->message);
        buf_init(&text, SIZE_MAX);
        message_print(&text, &e->message);
        sim_trace(s, "controller", "> a%d %.200s", l->host, buf_str(&text));
        link_send_text(s, l, LINK_TO_AGENT, buf_str(&text), text.len);
        buf_done(&text);
        return;
    case EFFECT_CLOSE:
        sim_trace(s, "controller", "closes %u: %s", e->link, e->text);
        link_break(s, l);
        return;
    case EFFECT_REPLY:
        sim_trace(s, "controller", "replies %llu: %s", (unsigned long long)e->request, e->text);
        return;
    }
}

static void tick(struct sim *s, void *who, uint64_t generation)
{
    struct server *v = who;
    if (v->alive && v->generation == generation && v->armed_at <= s->now) {
        v->armed_at = INT64_MAX;
        queue(s, EVENT_TICK);
    }
}

static void arm(struct sim *s)
{
    struct server *v = s->server;
    int64_t deadline = controller_deadline(&v->core);
    if (deadline == INT64_MAX || deadline == v->armed_at)
        return;
    v->armed_at = deadline;
    sim_after(s, deadline > s->now ? deadline - s->now : 0, tick, v, v->generation);
}

static enum death draw_death(struct sim *s)
{
    if (s->healing || !sim_has(s, SIM_TURNS) || !sim_one_in(s, SIM_R_SERVER, 25))
        return LIVES;
    return (enum death)sim_range(s, SIM_R_SERVER, BEFORE_COMMIT, DEATHS - 1);
}

/* As cli/run/local.c: whoever was asked to end does when nothing runs. */
static void leave_if_done(struct sim *s)
{
    struct server *v = s->server;
    bool agent_idle = !s->options.together || host_is_idle(&s->hosts[0]);
    if (v->leaving && v->queued == 0 && books_running(&v->core.books) == 0 && agent_idle)
        server_kill(s, "leaves, as it was asked to");
}

void server_agent_idle(struct sim *s)
{
    if (s->server->alive)
        leave_if_done(s);
}

static void turn(struct sim *s, void *who, uint64_t generation)
{
    struct server *v = who;
    if (!v->alive || v->generation != generation)
        return;
    step_all(s);
    v->working = false;
    if (s->failed)
        return;
    enum death death = draw_death(s);
    bool durable = death == LIVES || death >= AFTER_COMMIT ||
                   (death == IN_COMMIT && sim_one_in(s, SIM_R_SERVER, 2));
    size_t n = v->effects.n;
    if (death == IN_EFFECTS)
        n = rng_below(&s->rng[SIM_R_SERVER], n + 1);
    else if (death != LIVES)
        n = 0;
    if (durable && !commit(s)) {
        server_kill(s, "cannot write its store");
        return;
    }
    for (size_t i = 0; i < n && !s->failed; i++)
        carry_out(s, &v->effects.items[i]);
    if (death != LIVES) {
        server_kill(s, "is killed in a turn");
        return;
    }
    books_sweep_out(&v->core.books);
    effects_clear(&v->effects);
    arena_clear(&v->out);
    if (v->queued == 0)
        arena_clear(&v->in);
    arm(s);
    leave_if_done(s);
}

static void start_again(struct sim *s, void *who, uint64_t generation)
{
    struct server *v = who;
    if (!v->alive && v->generation == generation)
        server_start(s);
}

static void start_later(struct sim *s)
{
    bool out_for_long = !s->healing && sim_has(s, SIM_LONG) && sim_one_in(s, SIM_R_SERVER, 4);
    sim_after(s, sim_range(s, SIM_R_SERVER, 1, out_for_long ? 200000 : 2000), start_again,
              s->server, s->server->generation);
}

void server_kill(struct sim *s, const char *why)
{
    struct server *v = s->server;
    if (!v->alive)
        return;
    sim_trace(s, "controller", "%s", why);
    free_process(v);
    for (size_t i = 0; i < s->links->n; i++)
        if (s->links->items[i]->server_generation == v->generation - 1)
            link_break(s, s->links->items[i]);
    start_later(s);
    if (s->options.together)
        host_kill(s, &s->hosts[0], "dies with it");
}

static void create(struct sim *s)
{
    struct server *v = s->server;
    struct fact *f = arena_alloc(&v->in, sizeof *f);
    struct err err = {0};
    check(strategy_new(s->spec, s->spec->seed, &v->strategy, &err) == 0);
    *f = (struct fact){.sweep = STORE_SWEEP,
                       .path = "/sweep.yaml",
                       .workdir = "/",
                       .content = s->spec->content,
                       .seed = s->spec->seed,
                       .total = strategy_total(v->strategy)};
    strategy_free(v->strategy);
    v->strategy = NULL;
    queue(s, EVENT_CREATE)->create = f;
}

void server_start(struct sim *s)
{
    struct server *v = s->server;
    if (s->store->full) {
        sim_trace(s, "controller", "cannot open its store");
        start_later(s);
        return;
    }
    *v = (struct server){.alive = true,
                         .generation = v->generation + 1,
                         .requests = v->requests,
                         .armed_at = INT64_MAX};
    arena_init(&v->in);
    arena_init(&v->out);
    effects_init(&v->effects, &v->out);
    struct books books;
    struct err err = {0};
    books_init(&books);
    store_load(s, &books);
    check(controller_init(&v->core, "0123456789abcdef0123456789abcdef", ++s->store->epoch, s->now,
                          &books, &err) == 0);
    v->core.lost_ms = s->options.lost_ms;
    sim_trace(s, "controller", "starts, epoch %llu", (unsigned long long)s->store->epoch);
    queue(s, EVENT_ADMIT);
    if (s->store->n == 0)
        create(s);
    if (s->options.together)
        host_start(s, &s->hosts[0]);
}

void server_frame(struct sim *s, struct link *l, const char *text, size_t len)
{
    struct server *v = s->server;
    struct message *m = arena_alloc(&v->in, sizeof *m);
    struct err err = {0};
    sim_trace(s, "controller", "< a%d %.200s", l->host, text);
    if (message_parse(&v->in, text, len, m, &err) != 0) {
        sim_fail(s, "the agent sent what is no message: %s", err.text);
        return;
    }
    struct event *ev = queue(s, EVENT_MESSAGE);
    ev->link = l->id;
    ev->message = m;
}

void server_down(struct sim *s, struct link *l)
{
    sim_trace(s, "controller", "link %u is down", l->id);
    queue(s, EVENT_LINK_DOWN)->link = l->id;
}

void server_command(struct sim *s, enum controller_command command)
{
    struct server *v = s->server;
    if (!v->alive)
        return;
    struct event *ev = queue(s, EVENT_COMMAND);
    ev->request = ++v->requests;
    ev->command = command;
    ev->sweep = STORE_SWEEP;
    sim_trace(s, "user", "command %d", (int)command);
}

void server_shutdown(struct sim *s)
{
    struct server *v = s->server;
    if (!v->alive)
        return;
    v->leaving = true;
    queue(s, EVENT_SHUTDOWN);
    sim_trace(s, "user", "presses Ctrl-C");
}
