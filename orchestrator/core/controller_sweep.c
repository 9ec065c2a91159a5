/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweeps: how they begin, are steered and end, and which trial runs next on which slot. */
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/core/controller_internal.h"

static struct controller_proposals *proposals_of(struct controller *c, const char *sweep)
{
    struct controller_proposals *p = map_find(&c->proposals, sweep, strlen(sweep));
    if (!p) {
        p = mem_alloc(sizeof *p);
        map_put(&c->proposals, sweep, strlen(sweep), p);
    }
    return p;
}

void controller_set_sweep(struct controller *c, const struct event *ev, struct book_sweep *s,
                          enum sweep_state state, enum trial_reason reason, const char *text,
                          struct effects *out)
{
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_SWEEP_STATE,
                                     .sweep = s->id,
                                     .state = (int)state,
                                     .reason = reason,
                                     .text = text});
}

void controller_create(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fact f = *ev->create;
    f.kind = FACT_SWEEP_CREATED;
    controller_record(c, ev, out, &f);
}

void controller_proposed(struct controller *c, const struct event *ev, struct effects *out)
{
    struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    struct controller_proposals *p = proposals_of(c, ev->sweep);
    check(s && p->asked > 0);
    p->asked--;
    /* MUTANT late-proposal: sweep_states[s->state].final => false */
    if (sweep_states[s->state].final) /* while it was being proposed */
        return;
    if (ev->exhausted) {
        p->exhausted = true;
        if (ev->text && s->state == SWEEP_RUNNING)
            controller_set_sweep(c, ev, s, SWEEP_PAUSED, REASON_NONE, ev->text, out);
        return;
    }
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_PROPOSED,
                                     .sweep = s->id,
                                     .trial = s->proposed,
                                     .cursor = ev->cursor,
                                     .known = ev->known,
                                     .params = ev->params,
                                     .why = ev->why});
}

static void cancel_pending(struct controller *c, const struct event *ev, struct book_sweep *s,
                           enum trial_reason reason, struct effects *out)
{
    void *trial;
    for (size_t at = 0; map_next(&s->open, &at, &trial);) {
        struct book_trial *t = trial;
        if (t->state == TRIAL_PENDING)
            controller_record(c, ev, out,
                              &(struct fact){.kind = FACT_TRIAL_STATE,
                                             .sweep = s->id,
                                             .trial = t->number,
                                             .state = TRIAL_CANCELLED,
                                             .reason = reason});
    }
}

static void cancel(struct controller *c, const struct event *ev, struct book_sweep *s,
                   struct effects *out)
{
    controller_set_sweep(c, ev, s, SWEEP_CANCELLED, REASON_USER, NULL, out);
    cancel_pending(c, ev, s, REASON_USER, out);
    void *trial;
    for (size_t at = 0; map_next(&s->open, &at, &trial);) {
        struct book_trial *t = trial;
        if (t->state == TRIAL_RUNNING)
            controller_stop_attempt(c, ev, s, t, REASON_USER, out);
    }
}

void controller_command(struct controller *c, const struct event *ev, struct effects *out)
{
    static const struct {
        enum sweep_state to;
        const char *done;
    } commands[] = {
        [COMMAND_PAUSE] = {SWEEP_PAUSED, "paused: no new trials; what runs goes on"},
        [COMMAND_RESUME] = {SWEEP_RUNNING, "goes on"},
        [COMMAND_STOP] = {SWEEP_STOPPING, "stops when the running trials have ended"},
        [COMMAND_CANCEL] = {SWEEP_CANCELLED, "cancelled"},
    };
    struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    enum sweep_state to = commands[ev->command].to;
    int code = 0;
    const char *text = commands[ev->command].done;
    if (!s) {
        code = ERR_NOT_FOUND;
        text = arena_printf(out->arena, "there is no unfinished sweep %s here", ev->sweep);
    } else if (s->state == (int)to) {
        text = arena_printf(out->arena, "is %s already", sweep_states[to].name);
    } else if (!machine_may_move(sweep_states, s->state, (int)to)) {
        code = ERR_STATE;
        text = arena_printf(out->arena, "sweep %s is %s", s->id, sweep_states[s->state].name);
    } else if (to == SWEEP_CANCELLED) {
        cancel(c, ev, s, out);
    } else {
        controller_set_sweep(c, ev, s, to, REASON_USER, NULL, out);
        if (to == SWEEP_RUNNING)
            proposals_of(c, s->id)->exhausted = false;
    }
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = code;
    e->text = text;
}

