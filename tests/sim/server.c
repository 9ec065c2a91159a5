/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/server.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tests/sim/audit.h"
#include "tests/sim/host.h"
#include "tests/sim/user.h"

static void server_turn(struct sim *s, void *who, uint64_t generation);

void server_init(struct sim *s)
{
    s->server = arena_alloc(&s->arena, sizeof *s->server);
    s->server->generation = 1;
}

static void server_free(struct server *v)
{
    thinker_free(v->thinker);
    controller_done(&v->core);
    writer_done(&v->writer);
    arena_done(&v->in);
    mem_free(v->queue);
    *v = (struct server){.generation = v->generation + 1};
}

void server_done(struct sim *s)
{
    if (s->server->alive)
        server_free(s->server);
}

static struct event *server_queue(struct sim *s, enum event_kind kind)
{
    struct server *v = s->server;
    if (!v->working) {
        v->working = true;
        sim_after(s, sim_range(s, SIM_R_SERVER, 0, s->options.turn_ms), server_turn, v,
                  v->generation);
    }
    v->queue = mem_grow(v->queue, &v->queue_cap, v->queued + 1, sizeof *v->queue);
    struct event *ev = &v->queue[v->queued++];
    *ev = (struct event){.kind = kind, .now_ms = s->now};
    return ev;
}

static void server_answered(struct sim *s, const struct question_answer *answer)
{
    question_fill_event(server_queue(s, EVENT_PROPOSED), &s->server->in, answer);
}

/* What a fact says of a trial reaches its sweep's strategy with the next question. */
static void server_tell_thinker(struct server *v, const struct fact *f)
{
    struct question_report report;
    enum question_news news = question_news(&v->core.books, f, &report);
    if (news == QUESTION_REPORT)
        thinker_report(v->thinker, f->sweep, &report);
    else if (news == QUESTION_FORGET)
        thinker_forget(v->thinker, f->sweep);
}

static void server_take(struct sim *s, struct effect *e)
{
    struct server *v = s->server;
    audit_effect(s, e);
    if (s->failed)
        return;
    if (e->kind == EFFECT_PERSIST)
        server_tell_thinker(v, &e->fact);
    else if (e->kind == EFFECT_PROPOSE)
        thinker_ask(v->thinker, e);
}

/* As sweep_look_up() of orchestrator/driver.c. */
static void server_look_up(struct sim *s, struct event *ev)
{
    struct server *v = s->server;
    const struct sweep *w = sweeps_find(s, ev->sweep);
    struct event_retry *retry = arena_alloc(&v->in, sizeof *retry);
    struct fact *trials = arena_alloc(&v->in, SWEEP_TRIALS_MAX * sizeof *trials);
    struct book_sweep *ended =
        books_sweep(&v->core.books, ev->sweep) ? NULL : store_load_ended(s, ev->sweep);
    if (ended)
        controller_take_sweep(&v->core, ended, ev->now_ms);
    if (ev->kind != EVENT_RETRY)
        return;
    *retry = *ev->retry;
    retry->trials = trials;
    retry->trials_n = store_retries(s, w, trials);
    ev->retry = retry;
}

/* A trial that ended as lost comes back to the books, with its sweep. */
static void server_take_lost(struct sim *s, const struct event_held *held, int64_t now_ms)
{
    struct server *v = s->server;
    struct book_trial *t = store_load_lost(s, held->sweep, held->trial);
    bool there = books_sweep(&v->core.books, held->sweep);
    struct book_sweep *ended = t && !there ? store_load_ended(s, held->sweep) : NULL;
    double rungs[SWEEP_TRIALS_MAX];
    size_t n = 0;
    if (!t)
        return;
    if (ended)
        controller_take_sweep(&v->core, ended, now_ms);
    const struct value *list = store_rungs_of(s, held->sweep, held->trial);
    for (; list && n < list->list.n && n < SWEEP_TRIALS_MAX; n++)
        rungs[n] = list->list.items[n]->f;
    controller_take_trial(&v->core, held->sweep, t, rungs, n);
}

