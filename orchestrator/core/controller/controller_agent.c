/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The duty of an agent is a fact, so that a cordon outlives the controller.
 *
 *      up <---> cordoned       takes nothing new, and stays
 *       ^  \      |
 *       |   v     v
 *       +-- draining           takes nothing new; told to end when it runs nothing
 *
 * A drain is about one process of the agent. While attempts run, a process that replaces it
 * drains too; a process that starts when the drain is complete is up. */
#include "orchestrator/core/controller/controller_agent.h"

#include <string.h>

#include "orchestrator/core/controller/place/controller_bar.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/fleet/fleet_load.h"
#include "orchestrator/core/reasons/idle.h"
#include "orchestrator/core/steer/effect.h"
#include "protocol/log_cause.h"
#include "protocol/log_kind.h"

enum { LISTED_MAX = 20, CODE_CHARS_MAX = 90, JUDGE_CAUSE_MAX = 80 };

const char *controller_agent_asker(const struct controller *c, const struct event *ev,
                                   struct arena *a)
{
    return ev->agent->by || !ev->by ? ev->agent->by : effect_who(c, ev->by, a);
}

static void agent_reply(const struct event *ev, int code, const char *text, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = code;
    e->text = text;
}

void controller_agent_record(struct controller *c, const struct event *ev, const char *name,
                             enum duty duty, const struct fact *with, struct effects *out)
{
    controller_record(
        c, ev, out,
        &(struct fact){.kind = FACT_AGENT_STATE,
                       .sweep = "",
                       .agent = arena_strdup(out->arena, name),
                       .state = (int)duty,
                       .by = with->by ? arena_strdup(out->arena, with->by) : NULL,
                       .text = with->text ? arena_strdup(out->arena, with->text) : NULL,
                       .why = with->why,
                       .instance = with->instance});
}

/* The names of all agents that are known, each once: those there or away, gone, and in the books, also as lost. */
static size_t agent_names(const struct controller *c, struct arena *a, const char ***ret)
{
    size_t n = 0, most = c->fleet.names.live + c->fleet.gone.live + c->books.agents.live +
                         c->books.lost.names.live;
    const char **names = arena_alloc(a, (most + 1) * sizeof *names);
    void *value;
    for (size_t at = 0; map_next(&c->fleet.names, &at, &value);)
        names[n++] = ((struct fleet_agent *)value)->name;
    for (size_t at = 0; map_next(&c->fleet.gone, &at, &value);)
        names[n++] = ((struct fleet_gone *)value)->name;
    for (size_t at = 0; map_next(&c->books.agents, &at, &value);) {
        const char *name = ((struct book_agent *)value)->name;
        if (!fleet_find(&c->fleet, name) && !map_find(&c->fleet.gone, name, strlen(name)))
            names[n++] = name;
    }
    for (size_t at = 0; map_next(&c->books.lost.names, &at, &value);) {
        const char *name = ((struct fleet_lost_agent *)value)->name;
        if (!fleet_find(&c->fleet, name) && !map_find(&c->fleet.gone, name, strlen(name)) &&
            !books_agent(&c->books, name))
            names[n++] = name;
    }
    *ret = names;
    return n;
}

static const char *agent_names_said(const char *const *names, size_t n, struct arena *a)
{
    const char *text = n == 0 ? "no agent is known" : "the agents are";
    for (size_t i = 0; i < n && i < LISTED_MAX; i++)
        text = arena_printf(a, "%s%s %s", text, i ? "," : "", names[i]);
    return n > LISTED_MAX ? arena_printf(a, "%s and %zu more", text, n - LISTED_MAX) : text;
}

int controller_agent_resolve(const struct controller *c, const char *word, const char **ret,
                             const char **text, struct arena *a)
{
    const char **names;
    size_t n = agent_names(c, a, &names), found = 0, len = strlen(word);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], word) == 0) {
            *ret = names[i];
            return 0;
        }
        if (len > 0 && strncmp(names[i], word, len) == 0 && ++found == 1)
            *ret = names[i];
    }
    if (found == 1)
        return 0;
    *text = arena_printf(a, found ? "several agents begin with %s: %s" : "there is no agent %s: %s",
                         word, agent_names_said(names, n, a));
    return ERR_NOT_FOUND;
}