/* The lowest slot of the agent that nothing of ours runs on; false where it is full. */
static bool free_slot(const struct controller *c, const struct controller_agent *agent,
                      uint32_t *ret)
{
    bool taken[LIMIT_SLOTS] = {false};
    void *sweep, *trial;
    for (size_t i = 0; map_next(&c->books.sweeps, &i, &sweep);)
        for (size_t j = 0; map_next(&((struct book_sweep *)sweep)->open, &j, &trial);) {
            const struct book_trial *t = trial;
            if (t->state == TRIAL_RUNNING && t->attempt.slot < LIMIT_SLOTS &&
                strcmp(t->attempt.agent, agent->name) == 0)
                taken[t->attempt.slot] = true;
        }
    for (uint32_t slot = 0; slot < agent->slots; slot++)
        /* MUTANT slot-choice: !taken[slot] => true */
        if (!taken[slot]) {
            *ret = slot;
            return true;
        }
    return false;
}

static struct controller_agent *agent_with_room(const struct controller *c, uint32_t *ret_slot)
{
    void *value;
    for (size_t at = 0; map_next(&c->agents, &at, &value);) {
        struct controller_agent *agent = value;
        if (agent->link != 0 && free_slot(c, agent, ret_slot))
            return agent;
    }
    return NULL;
}

static struct book_trial *first_pending(const struct book_sweep *s)
{
    struct book_trial *first = NULL;
    void *trial;
    for (size_t at = 0; map_next(&s->open, &at, &trial);) {
        struct book_trial *t = trial;
        if (t->state == TRIAL_PENDING && (!first || t->number < first->number))
            first = t;
    }
    return first;
}

static bool all_proposed(struct controller *c, const struct book_sweep *s)
{
    int64_t cap = s->spec->run_cap;
    return proposals_of(c, s->id)->exhausted || (cap > 0 && s->proposed >= (uint64_t)cap) ||
           (s->total > 0 && s->proposed >= s->total);
}

static void launch(struct controller *c, const struct event *ev, struct book_sweep *s,
                   struct book_trial *t, struct controller_agent *agent, uint32_t slot,
                   struct effects *out)
{
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_LAUNCHED,
                                     .sweep = s->id,
                                     .trial = t->number,
                                     .attempt = t->attempt.number + 1,
                                     .agent = agent->name,
                                     .slot = slot});
    controller_send_launch(c, agent, s, t, out);
}

/* Fills free slots with pending trials, and asks for one proposal where none is pending: its answer
 * comes back through here. */
static void fill(struct controller *c, const struct event *ev, struct book_sweep *s,
                 struct effects *out)
{
    struct controller_agent *agent;
    uint32_t slot = 0;
    int64_t most = s->spec->max_parallel;
    while ((agent = agent_with_room(c, &slot)) != NULL) {
        if (most > 0 && s->counts[TRIAL_RUNNING] >= (uint64_t)most)
            return;
        struct book_trial *t = first_pending(s);
        if (!t) {
            struct controller_proposals *p = proposals_of(c, s->id);
            if (p->asked == 0 && !all_proposed(c, s)) {
                p->asked++;
                effects_add(out, EFFECT_PROPOSE)->sweep = arena_strdup(out->arena, s->id);
            }
            return;
        }
        launch(c, ev, s, t, agent, slot, out);
    }
}

static void end_if_done(struct controller *c, const struct event *ev, struct book_sweep *s,
                        struct effects *out)
{
    if (s->counts[TRIAL_RUNNING] > 0)
        return;
    if (s->state == SWEEP_STOPPING) {
        enum trial_reason why = s->reason;
        cancel_pending(c, ev, s, why, out);
        controller_set_sweep(c, ev, s, SWEEP_FINISHED, why, NULL, out);
    } else if (s->state == SWEEP_RUNNING && s->counts[TRIAL_PENDING] == 0 && all_proposed(c, s)) {
        controller_set_sweep(c, ev, s, SWEEP_FINISHED, REASON_OK, NULL, out);
    }
}

void controller_schedule(struct controller *c, const struct event *ev, struct effects *out)
{
    void *sweep;
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &sweep);) {
        struct book_sweep *s = sweep;
        bool wanted = !c->only[0] || strcmp(c->only, s->id) == 0;
        if (s->state == SWEEP_RUNNING && wanted && !c->draining)
            fill(c, ev, s, out);
        end_if_done(c, ev, s, out);
    }
}