/* As held_look_up() of orchestrator/lookup.c. */
static void server_look_up_held(struct sim *s, struct event *ev)
{
    struct server *v = s->server;
    const struct value *list = ev->message->held;
    struct event_held *held = arena_alloc(&v->in, (list->list.n + 1) * sizeof *held);
    for (size_t i = 0; i < list->list.n; i++) {
        struct value *const *item = list->list.items[i]->list.items;
        const struct book_sweep *book = books_sweep(&v->core.books, item[0]->s.ptr);
        held[i] = (struct event_held){0};
        if (book && books_trial(book, (uint64_t)item[1]->i))
            continue;
        held[i] = (struct event_held){.sweep = item[0]->s.ptr,
                                      .trial = (uint64_t)item[1]->i,
                                      .attempt = (uint64_t)item[2]->i};
        store_held(s, &held[i]);
        server_take_lost(s, &held[i], ev->now_ms);
    }
    ev->held = held;
}

static void server_step_all(struct sim *s)
{
    struct server *v = s->server;
    struct effects *effects = &v->writer.batches.open->effects;
    while (v->taken < v->queued && !s->failed) {
        struct event ev = v->queue[v->taken++];
        ev.silent_ms += s->now > v->wakes_ms && ev.now_ms < v->wakes_ms ? s->now - ev.now_ms : 0;
        ev.now_ms = ev.now_ms < v->wakes_ms ? v->wakes_ms : ev.now_ms;
        ev.wall_ms = SIM_WALL_MS + ev.now_ms + s->wall_skew;
        if (ev.kind == EVENT_RETRY || ev.kind == EVENT_EDIT || ev.kind == EVENT_ENQUEUE)
            server_look_up(s, &ev);
        if (ev.kind == EVENT_MESSAGE && ev.message->type == MESSAGE_HELLO)
            server_look_up_held(s, &ev);
        audit_step_before(s, &ev);
        size_t before = batches_step(&v->writer.batches, &v->core, &ev);
        controller_check(&v->core);
        audit_step(s, &ev, effects->items + before, effects->n - before);
        for (size_t i = before; i < effects->n && !s->failed; i++)
            server_take(s, &effects->items[i]);
    }
    v->queued = v->taken = 0;
}

void server_carry_out(struct sim *s, const struct effect *e)
{
    struct link *l = link_find(s, e->link);
    struct buf text;
    switch (e->kind) {
    case EFFECT_PERSIST:
    case EFFECT_PROPOSE:
        return; /* done in the order of steps */
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
        sim_trace(s, "controller", "replies %llu: %d %s", (unsigned long long)e->request, e->code,
                  e->text);
        audit_reply(s, e);
        return;
    case EFFECT_GIVEN_UP:
    case EFFECT_REVOKED:
    case EFFECT_AGENT:
        return;
    }
}

static void server_tick(struct sim *s, void *who, uint64_t generation)
{
    struct server *v = who;
    if (v->alive && v->generation == generation && v->armed_at <= s->now) {
        v->armed_at = INT64_MAX;
        server_queue(s, EVENT_TICK);
    }
}

static void server_arm(struct sim *s)
{
    struct server *v = s->server;
    int64_t deadline = controller_deadline(&v->core);
    if (deadline == INT64_MAX || deadline == v->armed_at)
        return;
    v->armed_at = deadline;
    sim_after(s, deadline > s->now ? deadline - s->now : 0, server_tick, v, v->generation);
}

/* The agent in the same process has nothing more to do for the sweeps that were admitted. */
static bool server_agent_is_done(const struct sim *s)
{
    for (int i = 0; s->options.together && i < s->options.sweeps; i++) {
        const char *id = s->sweeps[i].id;
        const struct schedule_sweep *turn = schedule_find(&s->server->core.schedule, id);
        if (turn && turn->admitted && !host_is_idle(&s->hosts[0], id))
            return false;
    }
    return true;
}

/* As cli/run/local.c: whoever was asked to end does when nothing of its sweeps runs. */
static void server_leave_if_done(struct sim *s)
{
    struct server *v = s->server;
    if (v->leaving && v->queued == 0 && writer_is_idle(&v->writer) &&
        controller_running(&v->core) == 0 && server_agent_is_done(s))
        server_kill(s, "leaves, as it was asked to");
}