/* Nothing can undo it: the process gets no trial any more, whatever is said meanwhile. */
static void agent_drain_tell(struct controller *c, struct fleet_agent *agent, struct effects *out)
{
    fleet_set_leaving(&c->fleet, agent, true);
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = agent->link;
    e->message = (struct message){.type = MESSAGE_DRAINED, .store = c->store, .epoch = c->epoch};
}

/* It may offer again the GPUs that it had put into quarantine. False: it offers all. */
static bool agent_release(struct controller *c, const struct fleet_agent *agent,
                          struct effects *out)
{
    bool withheld = false;
    for (uint32_t i = 0; agent && agent->link && i < agent->places_n; i++)
        withheld |= agent->places[i].why != NULL;
    if (!withheld)
        return false;
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = agent->link;
    e->message = (struct message){.type = MESSAGE_RELEASE, .store = c->store, .epoch = c->epoch};
    return true;
}

void controller_agent_settle(struct controller *c, struct fleet_agent *agent, struct effects *out)
{
    /* MUTANT drained: agent->taken_n == 0 => true */
    if (agent->duty == DUTY_DRAINING && agent->link && agent->taken_n == 0)
        agent_drain_tell(c, agent, out);
}

void controller_agent_joined(struct controller *c, const struct event *ev,
                             struct fleet_agent *agent, struct effects *out)
{
    const struct book_agent *book = books_agent(&c->books, agent->name);
    if (!book || book->duty != DUTY_DRAINING)
        return;
    bool another = book->instance != agent->instance;
    if (another && book->instance != 0 && agent->taken_n == 0) {
        controller_agent_record(c, ev, agent->name, DUTY_UP, &(struct fact){.text = "drained"},
                                out);
        return;
    }
    if (another)
        controller_agent_record(
            c, ev, agent->name, DUTY_DRAINING,
            &(struct fact){.by = book->by, .text = book->text, .instance = agent->instance}, out);
    controller_agent_settle(c, agent, out);
}

/* What its new duty means, as a sentence without its subject. */
static const char *agent_said(enum duty duty, const struct fleet_agent *agent, struct arena *a)
{
    uint32_t runs = agent ? agent->taken_n : 0;
    if (duty == DUTY_UP && agent && agent->leaving)
        return "is ending: it takes new trials when it is started again";
    if (!agent)
        return arena_printf(a, "is gone, and takes %s trials when it is started again",
                            duty == DUTY_UP ? "new" : "no");
    if (duty == DUTY_UP)
        return "takes new trials";
    const char *stays = duty == DUTY_DRAINING ? ", then ends" : "";
    if (runs == 0)
        return arena_printf(a, "takes no new trials%s", stays);
    return arena_printf(a, "takes no new trials; %u running trial%s continue%s%s", runs,
                        runs == 1 ? "" : "s", runs == 1 ? "s" : "", stays);
}

/* It may have been asked for because nothing runs there. */
static const char *agent_absence(const struct fleet_agent *agent, int64_t now_ms,
                                 struct effects *out)
{
    if (!agent)
        return ", but gone: start it again there";
    if (agent->link)
        return "";
    return arena_printf(out->arena, ", but away for %s%lld s", agent->heard ? "" : "at least ",
                        (long long)((now_ms - agent->away_ms) / 1000));
}

static const char *agent_gone(const char *name, struct arena *a)
{
    return arena_printf(a,
                        "agent %s is gone: to keep it from new trials when it returns, use besom "
                        "cordon %s",
                        name, name);
}

static bool agent_is_judged(const struct book_agent *book)
{
    return book && book->duty == DUTY_CORDONED && book->by && strcmp(book->by, "besom") == 0;
}

/* A cordon by besom is not what a person wants: it may end by itself. */
static bool agent_has_duty(const struct controller *c, const char *name, enum duty duty)
{
    return books_duty(&c->books, name) == duty && !agent_is_judged(books_agent(&c->books, name));
}

