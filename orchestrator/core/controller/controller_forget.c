/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_forget.h"

#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/controller/controller_end.h"
#include "orchestrator/core/controller/place/controller_bar.h"
#include "orchestrator/core/steer/effect.h"

struct forget_held { /* trials whose attempts the agent holds */
    uint32_t n, again;
    uint32_t waiting; /* those of `again` whose sweep is paused */
};

static struct forget_held forget_count(const struct controller *c, const struct fleet_agent *agent)
{
    struct forget_held held = {0};
    for (uint32_t i = 0; agent && i < agent->slots_n; i++) {
        const struct fleet_slot *place = &agent->slots[i];
        if (place->slots_n == 0) /* not the first slot of an attempt */
            continue;
        const struct book_sweep *s = books_sweep(&c->books, place->sweep);
        held.n++;
        bool again = controller_end_retries(s, books_trial(s, place->trial));
        held.again += again;
        held.waiting += again && s->state == SWEEP_PAUSED;
    }
    return held;
}

/* A sentence without its subject. */
static const char *forget_said(const struct forget_held *held, struct arena *a)
{
    uint32_t lost = held->n - held->again, now = held->again - held->waiting;
    if (held->n == 0)
        return "leaves the list, and holds no trial";
    const char *again = now == 0 ? ""
                                 : arena_printf(a, "%u trial%s run%s again elsewhere at once", now,
                                                now == 1 ? "" : "s", now == 1 ? "s" : "");
    if (held->waiting > 0)
        again = arena_printf(a, "%s%s%u trial%s wait%s until the sweep resumes", again,
                             *again ? ", " : "", held->waiting, held->waiting == 1 ? "" : "s",
                             held->waiting == 1 ? "s" : "");
    const char *ends =
        lost == 0
            ? ""
            : arena_printf(a, "%s%u trial%s no retry left and end%s as lost", *again ? ", " : "",
                           lost, lost == 1 ? " has" : "s have", lost == 1 ? "s" : "");
    return arena_printf(
        a, "leaves the list: %s%s; training that may continue on its host is not ended", again,
        ends);
}

void controller_forget(struct controller *c, const struct event *ev, struct effects *out)
{
    struct arena *a = out->arena;
    const char *name = NULL, *text = NULL;
    int code = controller_agent_resolve(c, ev->agent->name, &name, &text, a);
    struct fleet_agent *agent = code == 0 ? fleet_find(&c->fleet, name) : NULL;
    if (code == 0 && agent && agent->link) {
        code = ERR_STATE;
        text = arena_printf(a,
                            "agent %s is connected: only an agent that is away or gone can be "
                            "forgotten; to end it, use besom drain %s",
                            name, name);
    }
    if (code != 0) {
        effect_reply(ev, code, text, NULL, out);
        return;
    }
    struct forget_held held = forget_count(c, agent);
    const char *said = forget_said(&held, a);
    name = arena_strdup(a, name);
    if (ev->dry) {
        struct value *effect = value_dict(a);
        value_put(a, effect, "running", value_int(a, held.n));
        value_put(a, effect, "again", value_int(a, held.again));
        effect_reply(ev, 0, said, effect, out);
        return;
    }
    const char *by = controller_agent_asker(c, ev, a);
    controller_bar_lift(c, name);
    if (agent)
        controller_end_lost(c, ev, agent,
                            by ? arena_printf(a, "its agent was forgotten by %s", by)
                               : "its agent was forgotten",
                            out);
    fleet_forget(&c->fleet, name);
    controller_agent_note_back(c, ev, name, out);
    controller_agent_record(c, ev, name, DUTY_FORGOTTEN,
                            &(struct fact){.by = by, .text = ev->agent->text}, out);
    effect_reply(ev, 0, arena_printf(a, "agent %s %s", name, said), NULL, out);
}
