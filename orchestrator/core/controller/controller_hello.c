/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_hello.h"

#include <string.h>

#include "base/limits.h"
#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/controller/place/controller_bar.h"
#include "orchestrator/core/controller/controller_end.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_reinstate.h"
#include "orchestrator/core/trust/controller_renewal.h"

/* An attempt that an agent holds, as a key without padding. */
struct held_key {
    char sweep[16];
    uint64_t trial, attempt;
};

/* Whether v is a count that a message can carry back. */
static bool held_is_count(const struct value *v)
{
    return v->kind == VALUE_INT && v->i >= 0 && v->i <= INT64_C(1) << 53;
}

static bool held_is_sound(const struct value *held)
{
    if (held->kind != VALUE_LIST || held->list.n > LIMIT_AGENT_HELD)
        return false;
    for (size_t i = 0; i < held->list.n; i++) {
        const struct value *item = held->list.items[i];
        if (item->kind != VALUE_LIST || item->list.n != 3 ||
            item->list.items[0]->kind != VALUE_STR || !held_is_count(item->list.items[1]) ||
            !held_is_count(item->list.items[2]))
            return false;
    }
    return true;
}

/* The running trial that a held attempt belongs to; NULL if the books hold another state. */
static struct book_trial *held_trial(const struct controller *c, const struct fleet_agent *agent,
                                     const char *sweep, uint64_t trial, uint64_t attempt)
{
    const struct book_sweep *s = books_sweep(&c->books, sweep);
    struct book_trial *t = s ? books_trial(s, trial) : NULL;
    bool same = t && t->state == TRIAL_RUNNING && t->attempt.number == attempt &&
                strcmp(t->attempt.agent, agent->name) == 0;
    return same ? t : NULL;
}

static void held_given_up(struct controller *c, const struct event *ev,
                          const struct fleet_agent *agent, const char *sweep,
                          const struct held_key *key, const char *why, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_GIVEN_UP);
    e->silent = !fleet_lines_may(&c->fleet.lines, agent->name, ev->now_ms);
    e->sweep = arena_strdup(out->arena, sweep);
    e->trial = key->trial;
    e->attempt = key->attempt;
    e->text =
        arena_printf(out->arena, "agent %s deletes what it had not sent: %s", agent->name, why);
}

/* Collects in `held` the attempts that the books know, or take up again, and has the agent forget
 * the rest. */
static void held_sort_out(struct controller *c, const struct event *ev, struct fleet_agent *agent,
                          struct map *held, struct effects *out)
{
    const struct value *list = ev->message->held;
    for (size_t i = 0; i < list->list.n; i++) {
        struct value *const *item = list->list.items[i]->list.items;
        const char *sweep = item[0]->s.ptr;
        struct held_key key = {.trial = (uint64_t)item[1]->i, .attempt = (uint64_t)item[2]->i};
        const char *why = NULL;
        struct book_trial *t = held_trial(c, agent, sweep, key.trial, key.attempt);
        if (!t)
            t = controller_reinstate(c, ev, agent, sweep, key.trial, key.attempt,
                                     ev->held ? &ev->held[i] : NULL, &why, out);
        if (t) {
            memcpy(key.sweep, sweep, strlen(sweep));
            map_put(held, &key, sizeof key, t);
            continue;
        }
        /* MUTANT forget-strangers: MESSAGE_FORGET => MESSAGE_ENDED_ACK */
        controller_launch_message(c, agent->link, MESSAGE_FORGET, sweep, key.trial, key.attempt,
                                  out);
        /* MUTANT given-up-in-silence: if (why) => if (!why) */
        if (why)
            held_given_up(c, ev, agent, sweep, &key, why, out);
    }
}

/* Sends the agent the launch of each attempt that the books have on it. An attempt that must stop
 * and that the agent does not hold ends now. */
static void hello_take_up(struct controller *c, const struct event *ev, struct fleet_agent *agent,
                          const struct map *held, struct effects *out)
{
    for (uint32_t slot = 0; slot < agent->slots_n; slot++) {
        struct held_key key = {.trial = agent->slots[slot].trial};
        if (agent->slots[slot].slots_n == 0) /* not the first slot of an attempt */
            continue;
        memcpy(key.sweep, agent->slots[slot].sweep, sizeof key.sweep);
        struct book_sweep *s = books_sweep(&c->books, key.sweep);
        struct book_trial *t = books_trial(s, key.trial);
        key.attempt = t->attempt.number;
        bool is_held = map_find(held, &key, sizeof key) != NULL;
        /* MUTANT stop-of-the-living: !is_held => true */
        if (!is_held && t->attempt.stop != REASON_NONE) { /* the launch never arrived */
            controller_end_attempt(c, ev, s, t, t->attempt.stop,
                                   &(struct fact){.ended_ms = ev->wall_ms, .code = -1}, out);
            continue;
        }
        controller_launch_send(c, agent, s, t, out);
        if (t->attempt.stop != REASON_NONE)
            controller_launch_send_stop(c, s, t, out);
    }
}