/* What the agent would do, without the controller's marks on it. */
static void agent_dry(const struct controller *c, const struct event *ev, const char *name,
                      const struct fleet_agent *agent, struct effects *out)
{
    struct value *effect = value_dict(out->arena);
    enum duty duty = ev->agent->duty;
    bool same = agent_has_duty(c, name, duty) && duty != DUTY_UP;
    bool gone = !same && duty == DUTY_DRAINING && !agent;
    value_put(out->arena, effect, "running", value_int(out->arena, agent ? agent->taken_n : 0));
    effect_reply(ev, gone ? ERR_STATE : 0,
                 gone   ? agent_gone(name, out->arena)
                 : same ? arena_printf(out->arena, "is %s already", duty_name(duty))
                        : agent_said(duty, agent, out->arena),
                 effect, out);
}

void controller_agent_command(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct event_agent *want = ev->agent;
    const char *name = NULL, *text = NULL;
    int code = controller_agent_resolve(c, want->name, &name, &text, out->arena);
    if (code != 0) {
        agent_reply(ev, code, text, out);
        return;
    }
    struct fleet_agent *agent = fleet_find(&c->fleet, name);
    name = arena_strdup(out->arena, name);
    if (ev->dry) {
        agent_dry(c, ev, name, agent, out);
        return;
    }
    bool tries = want->duty == DUTY_UP && controller_bar_lift(c, name);
    bool releases = want->duty == DUTY_UP && agent_release(c, agent, out);
    if (books_duty(&c->books, name) == want->duty && (tries || releases)) {
        agent_reply(ev, 0,
                    arena_printf(out->arena, "agent %s %s", name,
                                 releases
                                     ? "offers its quarantined GPUs again, unless they still fail"
                                     : "tries again to start trials"),
                    out);
        return;
    }
    if (agent_has_duty(c, name, want->duty)) {
        agent_reply(ev, 0,
                    arena_printf(out->arena, "agent %s is %s already%s", name,
                                 duty_name(want->duty), agent_absence(agent, ev->now_ms, out)),
                    out);
        return;
    }
    if (want->duty == DUTY_DRAINING && !agent) {
        agent_reply(ev, ERR_STATE, agent_gone(name, out->arena), out);
        return;
    }
    const struct book_agent *book = books_agent(&c->books, name);
    bool keeps = !want->text && want->duty == DUTY_CORDONED && agent_is_judged(book);
    controller_agent_record(c, ev, name, want->duty,
                            &(struct fact){.by = controller_agent_asker(c, ev, out->arena),
                                           .text = keeps ? book->text : want->text,
                                           .instance = agent ? agent->instance : 0},
                            out);
    agent_reply(
        ev, 0,
        arena_printf(out->arena, "agent %s %s", name, agent_said(want->duty, agent, out->arena)),
        out);
    if (agent)
        controller_agent_settle(c, agent, out);
}

static void agent_note(struct controller *c, const struct event *ev, const char *name,
                       const char *what, const char *text, struct effects *out)
{
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_ACTION,
                                     .sweep = "",
                                     .by = "besom",
                                     .what = what,
                                     .subject = arena_printf(out->arena, "agent %s", name),
                                     .text = text});
}

void controller_agent_note_lost(struct controller *c, const struct event *ev,
                                const struct fleet_agent *agent, struct effects *out)
{
    if (!agent->leaving)
        agent_note(c, ev, agent->name, BOOKS_AGENT_LOST,
                   agent->heard
                       ? arena_printf(out->arena, "%lld",
                                      (long long)(ev->wall_ms - (ev->now_ms - agent->away_ms)))
                       : NULL,
                   out);
}

void controller_agent_note_back(struct controller *c, const struct event *ev, const char *name,
                                struct effects *out)
{
    if (fleet_lost_find(&c->books.lost, name))
        agent_note(c, ev, name, BOOKS_AGENT_BACK, NULL, out);
}

static bool judge_is_host(enum trial_reason reason)
{
    return reason == REASON_HOST || reason == REASON_SHIM || reason == REASON_REBOOT ||
           reason == REASON_UNKILLABLE;
}

static bool judge_is_own(enum trial_reason reason)
{
    return reason == REASON_EXIT || reason == REASON_SIGNAL || reason == REASON_LAUNCH;
}

