/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of the controller, and the file that handles each.
 *
 *   create / command / admit ----> controller_sweep.c      which sweeps exist
 *   edit                     ----> controller_edit.c       what can change in a sweep
 *   retry                    ----> controller_retry.c      which trials run again
 *   tag                      ----> steer/controller_tag.c  what people call a sweep or trial
 *   enqueue                  ----> controller_enqueue.c    which configuration runs next
 *   hello                    ----> controller_hello.c      what an agent must do
 *   agent                    ----> controller_agent.c      which agents take new attempts
 *   metrics / ended          ----> controller_attempt.c    what became of an attempt
 *   token_*, join, action    ----> trust/controller_trust.c who may do what, and who did
 *   tick                     ----> controller_end.c        agents that are away for too long
 *                            ----> controller_bar.c        which agents cannot start which sweep
 *   each step                ----> controller_budget.c     sweeps whose time is spent
 *                            ----> trust/controller_trust.c credentials that have expired
 *   renewal, and each step   ----> trust/controller_renewal.c credentials that soon will
 *   proposed, and each step  ----> controller_schedule.c   what runs next, and where
 */
#include "orchestrator/core/controller/controller.h"

#include <string.h>

#include "base/check.h"
#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/controller/controller_attempt.h"
#include "orchestrator/core/controller/place/controller_bar.h"
#include "orchestrator/core/controller/controller_budget.h"
#include "orchestrator/core/steer/controller_edit.h"
#include "orchestrator/core/controller/controller_end.h"
#include "orchestrator/core/controller/controller_forget.h"
#include "orchestrator/core/steer/controller_enqueue.h"
#include "orchestrator/core/steer/effect.h"
#include "orchestrator/core/controller/controller_hello.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/steer/controller_retry.h"
#include "orchestrator/core/steer/controller_stop.h"
#include "orchestrator/core/steer/controller_tag.h"
#include "orchestrator/core/controller/controller_schedule.h"
#include "orchestrator/core/controller/controller_sweep.h"
#include "orchestrator/core/fleet/fleet_load.h"
#include "orchestrator/core/trust/controller_renewal.h"
#include "orchestrator/core/trust/controller_trust.h"

static int controller_index_trial(struct controller *c, const struct book_sweep *s,
                                  const struct book_trial *t, int64_t now_ms, struct err *err)
{
    const struct book_attempt *attempt = &t->attempt;
    struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    struct fleet_agent *agent = fleet_agent(&c->fleet, attempt->agent, now_ms);
    struct arena scratch;
    struct grant g;
    int rc = 0;
    arena_init(&scratch);
    if (!grant_parse(&scratch, attempt->slot, attempt->grant, &g)) {
        rc = err_set(err, ERR_DAMAGED, "what trial %s-%llu holds of agent %s cannot be read", s->id,
                     (unsigned long long)t->number, agent->name);
    } else if (!fleet_can_take(agent, &g)) {
        rc = err_set(err, ERR_DAMAGED,
                     "trial %s-%llu runs on slot %u of agent %s, which is in use by another "
                     "trial or does not exist",
                     s->id, (unsigned long long)t->number, attempt->slot, agent->name);
    } else {
        fleet_take(&c->fleet, agent, s->id, t->number, &g);
        turn->slots += g.slots_n;
    }
    arena_done(&scratch);
    return rc;
}

static int controller_index_sweep(struct controller *c, const struct book_sweep *s, int64_t now_ms,
                                  struct err *err)
{
    void *trial;
    int rc = 0;
    struct schedule_sweep *turn = schedule_add(&c->schedule, s->id);
    schedule_touch(&c->schedule, turn);
    for (size_t at = 0; rc == 0 && map_next(&s->open, &at, &trial);)
        if (((struct book_trial *)trial)->state == TRIAL_RUNNING)
            rc = controller_index_trial(c, s, trial, now_ms, err);
    return rc;
}

