/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/lookup.h"

#include "orchestrator/code/snapshots.h"
#include "orchestrator/view/tags/view_tags.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_repeat.h"
#include "orchestrator/view/view_retry.h"

static int retry_look_up(const struct lookup *l, struct view *view, struct event *ev,
                         struct err *err)
{
    struct event_retry *retry = arena_alloc(l->arena, sizeof *retry);
    *retry = *ev->retry;
    ev->retry = retry;
    return view_retry(view, l->arena, ev->sweep, retry, err);
}

static int tags_look_up(const struct lookup *l, struct view *view, struct event *ev,
                        struct err *err)
{
    struct event_tag *tag = arena_alloc(l->arena, sizeof *tag);
    *tag = *ev->tag;
    ev->tag = tag;
    return view_tags_had(view, l->arena, ev->sweep, tag->trials, &tag->had, err);
}

static int repeat_look_up(const struct lookup *l, struct view *view, struct event *ev,
                          struct err *err)
{
    struct event_enqueue *enqueue = arena_alloc(l->arena, sizeof *enqueue);
    const struct book_sweep *sweep = books_sweep(&l->core->books, ev->sweep);
    *enqueue = *ev->enqueue;
    ev->enqueue = enqueue;
    if (!sweep || sweep->fault) /* the controller says so */
        return 0;
    return view_repeat(view, l->arena, ev->sweep, &sweep->spec->space, enqueue, err);
}

static int sweep_look_up(const struct lookup *l, struct event *ev, struct err *err)
{
    struct book_sweep *ended = NULL;
    struct view *view = NULL;
    int rc = view_open(l->dir, &view, err);
    if (rc != 0)
        return rc;
    if (!books_sweep(&l->core->books, ev->sweep))
        rc = store_load_ended(l->store, view, ev->sweep, &ended, err);
    if (ended)
        controller_take_sweep(l->core, ended, ev->now_ms);
    if (rc == 0 && ev->kind == EVENT_RETRY)
        rc = retry_look_up(l, view, ev, err);
    if (rc == 0 && ev->kind == EVENT_TAG)
        rc = tags_look_up(l, view, ev, err);
    if (rc == 0 && ev->kind == EVENT_ENQUEUE && ev->enqueue->times > 0)
        rc = repeat_look_up(l, view, ev, err);
    view_close(view);
    return rc;
}

/* Its trials could never start. */
static int snapshot_look_up(const struct lookup *l, const struct event *ev, struct err *err)
{
    const char *snapshot = value_get_str(ev->create->project, "snapshot", NULL);
    if (!snapshot || snapshots_has(l->dir, snapshot))
        return 0;
    return err_set(err, ERR_NOT_FOUND, "the store does not have the sweep's snapshot %.12s…",
                   snapshot);
}

int lookup_event(const struct lookup *l, struct event *ev, struct err *err)
{
    switch (ev->kind) {
    case EVENT_RETRY:
    case EVENT_EDIT:
    case EVENT_ENQUEUE:
    case EVENT_TAG:
        return sweep_look_up(l, ev, err);
    case EVENT_CREATE:
        return snapshot_look_up(l, ev, err);
    default:
        return 0;
    }
}
