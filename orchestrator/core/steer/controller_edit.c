/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/controller_edit.h"

#include <string.h>

#include "orchestrator/core/controller/controller_budget.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/controller/controller_sweep.h"
#include "orchestrator/core/edit.h"
#include "orchestrator/core/steer/effect.h"

static void edit_refused_add(void *arg, enum edit_kind kind, const char *path,
                             const struct value *old, const struct value *new)
{
    struct buf *text = arg;
    (void)old, (void)new;
    if (kind == EDIT_REFUSED)
        buf_addf(text, "%s%s", text->len ? ", " : "", path);
}

/* The working directory where it changes, which then is absolute; else NULL. */
static const char *edit_workdir(const struct book_sweep *s, const struct fact *f)
{
    const char *new = value_get_str(f->content, "workdir", NULL);
    const char *old = value_get_str(s->spec->content, "workdir", NULL);
    return new && (!old || strcmp(old, new) != 0) ? new : NULL;
}

/* *ret_changes: how many keys of the spec differ. */
static int edit_judge(const struct book_sweep *s, const struct fact *f, size_t *ret_changes,
                      struct err *err)
{
    size_t refused;
    int rc = controller_sweep_judge(f, err);
    if (rc != 0)
        return rc;
    if (s->fault)
        return err_set(err, ERR_SPEC, "this version of besom cannot read the spec of sweep %s: %s",
                       s->id, s->fault);
    struct buf keys;
    buf_init(&keys, 160);
    *ret_changes = edit_compare(s->spec->content, f->content, edit_refused_add, &keys, &refused);
    if (refused > 0)
        rc = err_set(err, ERR_SPEC,
                     "sweep %s cannot change %s: its trials could no longer be compared", s->id,
                     buf_peek(&keys));
    buf_done(&keys);
    if (rc == 0 && s->snapshot && edit_workdir(s, f))
        rc = err_set(err, ERR_SPEC,
                     "sweep %s cannot change workdir: its trials run in its snapshot", s->id);
    return rc;
}

/* `until` may be a time of day, which means the next such time after it was written. If the text
 * has not changed, the moment has not changed. */
static void edit_keep_until(const struct book_sweep *s, struct fact *f)
{
    const char *now = value_get_str(value_get(f->content, "budget"), "until", "");
    const char *before = s->spec->budget.until ? s->spec->budget.until : "";
    if (strcmp(now, before) == 0)
        f->until_ms = s->until_ms;
}

/* A sweep that finished by itself, or is about to, continues if it has more to do: a larger run_cap,
 * more values, another target. A sweep that somebody ended stays ended. */
static bool edit_goes_on(const struct event *ev, const struct book_sweep *s)
{
    bool stops = s->state == SWEEP_STOPPING;
    uint64_t cap = s->spec->run_cap > 0 ? (uint64_t)s->spec->run_cap : UINT64_MAX;
    bool more = s->proposed < cap && (s->total == 0 || s->proposed < s->total + s->enqueued);
    return (stops || s->state == SWEEP_FINISHED) && books_sweep_asked_by(s->reason) &&
           (more || (stops && s->counts[TRIAL_PENDING] > 0)) && !books_sweep_meets_target(s) &&
           !controller_budget_is_spent(ev, s);
}

/* Has agents told the new spec before the next launch. */
static void edit_tell(struct controller *c, const struct book_sweep *s)
{
    void *value;
    for (size_t at = 0; map_next(&c->fleet.links, &at, &value);)
        fleet_tell_again(value, s->id);
}

void controller_edit_continue(struct controller *c, const struct event *ev, struct book_sweep *s,
                              struct effects *out)
{
    if (!edit_goes_on(ev, s))
        return;
    schedule_revive(&c->schedule, schedule_find(&c->schedule, s->id));
    controller_record_sweep(c, ev, s, SWEEP_RUNNING, REASON_USER, NULL, out);
}

/* Drops the proposals that were made from the old spec, and revives the sweep if it can
 * continue. met: some trial had reached the old target. */
static void edit_take_up(struct controller *c, const struct event *ev, struct book_sweep *s,
                         bool met, struct effects *out)
{
    struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    schedule_drop_ready(turn);
    turn->stale = turn->asked > 0;
    turn->exhausted = turn->spent = false;
    bool may_start = s->state == SWEEP_RUNNING || s->state == SWEEP_PAUSED;
    /* MUTANT target-edited: may_start && !s->only_asked => false */
    if (may_start && !s->only_asked && !met && books_sweep_meets_target(s))
        controller_record_sweep(c, ev, s, SWEEP_STOPPING, REASON_TARGET, NULL, out);
    else
        controller_edit_continue(c, ev, s, out);
}

static const char *edit_reply(const struct controller *c, const struct book_sweep *s,
                              enum sweep_state before, struct arena *a)
{
    if (sweep_states[s->state].final)
        return arena_printf(a, "now uses the new spec and stays %s", sweep_states[s->state].name);
    if (s->state == SWEEP_STOPPING && before != SWEEP_STOPPING)
        return "now uses the new spec and has reached its target: no new trials start";
    if (!sweep_states[before].final && before != SWEEP_STOPPING)
        return "now uses the new spec";
    if (s->state == SWEEP_STOPPING)
        return "now uses the new spec and is still stopping";
    return schedule_find(&c->schedule, s->id)->admitted
               ? "now uses the new spec and has more to run"
               : "now uses the new spec and has more to run: continue it with besom run";
}

void controller_edit(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fact f = *ev->create;
    struct err err = {0};
    struct book_sweep *s = books_sweep(&c->books, f.sweep);
    size_t changes = 0;
    f.kind = FACT_SWEEP_EDITED;
    if (s)
        edit_keep_until(s, &f);
    int rc = s ? edit_judge(s, &f, &changes, &err)
               : err_set(&err, ERR_NOT_FOUND, "this store has no sweep %s", f.sweep);
    if (s && ev->dry) {
        effect_edit(ev, s, rc == 0 ? &(struct err){0} : &err, out);
        return;
    }
    if (rc == 0 && edit_workdir(s, &f))
        f.workdir = edit_workdir(s, &f);
    enum sweep_state before = s ? (enum sweep_state)s->state : SWEEP_RUNNING;
    bool met = s && !s->fault && books_sweep_meets_target(s);
    bool renamed = s && strcmp(f.name ? f.name : "", s->name ? s->name : "") != 0;
    if (rc == 0)
        rc = controller_record_try(c, ev, out, &f, &err);
    if (rc == 0)
        edit_tell(c, s);
    if (rc == 0 && changes > 0)
        edit_take_up(c, ev, s, met, out);
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = rc;
    if (rc != 0)
        e->text = arena_strdup(out->arena, err.text);
    else if (changes == 0 && renamed)
        e->text = f.name ? arena_printf(out->arena, "is named %s", f.name) : "has no name";
    else
        e->text = edit_reply(c, s, before, out->arena);
}