int controller_init(struct controller *c, const char *store, uint64_t epoch, int64_t now_ms,
                    struct books *books, struct err *err)
{
    void *sweep;
    *c = (struct controller){.epoch = epoch,
                             .started_ms = now_ms,
                             .stepped_ms = now_ms,
                             .lost_ms = CONTROLLER_LOST_MS,
                             .renewal_ms = INT64_MAX};
    PRE(strlen(store) < sizeof c->store);
    memcpy(c->store, store, strlen(store));
    fleet_init(&c->fleet);
    schedule_init(&c->schedule);
    books_init(&c->books);
    int rc = 0;
    for (size_t at = 0; rc == 0 && map_next(&books->sweeps, &at, &sweep);)
        rc = controller_index_sweep(c, sweep, now_ms, err);
    if (rc != 0) {
        controller_done(c);
        return rc;
    }
    c->books = *books;
    books_init(books);
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &sweep);)
        ((struct book_sweep *)sweep)->steered = c->books.seq; /* after all that anybody has seen */
    void *agent;
    for (size_t at = 0; map_next(&c->fleet.names, &at, &agent);)
        fleet_set_duty(&c->fleet, agent,
                       books_duty(&c->books, ((struct fleet_agent *)agent)->name));
    return 0;
}

void controller_take_sweep(struct controller *c, struct book_sweep *s, int64_t now_ms)
{
    PRE(sweep_states[s->state].final && s->open.live == 0);
    s->steered = c->books.seq;
    books_add_sweep(&c->books, s);
    struct schedule_sweep *turn = schedule_add(&c->schedule, s->id);
    turn->admitted = c->admit_all;
    schedule_end(&c->schedule, turn, now_ms);
}

void controller_take_trial(struct controller *c, const char *sweep, struct book_trial *t,
                           const double *rungs, size_t n)
{
    struct book_sweep *s = books_sweep(&c->books, sweep);
    PRE(s && t->state == TRIAL_LOST);
    books_add_trial(s, t);
    books_sweep_recall(s, t, rungs, n);
    books_loosen(&c->books, s, t->number);
}

void controller_done(struct controller *c)
{
    books_done(&c->books);
    fleet_done(&c->fleet);
    schedule_done(&c->schedule);
}

static void controller_message(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    if (m->type == MESSAGE_HELLO) {
        controller_hello(c, ev, out);
        return;
    }
    /* Ignore an agent that was not welcomed in this epoch. */
    /* MUTANT controller-epoch: m->epoch == c->epoch => true */
    bool ours = strcmp(m->store, c->store) == 0 && m->epoch == c->epoch;
    if (!ours || !fleet_of_link(&c->fleet, ev->link))
        return;
    if (m->type == MESSAGE_METRICS)
        controller_attempt_metrics(c, ev, out);
    else if (m->type == MESSAGE_ENDED)
        controller_attempt_ended(c, ev, out);
    else if (m->type == MESSAGE_CODE)
        controller_agent_code(c, ev, out);
    else if (m->type == MESSAGE_LOAD)
        fleet_load_set(fleet_of_link(&c->fleet, ev->link), m->host, ev->wall_ms);
    else if (m->type == MESSAGE_WAITS)
        controller_attempt_waits(c, ev);
    else if (m->type == MESSAGE_SLOTS)
        controller_hello_slots(c, ev, out);
    else if (m->type == MESSAGE_RENEWAL)
        controller_renewal(c, ev, out);
}

static void controller_link_down(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fleet_agent *agent = fleet_of_link(&c->fleet, ev->link);
    if (!agent)
        return;
    if (agent->held_for[0]) /* another one may be kept */
        schedule_touch(&c->schedule, schedule_find(&c->schedule, agent->held_for));
    fleet_leave(&c->fleet, agent, ev->now_ms - ev->silent_ms);
    bool left = agent->leaving && agent->taken_n == 0;
    if (fleet_lines_may(&c->fleet.lines, agent->name, ev->now_ms))
        effects_add_news(out, left ? EFFECT_AGENT_LEFT : EFFECT_AGENT_AWAY, agent->name,
                         fleet_agent_attempts(agent), 0);
    if (left)
        fleet_drop(&c->fleet, agent);
}