void server_agent_turned(struct sim *s)
{
    if (s->server->alive)
        server_leave_if_done(s);
}

void server_written(struct sim *s)
{
    if (s->server->alive)
        server_leave_if_done(s);
}

bool server_is_quiet(const struct sim *s)
{
    const struct server *v = s->server;
    return v->alive && v->queued == 0 && writer_is_idle(&v->writer) &&
           thinker_is_idle(v->thinker) && v->core.books.sweeps.live == 0;
}

bool server_is_suspended(const struct sim *s)
{
    return s->server->alive && s->now < s->server->wakes_ms;
}

void server_suspend(struct sim *s, int64_t ms)
{
    struct server *v = s->server;
    if (!v->alive || server_is_suspended(s))
        return;
    v->stopped_ms = s->now;
    v->wakes_ms = s->now + ms;
    sim_trace(s, "controller", "is stopped for %lld ms", (long long)ms);
    links_watch(s);
}

static void server_turn(struct sim *s, void *who, uint64_t generation)
{
    struct server *v = who;
    if (!v->alive || v->generation != generation)
        return;
    if (server_is_suspended(s)) {
        sim_after(s, v->wakes_ms - s->now, server_turn, v, generation);
        return;
    }
    server_step_all(s);
    v->working = false;
    if (s->failed)
        return;
    audit_turn(s);
    arena_clear(&v->in);
    server_arm(s);
    if (!s->healing && sim_has(s, SIM_TURNS) && sim_one_in(s, SIM_R_SERVER, 100)) {
        server_kill(s, "is killed in a turn");
        return;
    }
    writer_flush(s, &v->writer);
    if (v->alive && v->generation == generation)
        server_leave_if_done(s);
}

static void server_start_again(struct sim *s, void *who, uint64_t generation)
{
    struct server *v = who;
    if (!v->alive && v->generation == generation)
        server_start(s);
}

static void server_start_later(struct sim *s)
{
    bool out_for_long = !s->healing && sim_has(s, SIM_LONG) && sim_one_in(s, SIM_R_SERVER, 4);
    sim_after(s, sim_range(s, SIM_R_SERVER, 1, out_for_long ? 200000 : 2000), server_start_again,
              s->server, s->server->generation);
}

void server_kill(struct sim *s, const char *why)
{
    struct server *v = s->server;
    if (!v->alive)
        return;
    sim_trace(s, "controller", "%s", why);
    writer_die(s, &v->writer);
    server_free(v);
    for (size_t i = 0; i < s->links->n; i++)
        if (s->links->items[i]->server_generation == v->generation - 1)
            link_break(s, s->links->items[i]);
    server_start_later(s);
    if (s->options.together)
        host_kill(s, &s->hosts[0], "dies with it");
}

static void server_admit(struct sim *s, void *who, uint64_t generation)
{
    struct server *v = s->server;
    const struct sweep *w = who;
    if (v->alive && v->generation == generation)
        server_queue(s, EVENT_ADMIT)->sweep = w->id;
}

void server_admit_again(struct sim *s, struct sweep *w)
{
    if (s->server->alive && s->server->admits_one_by_one)
        server_admit(s, w, s->server->generation);
}

/* As `besom run`, which brings its own sweep and admits it, or all that there are. */
static void server_admit_some(struct sim *s)
{
    struct server *v = s->server;
    v->admits_one_by_one = s->options.sweeps > 1 && sim_one_in(s, SIM_R_SERVER, 4);
    if (!v->admits_one_by_one)
        server_queue(s, EVENT_ADMIT);
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct sweep *w = &s->sweeps[i];
        if (v->admits_one_by_one)
            sim_after(s, sim_range(s, SIM_R_SERVER, 0, 3000), server_admit, &s->sweeps[i],
                      v->generation);
        if (w->create_ms == 0 && !books_sweep(&s->store->durable, w->id))
            user_create(s, w);
    }
}