static const char *hello_refusal(const struct controller *c, const struct message *m)
{
    if (m->version != MESSAGE_VERSION)
        return "it uses another version of the protocol";
    if (m->store[0] && strcmp(m->store, c->store) != 0)
        return "it works for another store: to work for this one, start it again";
    if (!m->agent[0] || strlen(m->agent) >= sizeof((struct fleet_agent *)0)->name)
        return "its name is empty or longer than 63 bytes";
    if (!held_is_sound(m->held))
        return "its list of attempts is malformed or too long";
    const char *fault = fleet_agent_judge_slots(m->slots);
    return fault ? fault : fleet_agent_judge_host(m->host);
}

static void hello_close(uint32_t link, const char *why, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_CLOSE);
    e->link = link;
    e->text = why;
}

/* Tells the agent the reason before its link is closed. */
static void hello_refuse(const struct controller *c, uint32_t link, const char *why,
                         struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = link;
    e->message = (struct message){
        .type = MESSAGE_REFUSED, .store = c->store, .epoch = c->epoch, .text = why};
    hello_close(link, why, out);
}

/* Two agents of one name would take each other's attempts. But one process may connect again before
 * its old link is known to be down. */
static bool hello_name_is_taken(const struct controller *c, const struct event *ev)
{
    const struct fleet_agent *agent = fleet_find(&c->fleet, ev->message->agent);
    return agent && agent->link != 0 && agent->link != ev->link &&
           agent->instance != ev->message->instance;
}

void controller_hello(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    const char *refusal = hello_refusal(c, m);
    struct fleet_agent *before = fleet_of_link(&c->fleet, ev->link);
    if (!refusal && before && strcmp(before->name, m->agent) != 0)
        refusal = "it has already sent a hello under another name";
    if (!refusal && hello_name_is_taken(c, ev))
        refusal = arena_printf(out->arena,
                               "another agent named %s is connected: give this one a name of its "
                               "own with --name",
                               m->agent);
    if (refusal) {
        hello_refuse(c, ev->link, refusal, out);
        return;
    }
    struct fleet_agent *agent = fleet_agent(&c->fleet, m->agent, ev->now_ms);
    bool was_away = agent->link == 0;
    if (!was_away && agent->link != ev->link)
        hello_close(agent->link, "the agent has connected on another link", out);
    if (agent->instance != m->instance)
        controller_bar_lift(c, agent->name);
    fleet_set_duty(&c->fleet, agent, books_duty(&c->books, agent->name));
    fleet_join(&c->fleet, agent, ev->link, m->instance, m->slots, m->host);
    fleet_set_leaving(&c->fleet, agent, m->leaving && m->leaving[0]);
    controller_agent_note_back(c, ev, agent->name, out);
    if (was_away && fleet_lines_may(&c->fleet.lines, agent->name, ev->now_ms))
        effects_add_news(out, EFFECT_AGENT_UP, agent->name, agent->places_n, 0);
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = agent->link;
    e->message = (struct message){
        .type = MESSAGE_WELCOME, .store = c->store, .epoch = c->epoch, .version = MESSAGE_VERSION};
    controller_renewal_joined(c, ev, agent);
    struct map held;
    map_init(&held);
    held_sort_out(c, ev, agent, &held, out);
    hello_take_up(c, ev, agent, &held, out);
    map_done(&held);
    controller_agent_joined(c, ev, agent, out);
    schedule_touch_all(&c->schedule); /* the agent may bring free slots */
}

void controller_hello_slots(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fleet_agent *agent = fleet_of_link(&c->fleet, ev->link);
    const struct value *slots = ev->message->slots;
    const char *fault = fleet_agent_judge_slots(slots);
    if (!fault && slots->list.n != agent->places_n)
        fault = "it has another number of slots than in its hello";
    if (fault) {
        hello_close(ev->link, fault, out);
        return;
    }
    fleet_offer(&c->fleet, agent, ev->message->slots);
    schedule_touch_all(&c->schedule);
}