/* Says of an agent how many lines about it were left out, and how it is now: none may have said that. */
static void controller_tell_left_out(struct controller *c, const struct event *ev,
                                     struct effects *out)
{
    char name[FLEET_LINES_NAME_BYTES];
    uint32_t left_out;
    while (fleet_lines_end(&c->fleet.lines, ev->now_ms, name, &left_out)) {
        const struct fleet_agent *agent = left_out > 0 ? fleet_find(&c->fleet, name) : NULL;
        if (agent && agent->link)
            effects_add_news(out, EFFECT_AGENT_UP, name, agent->places_n, left_out);
        else if (agent)
            effects_add_news(out, EFFECT_AGENT_AWAY, name, fleet_agent_attempts(agent), left_out);
        else if (left_out > 0)
            effects_add_news(
                out, fleet_lost_find(&c->books.lost, name) ? EFFECT_AGENT_LOST : EFFECT_AGENT_LEFT,
                name, 0, left_out);
    }
}

static void controller_tick(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fleet_agent *agent;
    controller_schedule_forget(c, ev, out); /* before the rest, which may touch its sweeps */
    while (ev->now_ms >= c->lost_from_ms && (agent = fleet_away(&c->fleet)) &&
           /* MUTANT lost-in-time: ev->now_ms - agent->away_ms >= c->lost_ms => true */
           ev->now_ms - agent->away_ms >= c->lost_ms) {
        controller_agent_note_lost(c, ev, agent, out);
        controller_end_lost(c, ev, agent, "lost contact with its agent", out);
    }
    controller_bar_review(c, ev);
}

static bool controller_works_on(const struct controller *c, const struct book_sweep *s)
{
    return schedule_find(&c->schedule, s->id)->admitted;
}

static void controller_shutdown(struct controller *c, const struct event *ev, struct effects *out)
{
    void *sweep, *trial;
    c->hurry = c->draining;
    c->draining = true;
    schedule_touch_all(&c->schedule);
    for (size_t i = 0; map_next(&c->books.sweeps, &i, &sweep);) {
        /* MUTANT stops-its-own: !controller_works_on(c, sweep) => false */
        if (!controller_works_on(c, sweep)) /* another process will continue it */
            continue;
        for (size_t j = 0; map_next(&((struct book_sweep *)sweep)->open, &j, &trial);)
            if (((struct book_trial *)trial)->state == TRIAL_RUNNING)
                controller_launch_stop(c, ev, sweep, trial, REASON_INTERRUPTED, out);
    }
}

/* A process that was stopped, or whose disk did not answer, has heard nobody: agents get a grace
 * period before they are lost. */
static void controller_note_time(struct controller *c, const struct event *ev)
{
    /* MUTANT grace: ev->now_ms - c->stepped_ms > CONTROLLER_PAUSE_MS => false */
    if (c->fleet.names.live > 0 && ev->now_ms - c->stepped_ms > CONTROLLER_PAUSE_MS)
        c->lost_from_ms = ev->now_ms + c->lost_ms;
    c->stepped_ms = ev->now_ms;
}

