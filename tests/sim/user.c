/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/user.h"

#include "base/mem.h"
#include "tests/sim/audit_state.h"
#include "tests/sim/server.h"

static int64_t draw(struct sim *s, int64_t from, int64_t to)
{
    return sim_range(s, SIM_R_COMMANDS, from, to);
}

static bool is_found(const struct sim *s, const struct sweep *w)
{
    const struct book_sweep *book = books_sweep(&s->store->durable, w->id);
    return book && !sweep_states[book->state].final;
}

static uint64_t user_note(struct sim *s, const struct request *r)
{
    struct users *u = s->users;
    u->items = mem_grow(u->items, &u->cap, u->n + 1, sizeof *u->items);
    u->items[u->n++] = *r;
    return u->n;
}

const struct request *user_request(const struct sim *s, uint64_t number)
{
    return number > 0 && number <= s->users->n ? &s->users->items[number - 1] : NULL;
}

static struct fact fact_of_sweep(const struct sweep *w)
{
    struct strategy *strategy = sweeps_strategy(w);
    struct fact f = {.sweep = w->id,
                     .path = "/sweep.yaml",
                     .workdir = "/",
                     .content = w->spec->content,
                     .seed = w->spec->seed,
                     .total = strategy_total(strategy)};
    strategy_free(strategy);
    return f;
}

void user_create(struct sim *s, const struct sweep *w)
{
    if (!s->server->alive)
        return;
    struct fact f = fact_of_sweep(w);
    sim_trace(s, "user", "wants sweep %s", w->id);
    server_create(s, &f, user_note(s, &(struct request){.create = true, .sweep = w}));
}

static void user_insist(struct sim *s, void *who, uint64_t generation)
{
    struct sweep *w = who;
    (void)generation;
    if (books_sweep(&s->store->durable, w->id))
        return;
    user_create(s, w);
    sim_after(s, draw(s, 500, 3000), user_insist, w, 0);
}

void users_start(struct sim *s)
{
    s->users = arena_alloc(&s->arena, sizeof *s->users);
    for (int i = 0; i < s->options.sweeps; i++)
        if (s->sweeps[i].create_ms > 0)
            sim_after(s, s->sweeps[i].create_ms, user_insist, &s->sweeps[i], 0);
}

void users_done(struct sim *s)
{
    mem_free(s->users->items);
}

void user_command(struct sim *s, const struct sweep *w, enum controller_command command)
{
    if (!s->server->alive)
        return;
    sim_trace(s, "user", "command %d to %s", (int)command, w->id);
    server_command(s, w->id, command,
                   user_note(s, &(struct request){.sweep = w, .found = is_found(s, w)}));
}

/* A target or time that is reached sooner or later than that of the file. */
static void edit_end(struct sim *s, const struct sweep *w, struct value *content)
{
    static const char *const keys[] = {"name", "goal", "reduce"};
    struct arena *a = &s->arena;
    const struct value *metric = value_get(content, "metric"),
                       *budget = value_get(content, "budget");
    if (w->has_target) {
        struct value *with = value_dict(a);
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (value_get(metric, keys[i]))
                value_put(a, with, keys[i], value_copy(a, value_get(metric, keys[i])));
        int64_t target = draw(s, 0, 2) * 250 + 5;
        value_put(a, with, "target", value_int(a, w->maximize ? 1000 - target : target));
        value_put(a, content, "metric", with);
    }
    if (w->wall_s) {
        struct value *with = value_copy(a, budget);
        value_put(a, with, "wall", value_int(a, w->wall_s * draw(s, 1, 3)));
        value_put(a, content, "budget", with);
    }
}

/* An edit that no proposal depends on: what is under way of the old spec is made again. */
void user_edit(struct sim *s, const struct sweep *w)
{
    if (!s->server->alive)
        return;
    struct fact f = fact_of_sweep(w);
    struct value *content = value_copy(&s->arena, f.content);
    value_put(&s->arena, content, "description",
              value_str(&s->arena, arena_printf(&s->arena, "at %lld", (long long)s->now)));
    edit_end(s, w, content);
    f.content = content;
    sim_trace(s, "user", "edits %s", w->id);
    server_edit(s, &f, user_note(s, &(struct request){.sweep = w}));
}

void user_enqueue(struct sim *s, const struct sweep *w)
{
    struct strategy *strategy = sweeps_strategy(w);
    struct proposal p;
    struct err err = {0};
    const struct sweep_audit *a = &s->audit->sweeps[w->index];
    size_t asked = 0, most = a->proposed;
    for (size_t i = 0; i < s->users->n; i++)
        asked += s->users->items[i].enqueue && s->users->items[i].sweep == w;
    if (most < (size_t)w->run_cap)
        most = (size_t)w->run_cap;
    /* All others that it asked for may be on their way, to a controller that is stopped for long. */
    bool room = most + (asked - a->enqueued) < SWEEP_TRIALS_MAX;
    if (s->server->alive && room && strategy_propose(strategy, &s->arena, &p, &err) == 0) {
        sim_trace(s, "user", "enqueues a trial of %s", w->id);
        server_enqueue(s, w->id, p.params,
                       user_note(s, &(struct request){.enqueue = true, .sweep = w}));
    }
    strategy_free(strategy);
}

void user_retry(struct sim *s, const struct sweep *w)
{
    static const unsigned states[] = {MACHINE_TO(TRIAL_FAILED), MACHINE_TO(TRIAL_LOST),
                                      MACHINE_TO(TRIAL_FAILED) | MACHINE_TO(TRIAL_LOST) |
                                          MACHINE_TO(TRIAL_CANCELLED) | MACHINE_TO(TRIAL_FINISHED)};
    if (!s->server->alive)
        return;
    sim_trace(s, "user", "wants trials of %s run again", w->id);
    server_retry(s, w->id, states[draw(s, 0, 2)], user_note(s, &(struct request){.sweep = w}));
}

void user_stop_trial(struct sim *s, const struct sweep *w)
{
    size_t n = s->audit->sweeps[w->index].proposed;
    if (!s->server->alive || n == 0)
        return;
    uint64_t trial = n - 1 - (uint64_t)draw(s, 0, n < 4 ? (int64_t)n - 1 : 3);
    sim_trace(s, "user", "stops trial %s-%llu", w->id, (unsigned long long)trial);
    server_stop_trial(s, w->id, trial, user_note(s, &(struct request){.sweep = w}));
}

void user_ask_nonsense(struct sim *s)
{
    const struct sweep *w = &s->sweeps[draw(s, 0, s->options.sweeps - 1)];
    int64_t kind = draw(s, 0, 4);
    if (!s->server->alive || (kind == 0 && !is_found(s, w)))
        return;
    uint64_t request = user_note(s, &(struct request){.bad = true, .create = kind < 4});
    struct fact f = fact_of_sweep(w);
    sim_trace(s, "user", "asks for nonsense, %d", (int)kind);
    if (kind == 1)
        f.sweep = "longer-than-ids-are";
    else if (kind == 2)
        f.sweep = "";
    else if (kind == 3) {
        f.sweep = "s9";
        struct value *content = value_dict(&s->arena);
        value_put(&s->arena, content, "method", value_str(&s->arena, "magic"));
        f.content = content;
    }
    if (kind < 4)
        server_create(s, &f, request);
    else
        server_command(s, "s9", COMMAND_RESUME, request);
}
