/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of the controller and who takes them; agents that stay away; the end.
 *
 *   create / command / proposed ----> controller_sweep.c     which trials there are, what runs next
 *   hello                       ----> controller_agent.c     what an agent is to do
 *   metrics / ended             ----> controller_attempt.c   what became of an attempt
 */
#include "orchestrator/core/controller_internal.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

void controller_init(struct controller *c, const char *store, uint64_t epoch, int64_t now_ms)
{
    *c = (struct controller){.epoch = epoch, .started_ms = now_ms, .lost_ms = CONTROLLER_LOST_MS};
    PRE(strlen(store) < sizeof c->store);
    memcpy(c->store, store, strlen(store));
    books_init(&c->books);
    map_init(&c->agents);
    map_init(&c->proposals);
}

static void free_values(struct map *m)
{
    void *value;
    for (size_t at = 0; map_next(m, &at, &value);)
        mem_free(value);
    map_done(m);
}

void controller_done(struct controller *c)
{
    books_done(&c->books);
    free_values(&c->agents);
    free_values(&c->proposals);
}

void controller_record(struct controller *c, const struct event *ev, struct effects *out,
                       struct fact *f)
{
    struct err err = {0};
    f->seq = c->books.seq + 1;
    f->time_ms = ev->wall_ms;
    check(books_apply(&c->books, f, &err) == 0);
    effects_add(out, EFFECT_PERSIST)->fact = *f;
}

struct controller_agent *controller_agent_of_link(const struct controller *c, uint32_t link)
{
    void *value;
    for (size_t at = 0; map_next(&c->agents, &at, &value);) {
        struct controller_agent *agent = value;
        if (agent->link == link)
            return agent;
    }
    return NULL;
}

struct controller_agent *controller_agent_get(struct controller *c, const char *name)
{
    struct controller_agent *agent = map_find(&c->agents, name, strlen(name));
    if (agent)
        return agent;
    agent = mem_alloc(sizeof *agent);
    PRE(strlen(name) < sizeof agent->name);
    memcpy(agent->name, name, strlen(name));
    agent->away_ms = c->started_ms;
    map_put(&c->agents, name, strlen(name), agent);
    return agent;
}

static void message(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    if (m->type == MESSAGE_HELLO) {
        controller_hello(c, ev, out);
        return;
    }
    /* An agent that we have not welcomed in this epoch has nothing to say yet. */
    /* MUTANT controller-epoch: m->epoch == c->epoch => true */
    bool ours = strcmp(m->store, c->store) == 0 && m->epoch == c->epoch;
    if (!ours || !controller_agent_of_link(c, ev->link))
        return;
    if (m->type == MESSAGE_METRICS)
        controller_metrics(c, ev, out);
    else if (m->type == MESSAGE_ENDED)
        controller_ended(c, ev, out);
}

static void link_down(struct controller *c, const struct event *ev)
{
    struct controller_agent *agent = controller_agent_of_link(c, ev->link);
    if (agent) {
        agent->link = 0;
        agent->away_ms = ev->now_ms;
    }
}

typedef void (*running_fn)(struct controller *c, const struct event *ev, struct book_sweep *s,
                           struct book_trial *t, struct effects *out);

static void each_running(struct controller *c, const struct event *ev, running_fn fn,
                         struct effects *out)
{
    void *sweep, *trial;
    for (size_t i = 0; map_next(&c->books.sweeps, &i, &sweep);) {
        struct book_sweep *s = sweep;
        for (size_t j = 0; map_next(&s->open, &j, &trial);) {
            struct book_trial *t = trial;
            if (t->state == TRIAL_RUNNING)
                fn(c, ev, s, t, out);
        }
    }
}

static void give_up_if_away(struct controller *c, const struct event *ev, struct book_sweep *s,
                            struct book_trial *t, struct effects *out)
{
    const struct controller_agent *agent = controller_agent_get(c, t->attempt.agent);
    /* MUTANT lost-only-away: agent->link == 0 => true */
    if (agent->link == 0 && ev->now_ms - agent->away_ms >= c->lost_ms)
        controller_end_attempt(c, ev, s, t, REASON_HOST,
                               &(struct fact){.ended_ms = ev->wall_ms,
                                              .code = -1,
                                              .text = "its agent has not been heard of"},
                               out);
}

static void interrupt(struct controller *c, const struct event *ev, struct book_sweep *s,
                      struct book_trial *t, struct effects *out)
{
    controller_stop_attempt(c, ev, s, t, REASON_INTERRUPTED, out);
}

void controller_step(struct controller *c, const struct event *ev, struct effects *out)
{
    switch (ev->kind) {
    case EVENT_TICK:
        each_running(c, ev, give_up_if_away, out);
        break;
    case EVENT_MESSAGE:
        message(c, ev, out);
        break;
    case EVENT_LINK_DOWN:
        link_down(c, ev);
        break;
    case EVENT_CREATE:
        controller_create(c, ev, out);
        break;
    case EVENT_PROPOSED:
        controller_proposed(c, ev, out);
        break;
    case EVENT_COMMAND:
        controller_command(c, ev, out);
        break;
    case EVENT_SHUTDOWN:
        c->hurry = c->draining;
        c->draining = true;
        each_running(c, ev, interrupt, out);
        break;
    }
    controller_schedule(c, ev, out);
}

int64_t controller_deadline(const struct controller *c)
{
    int64_t deadline = INT64_MAX;
    void *sweep, *trial;
    for (size_t i = 0; map_next(&c->books.sweeps, &i, &sweep);) {
        for (size_t j = 0; map_next(&((struct book_sweep *)sweep)->open, &j, &trial);) {
            const struct book_trial *t = trial;
            if (t->state != TRIAL_RUNNING)
                continue;
            const char *name = t->attempt.agent;
            const struct controller_agent *agent = map_find(&c->agents, name, strlen(name));
            int64_t away_ms = agent ? agent->away_ms : c->started_ms;
            if ((!agent || agent->link == 0) && away_ms + c->lost_ms < deadline)
                deadline = away_ms + c->lost_ms;
        }
    }
    return deadline;
}

void controller_check(const struct controller *c)
{
    void *sweep, *trial, *other;
    for (size_t i = 0; map_next(&c->books.sweeps, &i, &sweep);) {
        const struct book_sweep *s = sweep;
        uint64_t sum = 0, running = 0;
        for (int state = 0; state < TRIAL_STATES; state++)
            sum += s->counts[state];
        check(sum == s->proposed);
        for (size_t j = 0; map_next(&s->open, &j, &trial);) {
            const struct book_trial *t = trial;
            if (t->state != TRIAL_RUNNING)
                continue;
            running++;
            check(t->attempt.number > 0 && t->attempt.state != ATTEMPT_ENDED);
            for (size_t k = j; map_next(&s->open, &k, &other);) {
                const struct book_trial *u = other;
                check(u->state != TRIAL_RUNNING || u->attempt.slot != t->attempt.slot ||
                      strcmp(u->attempt.agent, t->attempt.agent) != 0);
            }
        }
        check(running == s->counts[TRIAL_RUNNING]);
    }
}