void server_start(struct sim *s)
{
    struct server *v = s->server;
    if (s->store->full) {
        sim_trace(s, "controller", "cannot open its store");
        server_start_later(s);
        return;
    }
    *v = (struct server){.alive = true, .generation = v->generation + 1, .armed_at = INT64_MAX};
    arena_init(&v->in);
    writer_init(&v->writer);
    v->thinker = thinker_new(s, server_answered);
    struct books books;
    struct err err = {0};
    books_init(&books);
    store_load(s, &books);
    check(controller_init(&v->core, "0123456789abcdef0123456789abcdef", ++s->store->epoch, s->now,
                          &books, &err) == 0);
    v->core.lost_ms = s->options.lost_ms;
    thinker_durable(v->thinker, v->core.books.seq);
    sim_trace(s, "controller", "starts, epoch %llu", (unsigned long long)s->store->epoch);
    server_admit_some(s);
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
    struct event *ev = server_queue(s, EVENT_MESSAGE);
    ev->link = l->id;
    ev->message = m;
}

void server_down(struct sim *s, struct link *l)
{
    /* An agent that has nothing to say says that it is there: heartbeats are not messages here. */
    int64_t silent_ms = l->broken_ms > l->heard_ms ? s->now - l->broken_ms : s->now - l->heard_ms;
    sim_trace(s, "controller", "link %u is down", l->id);
    struct event *ev = server_queue(s, EVENT_LINK_DOWN);
    ev->link = l->id;
    ev->silent_ms = silent_ms;
}

static void server_queue_spec(struct sim *s, enum event_kind kind, const struct fact *create,
                              uint64_t request)
{
    struct arena *a = &s->server->in;
    struct fact *f = arena_alloc(a, sizeof *f);
    *f = *create;
    f->sweep = arena_strdup(a, create->sweep);
    f->content = value_copy(a, create->content);
    struct event *ev = server_queue(s, kind);
    ev->create = f;
    ev->sweep = f->sweep;
    ev->request = request;
}

void server_create(struct sim *s, const struct fact *create, uint64_t request)
{
    server_queue_spec(s, EVENT_CREATE, create, request);
}

void server_agent(struct sim *s, const char *agent, enum duty duty)
{
    if (!s->server->alive)
        return;
    struct event_agent *want = arena_alloc(&s->server->in, sizeof *want);
    *want = (struct event_agent){.name = arena_strdup(&s->server->in, agent), .duty = duty};
    sim_trace(s, "user", "wants agent %s %s", agent, duty_name(duty));
    server_queue(s, EVENT_AGENT)->agent = want;
}

void server_enqueue(struct sim *s, const char *sweep, const struct value *params, uint64_t request)
{
    struct arena *a = &s->server->in;
    struct event_enqueue *enqueue = arena_alloc(a, sizeof *enqueue);
    *enqueue = (struct event_enqueue){.params = value_copy(a, params)};
    struct event *ev = server_queue(s, EVENT_ENQUEUE);
    ev->request = request;
    ev->sweep = arena_strdup(a, sweep);
    ev->enqueue = enqueue;
}

void server_edit(struct sim *s, const struct fact *edit, uint64_t request)
{
    server_queue_spec(s, EVENT_EDIT, edit, request);
}

void server_command(struct sim *s, const char *sweep, enum controller_command command,
                    uint64_t request)
{
    struct event *ev = server_queue(s, EVENT_COMMAND);
    ev->request = request;
    ev->command = command;
    ev->sweep = arena_strdup(&s->server->in, sweep);
}

void server_retry(struct sim *s, const char *sweep, unsigned states, uint64_t request)
{
    struct arena *a = &s->server->in;
    struct event_retry *retry = arena_alloc(a, sizeof *retry);
    retry->states = states;
    struct event *ev = server_queue(s, EVENT_RETRY);
    ev->request = request;
    ev->sweep = arena_strdup(a, sweep);
    ev->retry = retry;
}

void server_stop_trial(struct sim *s, const char *sweep, uint64_t trial, uint64_t request)
{
    struct event *ev = server_queue(s, EVENT_STOP);
    ev->request = request;
    ev->sweep = arena_strdup(&s->server->in, sweep);
    ev->trial = trial;
}

void server_shutdown(struct sim *s)
{
    struct server *v = s->server;
    if (!v->alive)
        return;
    v->leaving = true;
    server_queue(s, EVENT_SHUTDOWN);
    sim_trace(s, "user", "presses Ctrl-C");
}
