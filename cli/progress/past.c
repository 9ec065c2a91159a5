/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/past.h"

#include <math.h>

#include "orchestrator/view/pace/view_pace.h"
#include "orchestrator/view/view.h"

void past_done(struct past *p)
{
    chance_past_done(&p->results);
}

/* Without the store's trials where they cannot be read: the next command says why. */
static void past_begin(struct past *p, const char *store, const struct book_sweep *s)
{
    struct view *view = NULL;
    struct err err = {0};
    if (p->begun)
        return;
    p->begun = true;
    if (view_open(store, &view, &err) == 0 &&
        view_pace_past(view, s->id, s->spec->metric.maximize, &p->results, &p->seq, &err) != 0)
        p->seq = 0;
    if (view)
        view_close(view);
}

void past_add(struct past *p, const char *store, const struct book_sweep *s, const struct fact *f)
{
    const struct book_trial *t = books_trial(s, f->trial);
    past_begin(p, store, s);
    if (f->seq <= p->seq || !t || (f->state != TRIAL_FINISHED && f->state != TRIAL_STOPPED))
        return;
    chance_past_add(&p->results, s->spec->metric.maximize,
                    t->objective.known ? t->objective.value : NAN);
}

const struct chance_past *past_read(struct past *p, const char *store, const struct book_sweep *s)
{
    past_begin(p, store, s);
    return &p->results;
}