/* Whether some other host takes trials. */
static bool judge_has_other(const struct controller *c, const struct fleet_agent *agent)
{
    void *value;
    for (size_t at = 0; map_next(&c->fleet.links, &at, &value);) {
        const struct fleet_agent *other = value;
        if (other != agent && fleet_agent_is_open(other) && other->offered > 0 && !other->only)
            return true;
    }
    return false;
}

static bool judge_runs_well_elsewhere(const struct controller *c, const struct event *ev,
                                      const struct fleet_agent *agent, const struct book_sweep *s)
{
    const char *well_on = schedule_find(&c->schedule, s->id)->well_on;
    void *trial;
    if (well_on[0] && strcmp(well_on, agent->name) != 0)
        return true;
    for (size_t at = 0; map_next(&s->open, &at, &trial);) {
        const struct book_trial *t = trial;
        if (t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent->name) != 0 &&
            ev->wall_ms - t->attempt.launched_ms >= BOOKS_QUICK_FAILURE_MS)
            return true;
    }
    return false;
}

static const char *judge_error(enum trial_reason reason, const char *text)
{
    return text && text[0] ? text : trial_reason_name(reason);
}

/* Agents that were cordoned since their trials failed with an error that this one has too: the sweep is to blame. */
static void judge_acquit(struct controller *c, const struct event *ev,
                         const struct fleet_agent *agent, const struct book_sweep *s,
                         const struct book_trial *t, const char *error, struct effects *out)
{
    char kind[FLEET_ERRORS_CHARS];
    void *value;
    log_kind(kind, sizeof kind, error);
    for (size_t at = 0; map_next(&c->books.agents, &at, &value);) {
        const struct book_agent *other = value;
        if (strcmp(other->name, agent->name) == 0 || !agent_is_judged(other) ||
            !other->blamed_sweep || !other->blamed_error ||
            strcmp(other->blamed_sweep, s->id) != 0 || strcmp(other->blamed_error, kind) != 0)
            continue;
        const char *text = arena_printf(out->arena, "trial %s-%llu failed alike on agent %s", s->id,
                                        (unsigned long long)t->number, agent->name);
        controller_agent_record(c, ev, other->name, DUTY_UP,
                                &(struct fact){.by = "besom", .text = text}, out);
    }
}

/* Notes the failure. True if the sweep had the same error on another agent lately: the host is not to blame. */
static bool judge_shares(struct controller *c, const struct fleet_agent *agent,
                         const struct book_sweep *s, enum trial_reason reason, const char *text)
{
    uint64_t well = schedule_find(&c->schedule, s->id)->well_n;
    text = judge_error(reason, text);
    fleet_errors_note(&c->fleet.errors, s->id, agent->name, text, well);
    return fleet_errors_elsewhere(&c->fleet.errors, s->id, agent->name, text, well);
}

/* In a few words. */
static const char *judge_cause(struct arena *a, enum trial_reason reason, const char *text)
{
    const char *known = text ? log_cause_known(text) : trial_reason_name(reason);
    return known ? known : log_cause_short(a, text, JUDGE_CAUSE_MAX);
}

/* The sweep and the kind of the error of attempts that all failed alike; NULL: they did not. */
static const struct value *judge_blamed(const struct fleet_deaths *died, struct arena *a)
{
    if (!died->alike)
        return NULL;
    struct value *why = value_dict(a);
    value_put(a, why, "sweep", value_str(a, arena_strdup(a, died->sweep)));
    value_put(a, why, "error", value_str(a, arena_strdup(a, died->kind)));
    return why;
}

/* The failures so far say nothing of the sweeps: the host is to blame. */
static void judge_cordon(struct controller *c, const struct event *ev, struct fleet_agent *agent,
                         const struct book_sweep *s, const struct book_trial *t, const char *cause,
                         struct effects *out)
{
    void *sweep;
    const char *text = arena_printf(
        out->arena,
        "%u attempts in a row failed or were lost on it%s: the last was trial %s-%llu (%s)%s",
        agent->deaths, agent->deaths_own > 0 ? ", and not so on other agents" : "", s->id,
        (unsigned long long)t->number, cause, fleet_deaths_before(&agent->died, out->arena));
    controller_agent_record(
        c, ev, agent->name, DUTY_CORDONED,
        &(struct fact){.by = "besom", .text = text, .why = judge_blamed(&agent->died, out->arena)},
        out);
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &sweep);) {
        const struct book_sweep *each = sweep;
        schedule_find(&c->schedule, each->id)->forgiven = each->failure_streak;
    }
}

