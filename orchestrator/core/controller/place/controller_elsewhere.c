/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/place/controller_elsewhere.h"

#include <string.h>

/* Pending trials that are passed over for the next one. */
enum { PASSED_MAX = 64 };

static bool elsewhere_failed_on(const struct book_trial *t, const struct fleet_agent *agent)
{
    enum trial_state end = trial_reason_state(t->attempt.reason);
    return t->failed + t->lost > 0 && (end == TRIAL_FAILED || end == TRIAL_LOST) &&
           strcmp(t->attempt.agent, agent->name) == 0;
}

/* Whether another agent that could take the sweep's next trial runs one of its trials now. */
static bool elsewhere_will_be_room(const struct controller *c, const struct book_sweep *s,
                                   const struct fleet_class *class, const struct fleet_agent *than)
{
    void *value;
    for (size_t at = 0; map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        if (t->state != TRIAL_RUNNING || strcmp(t->attempt.agent, than->name) == 0)
            continue;
        const struct fleet_agent *other = fleet_find(&c->fleet, t->attempt.agent);
        if (other && fleet_agent_can_hold(other, &class->need))
            return true;
    }
    return false;
}

struct book_trial *controller_elsewhere_pick(struct controller *c, struct schedule_sweep *turn,
                                             struct book_sweep *s, struct fleet_agent **agent)
{
    struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    struct book_trial *passed[PASSED_MAX], *t = books_first_pending(s);
    struct fleet_agent *other;
    uint32_t n = 0;
    turn->elsewhere = 0;
    /* MUTANT elsewhere: !elsewhere_failed_on(t, *agent) => true */
    if (!t || !elsewhere_failed_on(t, *agent))
        return t;
    if ((other = fleet_class_other(class, *agent)) != NULL) {
        *agent = other;
        return t;
    }
    /* MUTANT elsewhere-waits: !elsewhere_will_be_room(c, s, class, *agent) => true */
    if (!elsewhere_will_be_room(c, s, class, *agent))
        return t;
    while (t && n < PASSED_MAX && elsewhere_failed_on(t, *agent)) {
        heap_remove(&s->pending, &t->pending);
        passed[n++] = t;
        t = books_first_pending(s);
    }
    if (t && elsewhere_failed_on(t, *agent))
        t = NULL;
    turn->elsewhere = n;
    while (n > 0)
        heap_put(&s->pending, &passed[--n]->pending);
    return t;
}

const char *controller_elsewhere_why(const struct controller *c, const struct schedule_sweep *turn,
                                     const struct book_sweep *s, const struct book_trial *t,
                                     struct arena *a)
{
    struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    const struct fleet_agent *free = class ? fleet_class_first(class) : NULL;
    return free && elsewhere_failed_on(t, free) && !fleet_class_other(class, free) &&
                   elsewhere_will_be_room(c, s, class, free)
               ? arena_printf(a, "%s, where it failed last", free->name)
               : NULL;
}
