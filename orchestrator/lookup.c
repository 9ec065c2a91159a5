/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/lookup.h"

#include "base/limits.h"
#include "base/mem.h"
#include "orchestrator/code/snapshots.h"
#include "orchestrator/store/load/store_load_held.h"
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

static bool held_is_attempt(const struct value *item)
{
    return item->kind == VALUE_LIST && item->list.n == 3 &&
           item->list.items[0]->kind == VALUE_STR && item->list.items[1]->kind == VALUE_INT &&
           item->list.items[2]->kind == VALUE_INT;
}

/* A trial that ended as lost comes back to the books, with its sweep. */
static int held_look_up_one(const struct lookup *l, struct view *view, struct event *ev,
                            struct event_held *one, struct err *err)
{
    struct store_held held = {.about = *one};
    struct book_sweep *ended = NULL;
    int rc = store_load_held(view, l->arena, &held, err);
    if (rc == 0 && held.lost && !books_sweep(&l->core->books, one->sweep))
        rc = store_load_ended(l->store, view, one->sweep, &ended, err);
    if (rc == ERR_DAMAGED) { /* of one sweep: the agent's other trials continue */
        held.about.fault = arena_strdup(l->arena, err->text);
        rc = 0;
    }
    if (ended)
        controller_take_sweep(l->core, ended, ev->now_ms);
    if (rc == 0 && held.lost && books_sweep(&l->core->books, one->sweep))
        controller_take_trial(l->core, one->sweep, held.lost, held.rungs, held.rungs_n);
    else if (held.lost)
        books_trial_free(held.lost);
    mem_free(held.rungs);
    *one = held.about;
    return rc;
}

/* The attempts that an agent holds, and whose trials the books do not have. */
static int held_look_up(const struct lookup *l, struct event *ev, struct err *err)
{
    const struct value *list = ev->message->held;
    size_t n = list->kind == VALUE_LIST && list->list.n <= LIMIT_AGENT_HELD ? list->list.n : 0;
    struct event_held *held = arena_alloc(l->arena, (n + 1) * sizeof *held);
    struct view *view = NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        held[i] = (struct event_held){0};
        if (!held_is_attempt(list->list.items[i])) /* the core refuses the message */
            continue;
        struct value *const *item = list->list.items[i]->list.items;
        const char *sweep = item[0]->s.ptr;
        const struct book_sweep *s = books_sweep(&l->core->books, sweep);
        if (s && books_trial(s, (uint64_t)item[1]->i))
            continue;
        held[i] = (struct event_held){
            .sweep = sweep, .trial = (uint64_t)item[1]->i, .attempt = (uint64_t)item[2]->i};
        rc = view ? 0 : view_open(l->dir, &view, err);
        if (rc == 0)
            rc = held_look_up_one(l, view, ev, &held[i], err);
    }
    if (view)
        view_close(view);
    ev->held = held;
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
    case EVENT_MESSAGE:
        return ev->message->type == MESSAGE_HELLO ? held_look_up(l, ev, err) : 0;
    default:
        return 0;
    }
}