void controller_agent_judge(struct controller *c, const struct event *ev, struct fleet_agent *agent,
                            const struct book_sweep *s, const struct book_trial *t,
                            enum trial_reason reason, const char *text, struct effects *out)
{
    const struct book_attempt *at = &t->attempt;
    struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    bool host = judge_is_host(reason), own = judge_is_own(reason);
    bool shared = own && judge_shares(c, agent, s, reason, text);
    if (own)
        judge_acquit(c, ev, agent, s, t, judge_error(reason, text), out);
    if (trial_reason_is_well(reason) || (own && at->ran_ms >= BOOKS_QUICK_FAILURE_MS)) {
        agent->deaths = agent->deaths_own = agent->died.n = 0;
        turn->well_n++;
        memcpy(turn->well_on, agent->name, sizeof turn->well_on);
        return;
    }
    if (!host && !own)
        return;
    if (agent->duty == DUTY_CORDONED) { /* what it still had */
        turn->forgiven = s->failure_streak;
        return;
    }
    /* One outage takes all attempts of a host: it counts once. */
    bool together =
        (reason == REASON_HOST || reason == REASON_REBOOT) && at->launched_ms < agent->death_ms;
    if (together)
        return;
    if (shared) {
        agent->deaths -= agent->deaths_own;
        agent->deaths_own = agent->died.n = 0;
        return;
    }
    fleet_deaths_note(&agent->died, s->id, t->number, own ? judge_error(reason, text) : NULL);
    agent->deaths++;
    agent->deaths_own += own;
    agent->death_ms = ev->wall_ms;
    if (agent->deaths >= CONTROLLER_HOST_DEATHS && agent->duty == DUTY_UP &&
        judge_has_other(c, agent) &&
        (!agent->deaths_own || judge_runs_well_elsewhere(c, ev, agent, s)))
        judge_cordon(c, ev, agent, s, t, judge_cause(out->arena, reason, text), out);
}

static bool code_is_good(const char *code)
{
    size_t len = strspn(code, "0123456789abcdef+");
    return len > 0 && len <= CODE_CHARS_MAX && code[len] == '\0';
}

void controller_agent_code(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    struct fleet_agent *agent = fleet_of_link(&c->fleet, ev->link);
    bool known = !m->sweep[0] || books_sweep(&c->books, m->sweep);
    if (!known || !code_is_good(m->text) || !fleet_agent_set_code(agent, m->sweep, m->text) ||
        !m->sweep[0])
        return;
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_ACTION,
                                     .sweep = "",
                                     .by = arena_printf(out->arena, "agent %s", agent->name),
                                     .what = CONTROLLER_AGENT_CODE,
                                     .subject = arena_strdup(out->arena, m->sweep),
                                     .text = arena_strdup(out->arena, m->text)});
}

static struct value *slot_value(const struct fleet_agent *agent, uint32_t i, const char *idle,
                                struct arena *a)
{
    bool offered = agent->link && i < agent->places_n;
    const struct fleet_place *place = offered ? &agent->places[i] : NULL;
    bool taken = !fleet_agent_slot_is_free(agent, i);
    struct value *slot = value_dict(a);
    value_put(a, slot, "slot", value_int(a, i));
    value_put(a, slot, "gpus",
              place && place->gpu >= 0 ? value_copy(a, agent->gpus[place->gpu].ids)
                                       : value_list(a));
    value_put(a, slot, "trial",
              taken ? value_str(a, arena_printf(a, "%s-%llu", agent->slots[i].sweep,
                                                (unsigned long long)agent->slots[i].trial))
                    : value_null(a));
    value_put(a, slot, "why_idle",
              place && place->why && !taken ? value_str(a, place->why) : value_null(a));
    const char *why = idle_slot(agent, i, idle, a);
    value_put(a, slot, "idle", why ? value_str(a, why) : value_null(a));
    return slot;
}

