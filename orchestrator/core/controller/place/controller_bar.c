/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/place/controller_bar.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrator/core/controller/place/controller_room.h"

static bool bar_has(const struct schedule_sweep *turn, const char *agent)
{
    return turn->barred && value_get(turn->barred, agent);
}

/* Bars exactly these: a dict, or NULL. The sweep's trials then need another agent. */
static void bar_set(struct controller *c, struct schedule_sweep *turn, const struct value *barred)
{
    struct arena kept;
    arena_init(&kept);
    const struct value *copy = barred && barred->dict.n > 0 ? value_copy(&kept, barred) : NULL;
    controller_room_forget(c, turn);
    arena_done(&turn->barred_kept);
    turn->barred_kept = kept;
    turn->barred = copy;
    schedule_touch(&c->schedule, turn);
}

void controller_bar_clear(struct controller *c, struct schedule_sweep *turn)
{
    if (turn->barred)
        bar_set(c, turn, NULL);
}

/* Those that were barred, but for this agent. */
static struct value *bar_without(const struct schedule_sweep *turn, const char *agent,
                                 struct arena *a)
{
    struct value *rest = value_dict(a);
    for (size_t i = 0; turn->barred && i < turn->barred->dict.n; i++) {
        const struct value_entry *e = &turn->barred->dict.entries[i];
        if (strcmp(e->key, agent) != 0)
            value_put(a, rest, e->key, value_copy(a, e->value));
    }
    return rest;
}

/* Whether an agent that is not barred could run the sweep, or is away and may come back. */
static bool bar_leaves_others(struct controller *c, struct schedule_sweep *turn,
                              const struct book_sweep *s)
{
    void *value;
    if (controller_room_class(c, turn, s)->able_n > 0)
        return true;
    for (size_t at = 0; map_next(&c->fleet.names, &at, &value);) {
        const struct fleet_agent *agent = value;
        if (!agent->link && agent->duty == DUTY_UP && !agent->leaving &&
            !bar_has(turn, agent->name))
            return true;
    }
    return false;
}

/* Whether its trials run on an agent that is not barred, so the sweep is not to blame: one that could
 * take another, or is away and may come back. */
static bool bar_leaves_good(struct controller *c, const struct event *ev,
                            struct schedule_sweep *turn, const struct book_sweep *s)
{
    void *value;
    const struct fleet_agent *well = turn->well_on[0] ? fleet_find(&c->fleet, turn->well_on) : NULL;
    if (well && !bar_has(turn, well->name) &&
        (!well->link || fleet_agent_can_hold(well, &controller_room_class(c, turn, s)->need)))
        return true;
    for (size_t at = 0; map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        if (t->state == TRIAL_RUNNING && !bar_has(turn, t->attempt.agent) &&
            ev->wall_ms - t->attempt.launched_ms >= BOOKS_QUICK_FAILURE_MS)
            return true;
    }
    return false;
}

static bool bar_holds(struct controller *c, const struct event *ev, struct schedule_sweep *turn,
                      const struct book_sweep *s)
{
    return bar_leaves_good(c, ev, turn, s) ||
           (turn->barred->dict.n < CONTROLLER_BAR_HOSTS && bar_leaves_others(c, turn, s));
}

static const char *bar_names(const struct value *barred, struct arena *a)
{
    const char *text = barred->dict.n == 1 ? "agent" : "agents";
    for (size_t i = 0; i < barred->dict.n; i++)
        text = arena_printf(a, "%s%s %s", text, i ? "," : "", barred->dict.entries[i].key);
    return text;
}

static int bar_by_name(const void *left, const void *right)
{
    const struct value_entry *a = left, *b = right;
    return strcmp(a->key, b->key);
}

bool controller_bar_put(struct controller *c, const struct event *ev, const struct book_sweep *s,
                        const struct book_trial *t, const char **why, struct arena *a)
{
    struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    struct value *barred = bar_without(turn, t->attempt.agent, a);
    bool others = barred->dict.n > 0;
    const char *said = *why ? *why : "it does not say why";
    value_put(a, barred, t->attempt.agent, value_str(a, said));
    bar_set(c, turn, barred);
    if (bar_holds(c, ev, turn, s))
        return true;
    controller_bar_clear(c, turn);
    /* The same words, whichever agent was the last. */
    qsort(barred->dict.entries, barred->dict.n, sizeof *barred->dict.entries, bar_by_name);
    if (others)
        *why = arena_printf(a, "%s (%s could not start it)", said, bar_names(barred, a));
    return false;
}

bool controller_bar_lift(struct controller *c, const char *agent)
{
    bool found = false;
    void *value;
    struct arena scratch;
    arena_init(&scratch);
    for (size_t at = 0; map_next(&c->schedule.sweeps, &at, &value);) {
        struct schedule_sweep *turn = value;
        if (!bar_has(turn, agent))
            continue;
        bar_set(c, turn, bar_without(turn, agent, &scratch));
        found = true;
    }
    arena_done(&scratch);
    return found;
}

void controller_bar_review(struct controller *c, const struct event *ev)
{
    void *value;
    for (size_t at = 0; map_next(&c->schedule.sweeps, &at, &value);) {
        struct schedule_sweep *turn = value;
        if (turn->barred && !bar_holds(c, ev, turn, books_sweep(&c->books, turn->id)))
            controller_bar_clear(c, turn);
    }
}

const char *controller_bar_of_agent(const struct controller *c, const char *agent, struct arena *a)
{
    const struct schedule_sweep *first = NULL;
    unsigned more = 0;
    void *value;
    for (size_t at = 0; map_next(&c->schedule.sweeps, &at, &value);) {
        if (!bar_has(value, agent))
            continue;
        more += first != NULL;
        first = first ? first : value;
    }
    if (!first)
        return NULL;
    const char *rest =
        more == 0 ? "" : arena_printf(a, " and %u more sweep%s", more, more == 1 ? "" : "s");
    return arena_printf(a, "cannot start trials of %s%s: %s", first->id, rest,
                        value_get_str(first->barred, agent, ""));
}

const char *controller_bar_of_sweep(const struct schedule_sweep *turn, struct arena *a)
{
    if (!turn->barred)
        return NULL;
    const struct value *barred = turn->barred;
    return arena_printf(a, "%s cannot start it: %s", bar_names(barred, a),
                        barred->dict.entries[barred->dict.n - 1].value->s.ptr);
}
