/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_launch.h"

#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "orchestrator/core/controller/controller_record.h"

static struct message *message_add(struct controller *c, uint32_t link, enum message_type type,
                                   const char *sweep, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = link;
    e->message = (struct message){.type = type,
                                  .store = c->store,
                                  .epoch = c->epoch,
                                  .sweep = arena_strdup(out->arena, sweep)};
    return &e->message;
}

struct message *controller_launch_message(struct controller *c, uint32_t link,
                                          enum message_type type, const char *sweep, uint64_t trial,
                                          uint64_t attempt, struct effects *out)
{
    struct message *m = message_add(c, link, type, sweep, out);
    m->trial = trial;
    m->attempt = attempt;
    return m;
}

static const struct value *launch_offsets(const struct book_attempt *attempt, struct arena *a)
{
    struct value *list = value_list(a);
    for (int i = 0; i < FACT_STREAMS; i++)
        value_push(a, list, value_int(a, (int64_t)attempt->offset[i]));
    return list;
}

/* What the attempt holds, whole: a plain grant is not in the books. */
static const struct value *launch_grant(const struct book_attempt *attempt, struct arena *a)
{
    struct grant g;
    check(grant_parse(a, attempt->slot, attempt->grant, &g));
    return grant_value(a, &g);
}

static const struct value *launch_params(const struct book_trial *t, struct arena *a)
{
    struct value *v = NULL;
    struct err err = {0};
    check(json_parse(a, t->params, strlen(t->params), &v, &err) == 0);
    return v;
}

/* Where a script's wandb is to report to: NULL where that is not our concern. */
static const struct value *launch_wandb(const struct spec *spec, struct arena *a)
{
    if (spec->wandb_off)
        return NULL;
    struct value *v = value_dict(a);
    if (spec->project)
        value_put(a, v, "project", value_str(a, spec->project));
    if (spec->entity)
        value_put(a, v, "entity", value_str(a, spec->entity));
    return v;
}

/* Describes the sweep to the agent, once for each link, before its first trial. */
static void launch_tell_sweep(struct controller *c, struct fleet_agent *agent,
                              const struct book_sweep *s, struct effects *out)
{
    const struct spec *spec = s->spec;
    struct arena *a = out->arena;
    /* MUTANT told-once: map_find(&agent->told, s->id, strlen(s->id)) == agent => false */
    if (map_find(&agent->told, s->id, strlen(s->id)) == agent)
        return;
    map_put(&agent->told, s->id, strlen(s->id), agent);
    struct message *m = message_add(c, agent->link, MESSAGE_SWEEP, s->id, out);
    m->command = value_copy(a, spec->command);
    m->flags = spec->flags ? value_copy(a, spec->flags) : NULL;
    m->program = spec->program ? arena_strdup(a, spec->program) : "";
    m->env = spec->env ? value_copy(a, spec->env) : value_dict(a);
    m->wandb = launch_wandb(spec, a);
    m->workdir = arena_strdup(a, s->snapshot && s->folder ? s->folder : s->workdir);
    m->snapshot = s->snapshot ? arena_strdup(a, s->snapshot) : "";
    m->time_ms = (uint64_t)(spec->resources.time_s * 1000);
    m->report = spec->report ? value_copy(a, spec->report) : value_dict(a);
}

void controller_launch_send(struct controller *c, struct fleet_agent *agent,
                            const struct book_sweep *s, const struct book_trial *t,
                            struct effects *out)
{
    const struct book_attempt *attempt = &t->attempt;
    if (agent->link == 0)
        return;
    launch_tell_sweep(c, agent, s, out);
    struct message *m = controller_launch_message(c, agent->link, MESSAGE_LAUNCH, s->id, t->number,
                                                  attempt->number, out);
    m->slot = attempt->slot;
    m->grant = launch_grant(attempt, out->arena);
    m->params = launch_params(t, out->arena);
    m->offsets = launch_offsets(attempt, out->arena);
}

void controller_launch_send_stop(struct controller *c, const struct book_sweep *s,
                                 const struct book_trial *t, struct effects *out)
{
    const struct fleet_agent *agent = fleet_find(&c->fleet, t->attempt.agent);
    if (!agent || agent->link == 0)
        return;
    controller_launch_message(c, agent->link, MESSAGE_STOP, s->id, t->number, t->attempt.number,
                              out)
        ->now = c->hurry && schedule_find(&c->schedule, s->id)->admitted;
}

void controller_launch_stop(struct controller *c, const struct event *ev, struct book_sweep *s,
                            struct book_trial *t, enum trial_reason why, struct effects *out)
{
    if (t->attempt.state == ATTEMPT_LAUNCHED)
        controller_record(c, ev, out,
                          &(struct fact){.kind = FACT_STOPPING,
                                         .sweep = s->id,
                                         .trial = t->number,
                                         .attempt = t->attempt.number,
                                         .reason = why});
    controller_launch_send_stop(c, s, t, out);
}
