/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/controller_enqueue.h"

#include "language/command/command.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/steer/effect.h"
#include "strategies/strategy.h"
#include "sweep/completion.h"

/* Neither run_cap nor the end of the sweep matters: they limit what the method proposes, not what somebody
 * asks for. */
static int enqueue_judge(const struct event *ev, const struct book_sweep *s, struct err *err)
{
    if (!s)
        return err_set(err, ERR_NOT_FOUND, "this store has no sweep %s", ev->sweep);
    if (s->fault)
        return err_set(err, ERR_SPEC, "this version of besom cannot read the spec of sweep %s: %s",
                       s->id, s->fault);
    if (command_check(s->spec, NULL) != 0)
        return err_set(
            err, ERR_STATE,
            "sweep %s has no program to run, as one that was imported: name it as `prior` "
            "in the file of a new sweep",
            s->id);
    if (s->state == SWEEP_STOPPING)
        return err_set(err, ERR_STATE, "sweep %s is stopping: wait until its trials have ended",
                       s->id);
    return 0;
}

/* The whole configuration of trial `number`, as the script gets it. */
static int enqueue_params(const struct book_sweep *s, const struct value *params, uint64_t number,
                          struct arena *a, struct value **ret, struct err *err)
{
    const struct space *space = &s->spec->space;
    struct value **values = arena_alloc(a, (space->n + 1) * sizeof *values);
    int rc = completion_read(a, space, false, params, s->seed, number, values, ret, err);
    if (rc == 0)
        *ret = value_whole_as_int(a, *ret);
    return rc;
}

/* The proposals that are ready, or being made, do not know of this trial. */
static void enqueue_drop_ready(struct schedule_sweep *turn)
{
    schedule_drop_ready(turn);
    turn->stale = turn->asked > 0;
}

static void enqueue_record(struct controller *c, const struct event *ev, struct book_sweep *s,
                           const struct value *params, struct effects *out)
{
    struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    struct value *why = value_dict(out->arena);
    value_put(out->arena, why, "strategy", value_str(out->arena, "enqueue"));
    if (ev->enqueue->by)
        value_put(out->arena, why, "by", value_str(out->arena, ev->enqueue->by));
    if (ev->enqueue->repeats)
        value_put(out->arena, why, "repeats", value_int(out->arena, (int64_t)ev->enqueue->of));
    if (sweep_states[s->state].final)
        controller_record_asked(c, ev, s, out);
    enqueue_drop_ready(turn);
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_PROPOSED,
                                     .sweep = s->id,
                                     .trial = s->proposed,
                                     .cursor = STRATEGY_ENQUEUED,
                                     .params = params,
                                     .why = why});
}

void controller_enqueue(struct controller *c, const struct event *ev, struct effects *out)
{
    struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    const struct event_enqueue *enqueue = ev->enqueue;
    struct err err = {0};
    uint64_t n = enqueue->times ? enqueue->times : 1;
    struct value **all = arena_alloc(out->arena, n * sizeof *all);
    int rc = enqueue_judge(ev, s, &err);
    bool lacks = rc == 0 && enqueue->lacks;
    if (lacks)
        rc = err_set(&err, ERR_STATE, "%s", enqueue->lacks);
    for (uint64_t i = 0; rc == 0 && i < n; i++)
        rc = enqueue_params(s, enqueue->times ? enqueue->all[i] : enqueue->params, s->proposed + i,
                            out->arena, &all[i], &err);
    if (rc == 0 && ev->dry) {
        effect_enqueue(ev, s, all[0], out);
        return;
    }
    uint64_t first = s ? s->proposed : 0;
    for (uint64_t i = 0; rc == 0 && i < n; i++)
        enqueue_record(c, ev, s, all[i], out);
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = rc;
    if (rc != 0) {
        struct value *left = value_dict(out->arena);
        value_put(out->arena, left, "left", value_int(out->arena, (int64_t)enqueue->left));
        e->answer = lacks && ev->dry ? left : NULL;
        e->text = arena_strdup(out->arena, err.text);
        return;
    }
    const char *one = n == 1 ? "s" : "";
    e->text =
        arena_printf(out->arena, "has %s%s%s", effect_enqueued(out->arena, s, enqueue, first),
                     s->state == SWEEP_PAUSED
                         ? arena_printf(out->arena, ", which run%s first once it is resumed", one)
                     : schedule_find(&c->schedule, s->id)->admitted
                         ? arena_printf(out->arena, ", which run%s next", one)
                         : "",
                     effect_beyond_cap(out->arena, s, first + n));
}