static void controller_handle(struct controller *c, const struct event *ev, struct effects *out)
{
    switch (ev->kind) {
    case EVENT_TICK:
        controller_tick(c, ev, out);
        break;
    case EVENT_MESSAGE:
        controller_message(c, ev, out);
        break;
    case EVENT_LINK_DOWN:
        controller_link_down(c, ev, out);
        break;
    case EVENT_CREATE:
        controller_sweep_create(c, ev, out);
        break;
    case EVENT_ADMIT:
        controller_sweep_admit(c, ev);
        break;
    case EVENT_PROPOSED:
        controller_schedule_proposed(c, ev, out);
        break;
    case EVENT_COMMAND:
        controller_sweep_command(c, ev, out);
        break;
    case EVENT_RETRY:
        controller_retry(c, ev, out);
        break;
    case EVENT_STOP:
        controller_stop(c, ev, out);
        break;
    case EVENT_ENQUEUE:
        controller_enqueue(c, ev, out);
        break;
    case EVENT_TAG:
        controller_tag(c, ev, out);
        break;
    case EVENT_AGENT:
        if (ev->agent->duty == DUTY_FORGOTTEN)
            controller_forget(c, ev, out);
        else
            controller_agent_command(c, ev, out);
        break;
    case EVENT_EDIT:
        controller_edit(c, ev, out);
        break;
    case EVENT_TOKEN_CREATE:
    case EVENT_TOKEN_REVOKE:
    case EVENT_JOIN:
    case EVENT_TOKEN_USED:
    case EVENT_ACTION:
        controller_trust(c, ev, out);
        break;
    case EVENT_SHUTDOWN:
        controller_shutdown(c, ev, out);
        break;
    }
}

void controller_step(struct controller *c, const struct event *ev, struct effects *out)
{
    controller_note_time(c, ev);
    controller_tell_left_out(c, ev, out);
    size_t first = out->n;
    if (!effect_is_stale(c, ev, out))
        controller_handle(c, ev, out);
    effect_answer(c, ev, first, out);
    controller_trust_audit(c, ev, first, out);
    controller_trust_expire(c, ev, out);
    controller_renewal_ask(c, ev, out);
    controller_schedule(c, ev, out);
}

uint64_t controller_running(const struct controller *c)
{
    uint64_t n = 0;
    void *sweep;
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &sweep);)
        if (controller_works_on(c, sweep))
            n += ((struct book_sweep *)sweep)->counts[TRIAL_RUNNING];
    return n;
}

bool controller_keeps(const struct controller *c)
{
    void *sweep;
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &sweep);) {
        const struct book_sweep *s = sweep;
        bool goes_on = s->state == SWEEP_RUNNING || s->counts[TRIAL_RUNNING] > 0;
        if (goes_on && schedule_find(&c->schedule, s->id)->kept)
            return true;
    }
    return false;
}

bool controller_is_full(const struct controller *c)
{
    return c->fleet.slots_n > 0 && c->fleet.free_n == 0;
}

int64_t controller_deadline(const struct controller *c)
{
    const struct fleet_agent *agent = fleet_away(&c->fleet);
    int64_t forget = controller_schedule_deadline(c);
    int64_t lost = agent ? agent->away_ms + c->lost_ms : INT64_MAX;
    if (agent && lost < c->lost_from_ms)
        lost = c->lost_from_ms;
    if (c->fleet.names.live > 0 && c->stepped_ms + CONTROLLER_BEAT_MS < lost)
        lost = c->stepped_ms + CONTROLLER_BEAT_MS;
    int64_t spent = controller_budget_deadline(c), first = lost < forget ? lost : forget;
    int64_t expiry = controller_trust_deadline(c);
    first = first < expiry ? first : expiry;
    first = first < c->fleet.lines.over_ms ? first : c->fleet.lines.over_ms;
    return first < spent ? first : spent;
}

/* Each slot of the attempt is its own. */
static uint64_t controller_check_attempt(const struct controller *c, const struct book_sweep *s,
                                         const struct book_trial *t, struct arena *scratch)
{
    const struct fleet_agent *agent = fleet_find(&c->fleet, t->attempt.agent);
    struct grant g;
    check(t->attempt.number > 0 && t->attempt.state != ATTEMPT_ENDED);
    check(grant_parse(scratch, t->attempt.slot, t->attempt.grant, &g));
    for (uint32_t i = 0; i < g.slots_n; i++) {
        check(agent && g.slots[i] < agent->slots_n);
        const struct fleet_slot *slot = &agent->slots[g.slots[i]];
        check(strcmp(slot->sweep, s->id) == 0 && slot->trial == t->number);
        check(slot->slots_n == (i == 0 ? g.slots_n : 0));
    }
    return g.slots_n;
}

