/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agent is told. LAUNCH means: see to it that this attempt runs, from these offsets on. It
 * is sent again whenever an agent says hello, so that starting, adopting and a message that was
 * lost are one case. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "orchestrator/core/controller_internal.h"

static struct message *send(struct controller *c, const struct controller_agent *agent,
                            enum message_type type, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = agent->link;
    e->message = (struct message){.type = type, .store = c->store, .epoch = c->epoch};
    return &e->message;
}

static void name_attempt(struct message *m, const char *sweep, uint64_t trial, uint32_t attempt,
                         struct effects *out)
{
    m->sweep = arena_strdup(out->arena, sweep);
    m->trial = trial;
    m->attempt = attempt;
}

static const struct value *offsets(const struct book_attempt *attempt, struct arena *a)
{
    struct value *list = value_list(a);
    for (int i = 0; i < FACT_STREAMS; i++)
        value_push(a, list, value_int(a, (int64_t)attempt->offset[i]));
    return list;
}

static const struct value *params(const struct book_trial *t, struct arena *a)
{
    struct value *v = NULL;
    struct err err = {0};
    check(json_parse(a, t->params, strlen(t->params), &v, &err) == 0);
    return v;
}

void controller_send_launch(struct controller *c, const struct controller_agent *agent,
                            const struct book_sweep *s, const struct book_trial *t,
                            struct effects *out)
{
    static const char *const captures[] = {
        [SPEC_STDOUT_NONE] = "", [SPEC_STDOUT_JSON] = "json", [SPEC_STDOUT_PATTERNS] = "patterns"};
    if (agent->link == 0)
        return;
    const struct spec *spec = s->spec;
    struct arena *a = out->arena;
    struct message *m = send(c, agent, MESSAGE_LAUNCH, out);
    name_attempt(m, s->id, t->number, t->attempt.number, out);
    m->slot = t->attempt.slot;
    m->command = value_copy(a, spec->command);
    m->program = spec->program ? arena_strdup(a, spec->program) : "";
    m->params = params(t, a);
    m->env = spec->env ? value_copy(a, spec->env) : value_dict(a);
    m->workdir = arena_strdup(a, s->workdir);
    m->time_ms = (uint64_t)(spec->resources.time_s * 1000);
    m->capture = captures[spec->report_stdout];
    m->patterns = spec->report_patterns ? value_copy(a, spec->report_patterns) : value_list(a);
    m->offsets = offsets(&t->attempt, a);
}

static void send_stop(struct controller *c, const struct book_sweep *s, const struct book_trial *t,
                      struct effects *out)
{
    const struct controller_agent *agent = controller_agent_get(c, t->attempt.agent);
    if (agent->link == 0)
        return;
    struct message *m = send(c, agent, MESSAGE_STOP, out);
    name_attempt(m, s->id, t->number, t->attempt.number, out);
    m->now = c->hurry;
}

void controller_stop_attempt(struct controller *c, const struct event *ev, struct book_sweep *s,
                             struct book_trial *t, enum trial_reason why, struct effects *out)
{
    if (t->attempt.state == ATTEMPT_LAUNCHED)
        controller_record(c, ev, out,
                          &(struct fact){.kind = FACT_STOPPING,
                                         .sweep = s->id,
                                         .trial = t->number,
                                         .attempt = t->attempt.number,
                                         .reason = why});
    send_stop(c, s, t, out);
}

static bool held_names(const struct value *held, const struct book_sweep *s,
                       const struct book_trial *t)
{
    for (size_t i = 0; i < held->list.n; i++) {
        struct value *const *item = held->list.items[i]->list.items;
        if (strcmp(item[0]->s.ptr, s->id) == 0 && (uint64_t)item[1]->i == t->number &&
            (uint64_t)item[2]->i == t->attempt.number)
            return true;
    }
    return false;
}

/* What a message can carry back. */
static bool is_count(const struct value *v)
{
    return v->kind == VALUE_INT && v->i >= 0 && v->i <= INT64_C(1) << 53;
}

