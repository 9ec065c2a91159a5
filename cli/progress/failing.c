/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/failing.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"

void failing_init(struct failing *f)
{
    *f = (struct failing){0};
    arena_init(&f->arena);
    arena_init(&f->told);
    causes_init(&f->causes, &f->arena);
    suspect_init(&f->suspect);
}

void failing_done(struct failing *f)
{
    for (size_t i = 0; i < CAUSES_MAX; i++)
        mem_free(f->params[i]);
    suspect_done(&f->suspect);
    arena_done(&f->told);
    arena_done(&f->arena);
}

/* This cause is the newest. */
static void cause_move_front(struct failing *f, const struct cause *cause)
{
    size_t at = 0;
    while (at < PROGRESS_FAILURES - 1 && f->newest[at] && f->newest[at] != cause)
        at++;
    for (; at > 0; at--)
        f->newest[at] = f->newest[at - 1];
    f->newest[0] = cause;
}

/* The place of its cause; -1: there are too many others. */
static int cause_add(struct failing *f, const struct book_trial *t, const struct fact *end)
{
    const struct cause_end how = {end->reason, end->code, end->signal, end->text};
    const struct cause *cause = causes_add(&f->causes, end->trial, &how);
    if (!cause)
        return -1;
    size_t at = (size_t)(cause - f->causes.items);
    if (cause->trial == end->trial) {
        mem_free(f->params[at]);
        f->params[at] = mem_strdup(t->params);
    }
    cause_move_front(f, cause);
    return (int)at;
}

void failing_add(struct failing *f, const struct book_sweep *s, const struct fact *end)
{
    const struct book_trial *t = books_trial(s, end->trial);
    bool failed = end->state == TRIAL_FAILED;
    struct value *params;
    struct arena a;
    if (!t || !(failed || end->state == TRIAL_FINISHED || end->state == TRIAL_STOPPED))
        return;
    int cause = failed ? cause_add(f, t, end) : -1;
    arena_init(&a);
    if (json_parse(&a, t->params, strlen(t->params), &params, NULL) == 0)
        suspect_add(&f->suspect, params, cause);
    arena_done(&a);
    f->stale = true;
}

static const char *suspect_tell(struct failing *f, const struct cause *cause)
{
    struct arena *a = &f->told;
    size_t at = (size_t)(cause - f->causes.items);
    struct suspect_finding found;
    struct value *params;
    return json_parse(a, f->params[at], strlen(f->params[at]), &params, NULL) == 0 &&
                   suspect_find(&f->suspect, params, (int)at, &found)
               ? suspect_name(a, &found)
               : NULL;
}

void failing_tell(struct failing *f, struct progress *to)
{
    if (f->stale)
        arena_clear(&f->told);
    for (size_t i = 0; i < PROGRESS_FAILURES; i++) {
        if (f->stale)
            f->with[i] = f->newest[i] ? suspect_tell(f, f->newest[i]) : NULL;
        to->failures[i] = f->newest[i];
        to->failures_with[i] = f->with[i];
    }
    f->stale = false;
}
