/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_repeat.h"

#include "sweep/replicate/replicate.h"

static void proposal_see(void *arg, const struct view_proposal *p)
{
    replicate_see(arg, p->params);
}

int view_repeat(struct view *v, struct arena *a, const char *sweep, const struct space *space,
                struct event_enqueue *enqueue, struct err *err)
{
    struct replicate r;
    struct value *trial = NULL;
    uint64_t seq;
    int rc = view_trial(v, a, sweep, enqueue->of, &trial, err);
    if (rc != 0)
        return rc;
    replicate_init(&r, a, space, value_get(trial, "params"));
    rc = view_proposals(v, sweep, NULL, &seq, proposal_see, &r, err);
    enqueue->seed = r.seed < space->n ? space->parameters[r.seed].name : NULL;
    if (rc != 0)
        return rc;
    struct err lacks = {0};
    rc = replicate_make(&r, enqueue->times, &enqueue->all, &enqueue->left, &lacks);
    if (rc != 0)
        enqueue->lacks = arena_strdup(a, lacks.text);
    return 0;
}