/* Those that it offers, and those that an attempt still holds. */
static struct value *slot_list(const struct controller *c, const struct fleet_agent *agent,
                               struct arena *a)
{
    struct value *list = value_list(a);
    const char *idle = idle_agent(c, agent, a);
    uint32_t n = agent->link ? agent->places_n : 0;
    for (uint32_t i = 0; i < n || i < agent->slots_n; i++)
        if (i < n || !fleet_agent_slot_is_free(agent, i))
            value_push(a, list, slot_value(agent, i, idle, a));
    return list;
}

static const char *agent_word(const struct fleet_agent *agent, bool gone, enum duty duty)
{
    return gone ? "gone" : !agent->link ? "away" : agent->leaving ? "draining" : duty_name(duty);
}

/* When what an agent holds that is away is lost, by the steady clock. */
static int64_t agent_lost_ms(const struct controller *c, const struct fleet_agent *agent)
{
    int64_t at = agent->away_ms + c->lost_ms;
    return at > c->lost_from_ms ? at : c->lost_from_ms;
}

/* When it was last heard from; else a moment before which that was; else neither. */
static void seen_put(struct value *v, const struct fleet_agent *agent,
                     const struct fleet_gone *gone, const struct fleet_lost_agent *lost,
                     int64_t wall_ahead_ms, int64_t wall_ms, struct arena *a)
{
    int64_t at_ms = agent && agent->link ? wall_ms
                    : agent              ? wall_ahead_ms + agent->away_ms
                    : lost               ? lost->seen_ms
                    : gone               ? wall_ahead_ms + gone->away_ms
                                         : -1;
    bool before = agent ? !agent->heard : lost && lost->before;
    struct value *at = at_ms < 0 ? value_null(a) : value_float(a, (double)at_ms / 1000);
    value_put(a, v, "seen", before ? value_null(a) : at);
    value_put(a, v, "seen_before", before ? at : value_null(a));
}

struct value *controller_agent_list(const struct controller *c, int64_t now_ms, int64_t wall_ms,
                                    struct arena *a)
{
    struct value *list = value_list(a);
    const char **names;
    size_t n = agent_names(c, a, &names);
    for (size_t i = 0; i < n; i++) {
        struct fleet_agent *agent = fleet_find(&c->fleet, names[i]);
        const struct fleet_gone *gone = map_find(&c->fleet.gone, names[i], strlen(names[i]));
        const struct book_agent *book = books_agent(&c->books, names[i]);
        const struct fleet_lost_agent *lost = fleet_lost_find(&c->books.lost, names[i]);
        enum duty duty = books_duty(&c->books, names[i]);
        struct value *v = value_dict(a);
        value_put(a, v, "name", value_str(a, names[i]));
        value_put(a, v, "host", value_str(a, names[i]));
        value_put(a, v, "state", value_str(a, agent_word(agent, !agent, duty)));
        value_put(a, v, "duty", value_str(a, duty_name(duty)));
        value_put(a, v, "by", book && book->by ? value_str(a, book->by) : value_null(a));
        const char *text =
            book && book->text ? book->text : controller_bar_of_agent(c, names[i], a);
        value_put(a, v, "text", text ? value_str(a, text) : value_null(a));
        const char *code = agent ? map_find(&agent->codes, "", 0) : NULL;
        value_put(a, v, "code", code ? value_str(a, code) : value_null(a));
        value_put(a, v, "load", agent ? fleet_load_value(agent, a) : value_null(a));
        value_put(a, v, "slots", agent ? slot_list(c, agent, a) : value_list(a));
        value_put(a, v, "until",
                  agent && !agent->link && agent->taken_n > 0
                      ? value_float(a, (double)(wall_ms + agent_lost_ms(c, agent) - now_ms) / 1000)
                      : value_null(a));
        seen_put(v, agent, gone, lost, wall_ms - now_ms, wall_ms, a);
        value_put(a, v, "lost", value_bool(a, !agent && lost));
        value_push(a, list, v);
    }
    return list;
}
