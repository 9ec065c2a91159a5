/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/controller_stop.h"

#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/steer/effect.h"

static void stop_reply(const struct event *ev, int code, const char *text, struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = code;
    e->text = text;
}

/* What it has reported counts as the result of a trial that was stopped early. */
static const char *stop_running(struct controller *c, const struct event *ev, struct book_sweep *s,
                                struct book_trial *t, struct effects *out)
{
    bool before = t->attempt.state != ATTEMPT_LAUNCHED;
    controller_launch_stop(c, ev, s, t, REASON_USER, out);
    return before ? "is being stopped already" : "is being stopped; its sweep continues";
}

static const char *stop_pending(struct controller *c, const struct event *ev,
                                const struct book_sweep *s, const struct book_trial *t,
                                struct effects *out)
{
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_TRIAL_STATE,
                                     .sweep = s->id,
                                     .trial = t->number,
                                     .state = TRIAL_CANCELLED,
                                     .reason = REASON_USER});
    return "will not run; its sweep continues";
}

static void stop_several(struct controller *c, const struct event *ev, struct book_sweep *s,
                         struct effects *out)
{
    unsigned long long n = 0;
    for (size_t i = 0; s && i < ev->trials_n; i++) {
        struct book_trial *t = books_trial(s, ev->trials[i]);
        if (!t || trial_states[t->state].final) /* one of the list that was given twice, too */
            continue;
        t->state == TRIAL_RUNNING ? stop_running(c, ev, s, t, out) : stop_pending(c, ev, s, t, out);
        n++;
    }
    stop_reply(
        ev, n > 0 ? 0 : ERR_STATE,
        n > 0 ? arena_printf(out->arena, "stops %llu trial%s, and continues", n, n == 1 ? "" : "s")
              : "none of these trials is running or pending",
        out);
}

void controller_stop(struct controller *c, const struct event *ev, struct effects *out)
{
    struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    struct book_trial *t = s ? books_trial(s, ev->trial) : NULL;
    bool ended = !t || trial_states[t->state].final; /* the store may not have its end yet */
    if (ev->trials && ev->dry && s)
        effect_stop_several(ev, s, out);
    else if (ev->trials)
        stop_several(c, ev, s, out);
    else if (ended)
        stop_reply(ev, ERR_STATE,
                   arena_printf(out->arena, "trial %s-%llu has ended, or never was", ev->sweep,
                                (unsigned long long)ev->trial),
                   out);
    else if (ev->dry)
        effect_stop(ev, t, out);
    else
        stop_reply(ev, 0,
                   t->state == TRIAL_RUNNING ? stop_running(c, ev, s, t, out)
                                             : stop_pending(c, ev, s, t, out),
                   out);
}
