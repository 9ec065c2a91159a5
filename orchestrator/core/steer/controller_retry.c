/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/steer/controller_retry.h"

#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/steer/effect.h"

static bool trial_has_result(const struct book_sweep *s, const struct fact *f)
{
    return f->state == TRIAL_STOPPED ||
           (f->state == TRIAL_FINISHED && (f->measured || !s->spec->metric.name));
}

static bool retry_is_wanted(const struct book_sweep *s, const struct event_retry *retry,
                            const struct fact *f)
{
    return retry->states & MACHINE_TO(f->state) && !trial_has_result(s, f) &&
           machine_may_move(trial_states, f->state, TRIAL_PENDING);
}

/* Why a trial that was requested by number cannot run again; NULL if it can. The books may know of
 * an end that the store does not have yet. */
static const char *retry_obstacle(const struct book_sweep *s, const struct event_retry *retry,
                                  const struct fact *f, struct effects *out)
{
    const struct book_trial *t = books_trial(s, f->trial);
    int state = t ? t->state : f->state;
    unsigned long long number = f->trial;
    if (!trial_states[state].final)
        return arena_printf(out->arena, "trial %s-%llu is %s", s->id, number,
                            trial_states[state].name);
    if (t)
        return arena_printf(out->arena, "trial %s-%llu has just ended: ask again in a moment",
                            s->id, number);
    if (retry_is_wanted(s, retry, f))
        return NULL;
    if (trial_has_result(s, f))
        return arena_printf(out->arena, "trial %s-%llu is %s: its result counts", s->id, number,
                            trial_states[state].name);
    return arena_printf(out->arena, "trial %s-%llu is %s", s->id, number, trial_states[state].name);
}

static int retry_refuse(const struct event *ev, const struct book_sweep *s, const char **text,
                        struct effects *out)
{
    const struct event_retry *retry = ev->retry;
    if (!s) {
        *text = arena_printf(out->arena, "this store has no sweep %s", ev->sweep);
        return ERR_NOT_FOUND;
    }
    if (s->fault) {
        *text =
            arena_printf(out->arena, "this version of besom cannot read the spec of sweep %s: %s",
                         s->id, s->fault);
        return ERR_SPEC;
    }
    if (s->state == SWEEP_STOPPING) {
        *text = arena_printf(out->arena, "sweep %s is stopping: wait until its trials have ended",
                             s->id);
        return ERR_STATE;
    }
    for (size_t i = 0; retry->numbers && retry->quick_n == 0 && i < retry->trials_n; i++)
        if ((*text = retry_obstacle(s, retry, &retry->trials[i], out)) != NULL)
            return ERR_STATE;
    if (retry->numbers && retry->trials_n < retry->numbers_n) {
        *text = arena_printf(out->arena, "sweep %s does not have all of these trials", s->id);
        return ERR_NOT_FOUND;
    }
    return 0;
}

static uint64_t retry_trials(struct controller *c, const struct event *ev, struct book_sweep *s,
                             struct effects *out)
{
    const struct event_retry *retry = ev->retry;
    uint64_t n = 0;
    for (size_t i = 0; i < retry->trials_n; i++) {
        struct fact f = retry->trials[i];
        if (!retry_is_wanted(s, retry, &f) || books_trial(s, f.trial))
            continue;
        if (n == 0 && sweep_states[s->state].final)
            controller_record_asked(c, ev, s, out);
        f.kind = FACT_RETRIED;
        f.sweep = s->id;
        controller_record(c, ev, out, &f);
        n++;
    }
    return n;
}

static const char *retry_none(const struct book_sweep *s, const struct event_retry *retry,
                              struct effects *out)
{
    bool failed = retry->states & MACHINE_TO(TRIAL_FAILED),
         lost = retry->states & MACHINE_TO(TRIAL_LOST);
    const char *what = failed && lost ? "failed or lost"
                       : failed       ? "failed"
                       : lost         ? "lost"
                                      : "such";
    if (s->counts[TRIAL_CANCELLED] == 0)
        return arena_printf(out->arena, "has no %s trial: nothing runs again", what);
    return arena_printf(
        out->arena,
        "has no %s trial: nothing runs again; name the cancelled ones: besom retry %s-NUMBER", what,
        s->id);
}

static void retry_count(const struct event *ev, const struct book_sweep *s, struct effects *out)
{
    const struct event_retry *retry = ev->retry;
    uint64_t *numbers = arena_alloc(out->arena, (retry->trials_n + 1) * sizeof *numbers);
    size_t n = 0;
    for (size_t i = 0; i < retry->trials_n; i++)
        if (retry_is_wanted(s, retry, &retry->trials[i]) && !books_trial(s, retry->trials[i].trial))
            numbers[n++] = retry->trials[i].trial;
    if (n > 0)
        effect_retry(ev, s, numbers, n, out);
    else
        effect_reply(ev, 0, retry_none(s, retry, out), NULL, out);
}

void controller_retry(struct controller *c, const struct event *ev, struct effects *out)
{
    struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    const char *text = NULL;
    int code = retry_refuse(ev, s, &text, out);
    if (code == 0 && ev->dry) {
        retry_count(ev, s, out);
        return;
    }
    uint64_t n = code == 0 ? retry_trials(c, ev, s, out) : 0;
    if (code == 0)
        text = n == 0 ? retry_none(s, ev->retry, out)
                      : arena_printf(out->arena, "runs %llu trial%s again%s", (unsigned long long)n,
                                     n == 1 ? "" : "s",
                                     s->state == SWEEP_PAUSED ? " once it is resumed"
                                     : schedule_find(&c->schedule, s->id)->admitted
                                         ? ""
                                         : ": continue it with besom run");
    struct effect *e = effects_add(out, EFFECT_REPLY);
    e->request = ev->request;
    e->code = code;
    e->text = text;
}
