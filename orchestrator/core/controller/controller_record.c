/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_record.h"

#include "base/check.h"
#include "orchestrator/core/controller/place/controller_bar.h"
#include "orchestrator/core/controller/place/controller_room.h"
#include "orchestrator/core/question.h"

/* Takes or frees the slots of an attempt. */
static void record_place(struct controller *c, const struct fact *f, struct schedule_sweep *turn,
                         struct arena *a)
{
    const struct book_trial *t = books_trial(books_sweep(&c->books, f->sweep), f->trial);
    struct fleet_agent *agent = fleet_agent(&c->fleet, t->attempt.agent, c->started_ms);
    if (f->kind == FACT_LAUNCHED || f->kind == FACT_REINSTATED) {
        struct grant g;
        check(grant_parse(a, t->attempt.slot, t->attempt.grant, &g));
        fleet_take(&c->fleet, agent, f->sweep, f->trial, &g);
        turn->slots += g.slots_n;
    } else {
        turn->slots -= agent->slots[t->attempt.slot].slots_n;
        fleet_free(&c->fleet, agent, t->attempt.slot);
    }
}

int controller_record_try(struct controller *c, const struct event *ev, struct effects *out,
                          struct fact *f, struct err *err)
{
    f->seq = c->books.seq + 1;
    f->time_ms = ev->wall_ms;
    int rc = books_apply(&c->books, f, err);
    if (rc != 0)
        return rc;
    effects_add(out, EFFECT_PERSIST)->fact = *f;
    if (f->kind == FACT_AGENT_STATE) {
        struct fleet_agent *agent = fleet_find(&c->fleet, f->agent);
        if (agent)
            fleet_set_duty(&c->fleet, agent, books_duty(&c->books, f->agent));
        schedule_touch_all(&c->schedule); /* there are more or fewer free slots */
        return 0;
    }
    if (!fact_kind_has_sweep(f->kind))
        return 0;
    struct schedule_sweep *turn = f->kind == FACT_SWEEP_CREATED
                                      ? schedule_add(&c->schedule, f->sweep)
                                      : schedule_find(&c->schedule, f->sweep);
    if (f->kind == FACT_LAUNCHED || f->kind == FACT_ENDED || f->kind == FACT_REINSTATED)
        record_place(c, f, turn, out->arena);
    if (f->kind == FACT_SWEEP_EDITED)
        controller_room_forget(c, turn);
    if (f->kind == FACT_SWEEP_EDITED || f->kind == FACT_RETRIED)
        controller_bar_clear(c, turn);
    if (question_is_renewed(books_sweep(&c->books, f->sweep), f)) {
        schedule_drop_ready(turn);
        turn->stale = turn->asked > 0;
    }
    turn->ended_n += f->kind == FACT_ENDED && trial_states[f->state].final;
    if (f->kind == FACT_ENDED)
        schedule_note_run(turn, f->ran_ms);
    if (f->kind != FACT_METRICS && f->kind != FACT_STOPPING)
        schedule_touch(&c->schedule, turn);
    return 0;
}

void controller_record(struct controller *c, const struct event *ev, struct effects *out,
                       struct fact *f)
{
    struct err err = {0};
    check(controller_record_try(c, ev, out, f, &err) == 0);
}

void controller_record_sweep(struct controller *c, const struct event *ev, struct book_sweep *s,
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

void controller_record_asked(struct controller *c, const struct event *ev, struct book_sweep *s,
                             struct effects *out)
{
    schedule_revive(&c->schedule, schedule_find(&c->schedule, s->id));
    controller_record_sweep(c, ev, s, SWEEP_RUNNING,
                            books_sweep_asked_by(s->reason) ? s->reason : REASON_OK, NULL, out);
}

void controller_record_cancelled(struct controller *c, const struct event *ev, struct book_sweep *s,
                                 enum trial_reason reason, struct effects *out)
{
    for (struct book_trial *t; (t = books_first_pending(s)) != NULL;)
        controller_record(c, ev, out,
                          &(struct fact){.kind = FACT_TRIAL_STATE,
                                         .sweep = s->id,
                                         .trial = t->number,
                                         .state = TRIAL_CANCELLED,
                                         .reason = reason});
}
