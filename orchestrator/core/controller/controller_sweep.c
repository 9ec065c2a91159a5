/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_sweep.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "language/spec_read.h"
#include "orchestrator/core/controller/controller_budget.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/steer/effect.h"

enum { TOLD_BYTES_MAX = LIMIT_FRAME_BYTES - (64 << 10) };

static void sweep_reply(const struct event *ev, int code, const char *text, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = code;
    e->text = text;
}

/* The description of a sweep for agents is one message, which must fit into a frame. */
static int sweep_fits(const struct value *content, const struct spec *spec, struct err *err)
{
    static const char *const told[] = {"command", "program", "env", "workdir", "report"};
    struct buf text;
    buf_init(&text, TOLD_BYTES_MAX);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        const struct value *v = value_get(content, told[i]);
        if (v)
            json_print(&text, v, JSON_COMPACT);
    }
    if (spec->flags)
        json_print(&text, spec->flags, JSON_COMPACT);
    bool fits = !text.overflow;
    buf_done(&text);
    if (fits)
        return 0;
    return err_set(err, ERR_LIMIT,
                   "command, flag, program, env, workdir and report take more than %d bytes "
                   "together",
                   TOLD_BYTES_MAX);
}

/* Checks a new spec more strictly than a stored one. */
int controller_sweep_judge(const struct fact *f, struct err *err)
{
    struct arena scratch;
    struct diags diags;
    arena_init(&scratch);
    diags_init(&diags, &scratch, f->path);
    struct spec *spec = spec_read_content(f->content, &diags);
    int rc = spec ? sweep_fits(f->content, spec, err)
                  : err_set(err, ERR_SPEC, "sweep %s: its spec cannot be read: %s", f->sweep,
                            diags.n ? diags.items[0].message : "no reason given");
    spec_free(spec);
    arena_done(&scratch);
    return rc;
}

void controller_sweep_create(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fact f = *ev->create;
    struct err err = {0};
    f.kind = FACT_SWEEP_CREATED;
    int rc = controller_sweep_judge(&f, &err);
    if (rc == 0)
        rc = controller_record_try(c, ev, out, &f, &err);
    if (rc == 0) {
        struct schedule_sweep *turn = schedule_find(&c->schedule, f.sweep);
        turn->admitted = true;
        turn->most = ev->most;
    }
    sweep_reply(ev, rc, rc == 0 ? "created" : arena_strdup(out->arena, err.text), out);
}

void controller_sweep_admit(struct controller *c, const struct event *ev)
{
    void *value;
    c->admit_all |= !ev->sweep;
    for (size_t at = 0; map_next(&c->schedule.sweeps, &at, &value);) {
        struct schedule_sweep *turn = value;
        if (!c->admit_all && strcmp(turn->id, ev->sweep) != 0)
            continue;
        turn->admitted = true;
        turn->most = ev->most;
    }
    schedule_touch_all(&c->schedule);
}

static void sweep_cancel(struct controller *c, const struct event *ev, struct book_sweep *s,
                         struct effects *out)
{
    controller_record_sweep(c, ev, s, SWEEP_CANCELLED, REASON_USER, NULL, out);
    controller_record_cancelled(c, ev, s, REASON_USER, out);
    void *trial;
    for (size_t at = 0; map_next(&s->open, &at, &trial);) {
        struct book_trial *t = trial;
        if (t->state == TRIAL_RUNNING)
            controller_launch_stop(c, ev, s, t, REASON_USER, out);
    }
}

/* Runs a sweep that another process hands over or has left. A sweep that runs here already keeps
 * its limit. */
static const char *sweep_run(struct controller *c, const struct book_sweep *s, bool kept)
{
    struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    bool admitted = turn->admitted;
    turn->kept |= kept;
    if (admitted)
        return "is run already";
    turn->admitted = true;
    turn->most = 0;
    schedule_touch(&c->schedule, turn);
    return "runs";
}

/* Why a sweep that stops by itself, or would, cannot continue; NULL: it can. */
static const char *sweep_resume_obstacle(const struct event *ev, const struct book_sweep *s,
                                         struct arena *a)
{
    if (s->state != SWEEP_STOPPING || s->only_asked || s->fault)
        return NULL;
    const char *what = books_sweep_meets_target(s)         ? "reached its target"
                       : controller_budget_is_spent(ev, s) ? "spent its budget"
                                                           : NULL;
    return what ? arena_printf(a, "sweep %s has %s: change that with besom edit", s->id, what)
                : NULL;
}

void controller_sweep_command(struct controller *c, const struct event *ev, struct effects *out)
{
    static const struct {
        enum sweep_state to;
        const char *done;
    } commands[] = {
        [COMMAND_PAUSE] = {SWEEP_PAUSED, "paused: no new trials; running trials continue"},
        [COMMAND_RESUME] = {SWEEP_RUNNING, "resumed"},
        [COMMAND_STOP] = {SWEEP_STOPPING, "stops when the running trials have ended"},
        [COMMAND_CANCEL] = {SWEEP_CANCELLED, "cancelled"},
        [COMMAND_RUN] = {SWEEP_RUNNING, NULL},
        [COMMAND_KEEP] = {SWEEP_RUNNING, NULL},
    };
    struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    enum sweep_state to = commands[ev->command].to;
    int code = 0;
    const char *text = commands[ev->command].done, *obstacle;
    if (!s) {
        code = ERR_NOT_FOUND;
        text = arena_printf(out->arena, "this store has no unfinished sweep %s", ev->sweep);
    } else if (ev->command == COMMAND_RUN || ev->command == COMMAND_KEEP) {
        text = sweep_run(c, s, ev->command == COMMAND_KEEP);
    } else if (s->state == (int)to) {
        text = arena_printf(out->arena, "is %s already", sweep_states[to].name);
    } else if (sweep_states[s->state].final || !machine_may_move(sweep_states, s->state, (int)to)) {
        code = ERR_STATE;
        text = arena_printf(out->arena, "sweep %s is %s", s->id, sweep_states[s->state].name);
    } else if (s->fault && to == SWEEP_RUNNING) {
        code = ERR_SPEC;
        text = arena_printf(out->arena,
                            "this version of besom cannot read the spec of sweep %s: %s; cancel "
                            "the sweep, or continue it with the version that started it",
                            s->id, s->fault);
    } else if (to == SWEEP_RUNNING &&
               (obstacle = sweep_resume_obstacle(ev, s, out->arena)) != NULL) {
        code = ERR_STATE;
        text = obstacle;
    } else if (ev->dry) {
        effect_command(ev, s, out);
        return;
    } else if (to == SWEEP_CANCELLED) {
        sweep_cancel(c, ev, s, out);
    } else {
        /* A sweep that ran only what was asked for since its end does so again, and says so. */
        bool again = to == SWEEP_RUNNING && s->only_asked;
        controller_record_sweep(c, ev, s, to, again ? REASON_OK : REASON_USER, NULL, out);
        if (to == SWEEP_RUNNING) {
            struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
            turn->exhausted = turn->spent = false;
        }
    }
    sweep_reply(ev, code, text, out);
}