static bool held_is_sound(const struct value *held)
{
    if (held->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < held->list.n; i++) {
        const struct value *item = held->list.items[i];
        if (item->kind != VALUE_LIST || item->list.n != 3 ||
            item->list.items[0]->kind != VALUE_STR || !is_count(item->list.items[1]) ||
            !is_count(item->list.items[2]))
            return false;
    }
    return true;
}

/* The running trial that this attempt belongs to; NULL where the books hold another truth. */
static struct book_trial *running_attempt(const struct controller *c,
                                          const struct controller_agent *agent, const char *sweep,
                                          uint64_t trial, uint64_t attempt)
{
    const struct book_sweep *s = books_sweep(&c->books, sweep);
    struct book_trial *t = s ? books_trial(s, trial) : NULL;
    bool same = t && t->state == TRIAL_RUNNING && t->attempt.number == attempt &&
                strcmp(t->attempt.agent, agent->name) == 0;
    return same ? t : NULL;
}

static void forget_strangers(struct controller *c, const struct controller_agent *agent,
                             const struct value *held, struct effects *out)
{
    for (size_t i = 0; i < held->list.n; i++) {
        struct value *const *item = held->list.items[i]->list.items;
        uint64_t trial = (uint64_t)item[1]->i, attempt = (uint64_t)item[2]->i;
        if (running_attempt(c, agent, item[0]->s.ptr, trial, attempt))
            continue;
        struct message *m = send(c, agent, MESSAGE_FORGET, out);
        name_attempt(m, item[0]->s.ptr, trial, (uint32_t)attempt, out);
    }
}

static void take_up(struct controller *c, const struct event *ev,
                    const struct controller_agent *agent, struct book_sweep *s,
                    struct book_trial *t, struct effects *out)
{
    bool held = held_names(ev->message->held, s, t);
    /* MUTANT stop-of-the-living: !held => true */
    if (!held && t->attempt.stop != REASON_NONE) { /* its launch never arrived: nothing to end */
        controller_end_attempt(c, ev, s, t, t->attempt.stop,
                               &(struct fact){.ended_ms = ev->wall_ms, .code = -1}, out);
        return;
    }
    controller_send_launch(c, agent, s, t, out);
    if (t->attempt.stop != REASON_NONE)
        send_stop(c, s, t, out);
}

void controller_hello(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    const char *refusal = NULL;
    struct controller_agent named = {0};
    if (m->version != MESSAGE_VERSION)
        refusal = "it speaks another version of the protocol";
    else if (m->store[0] && strcmp(m->store, c->store) != 0)
        refusal = "it holds attempts of another store";
    else if (m->slots > LIMIT_SLOTS)
        refusal = "it offers more slots than can be";
    else if (!m->agent[0] || strlen(m->agent) >= sizeof named.name || !held_is_sound(m->held))
        refusal = "its hello cannot be read";
    if (refusal) {
        struct effect *e = effects_add(out, EFFECT_CLOSE);
        e->link = ev->link;
        e->text = refusal;
        return;
    }
    struct controller_agent *agent = controller_agent_get(c, m->agent);
    if (agent->link != 0 && agent->link != ev->link) {
        struct effect *e = effects_add(out, EFFECT_CLOSE);
        e->link = agent->link;
        e->text = "the agent has come back on another link";
    }
    agent->link = ev->link;
    agent->slots = (uint32_t)m->slots;
    send(c, agent, MESSAGE_WELCOME, out)->version = MESSAGE_VERSION;
    /* MUTANT forget-strangers: forget_strangers( => (void)( */
    forget_strangers(c, agent, m->held, out);
    void *sweep, *trial;
    for (size_t i = 0; map_next(&c->books.sweeps, &i, &sweep);) {
        struct book_sweep *s = sweep;
        for (size_t j = 0; map_next(&s->open, &j, &trial);) {
            struct book_trial *t = trial;
            if (t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent->name) == 0)
                take_up(c, ev, agent, s, t, out);
        }
    }
}