static uint64_t controller_check_sweep(const struct controller *c, const struct book_sweep *s)
{
    uint64_t sum = 0, running = 0, pending = 0, slots = 0;
    const struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    struct arena scratch;
    void *trial;
    check(turn && !turn->aside && turn->reserved == 0);
    arena_init(&scratch);
    for (int state = 0; state < TRIAL_STATES; state++)
        sum += s->counts[state];
    check(sum == s->proposed);
    for (size_t at = 0; map_next(&s->open, &at, &trial);) {
        const struct book_trial *t = trial;
        pending += t->state == TRIAL_PENDING;
        check((t->state == TRIAL_PENDING) == (t->pending.place != 0));
        if (t->state != TRIAL_RUNNING)
            continue;
        running++;
        slots += controller_check_attempt(c, s, t, &scratch);
    }
    arena_done(&scratch);
    check(running == s->counts[TRIAL_RUNNING] && pending == s->counts[TRIAL_PENDING]);
    check(s->pending.n == pending && turn->slots == slots);
    return slots;
}

static uint64_t controller_check_agent(const struct controller *c, const struct fleet_agent *agent)
{
    uint32_t taken = 0, unused = 0;
    uint64_t cpus = 0, memory = 0;
    for (uint32_t i = 0; i < agent->slots_n; i++) {
        taken += agent->slots[i].sweep[0] != '\0';
        cpus += agent->slots[i].cpus;
        memory += agent->slots[i].memory;
    }
    for (uint32_t i = 0; i < agent->places_n; i++)
        unused += fleet_agent_slot_is_open(agent, i);
    check(agent->taken_n == taken && agent->free_n <= unused);
    check(agent->gpus_n > 0 || agent->free_n == unused);
    check(agent->cpus_taken == cpus && agent->memory_taken == memory);
    check((agent->away.place != 0) == (agent->link == 0));
    check(!agent->held_for[0] ||
          (agent->link && fleet_held(&c->fleet, agent->held_for) == agent &&
           schedule_find(&c->schedule, agent->held_for)->class == agent->held_class));
    return taken;
}

static void controller_check_class(const struct controller *c, const struct fleet_class *class)
{
    uint64_t room = 0, able = 0, fits = 0;
    void *value;
    for (size_t at = 0; map_next(&c->fleet.names, &at, &value);) {
        const struct fleet_agent *agent = value;
        uint64_t more = agent->held_for[0] ? 0 : fleet_agent_room(agent, &class->need);
        room += more;
        fits += more > 0;
        able += fleet_agent_can_hold(agent, &class->need);
    }
    check(class->sweeps > 0 && class->room_n == room && class->able_n == able);
    check(class->fits.n == fits);
}

void controller_check(const struct controller *c)
{
    uint64_t running = 0, taken = 0, slots = 0, unused = 0;
    void *value;
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &value);)
        running += controller_check_sweep(c, value);
    for (size_t at = 0; map_next(&c->fleet.names, &at, &value);) {
        const struct fleet_agent *agent = value;
        taken += controller_check_agent(c, agent);
        slots += fleet_agent_is_open(agent) ? agent->offered : 0;
        unused += fleet_agent_is_open(agent) ? agent->free_n : 0;
        check(agent->duty == books_duty(&c->books, agent->name));
    }
    for (size_t i = 0; i < c->fleet.classes_n; i++)
        if (c->fleet.classes[i])
            controller_check_class(c, c->fleet.classes[i]);
    /* The number of busy slots equals the number of those that running trials have, and each of
     * these is the trial's own: so no slot has two. */
    check(running == taken);
    check(slots == c->fleet.slots_n && unused == c->fleet.free_n && c->fleet.kept_n == 0);
    check(c->schedule.sweeps.live == c->books.sweeps.live);
}
