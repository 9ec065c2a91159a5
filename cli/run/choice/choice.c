/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/choice/choice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/invocation.h"
#include "cli/place.h"
#include "cli/print/terminal.h"
#include "cli/run/choice/begin.h"
#include "cli/run/choice/project.h"
#include "cli/store_path.h"
#include "orchestrator/core/controller/controller_end.h"
#include "orchestrator/store/store.h"
#include "orchestrator/view/view.h"

bool choice_is_success(const struct book_sweep *s)
{
    bool finished = s && s->counts[TRIAL_FINISHED] > 0 && s->metric_streak == 0;
    return finished || (s && s->best.known);
}

static struct begin choice_begin(const struct choice *c)
{
    return (struct begin){c->spec, c->named, &c->at, c->workdir};
}

/* Finds the changes in the sweep's spec since it began, and the sweep's state. */
static int choice_compare(struct choice *c, const struct invocation *inv, struct view *view,
                          struct err *err)
{
    struct books books;
    struct buf another;
    books_init(&books);
    buf_init(&another, SIZE_MAX);
    buf_addf(&another, "besom run --new %s", c->again);
    int rc = store_load_beside(view, c->id, &books, err);
    const struct book_sweep *s = rc == 0 ? books_sweep(&books, c->id) : NULL;
    if (rc == 0 && !s)
        rc = err_set(err, ERR_DAMAGED, "the store has no sweep %s", c->id);
    if (rc == 0 && s->fault)
        rc = err_set(err, ERR_SPEC,
                     "this version of besom cannot read the spec of sweep %s: %s; `besom run --new "
                     "%s` starts another sweep, `besom cancel %s` ends this one",
                     c->id, s->fault, c->again, c->id);
    else if (rc == 0)
        rc = spec_change_find(&(struct spec_change_from){c->id, s->name, s->path, s->workdir,
                                                         s->seed, s->spec->content},
                              c->spec, &c->at, c->named, buf_str(&another), &c->change, err);
    uint64_t seed = s ? s->seed : 0;
    if (rc == 0)
        rc = invocation_number(inv, "seed", 0, UINT64_MAX, &seed, err);
    if (rc == 0 && seed != s->seed)
        rc = err_set(err, ERR_USAGE,
                     "sweep %s of %s has the seed %" PRIu64 "; `besom run --new --seed %" PRIu64
                     " %s` starts another",
                     c->id, c->named, s->seed, seed, c->again);
    if (s)
        c->state = (enum sweep_state)s->state;
    if (s)
        c->retry = controller_end_retry(s);
    c->succeeded = choice_is_success(s);
    books_done(&books);
    buf_done(&another);
    return rc;
}

static int choice_find(struct choice *c, const struct invocation *inv, struct view *view,
                       struct err *err)
{
    const char *asked = invocation_option(inv, "sweep");
    if (c->settled)
        return 0;
    if (c->new)
        return ERR_NOT_FOUND;
    if (!asked)
        return view_find_path(view, c->at.path, c->at.place[0] ? c->at.place : NULL, c->id, err);
    int rc = view_find_sweep(view, asked, c->id, err);
    return rc == ERR_NOT_FOUND ? ERR_USAGE : rc;
}

int choice_make(struct choice *c, const struct invocation *inv, struct err *err)
{
    struct view *view = NULL;
    choice_done(c);
    c->create = (struct fact){0};
    c->shown = c->resume = false;
    c->retry = (struct event_retry){0};
    const struct begin b = choice_begin(c);
    int rc = view_open(c->store, &view, err);
    if (rc != 0)
        return rc;
    rc = choice_find(c, inv, view, err);
    bool begins = rc == ERR_NOT_FOUND;
    if (begins)
        rc = begin_sweep(&b, inv, view, &c->arena, c->id, &c->create, err);
    else if (rc == 0)
        rc = choice_compare(c, inv, view, err);
    view_close(view);
    if (rc != 0 || begins)
        return rc;
    c->shown = c->state == SWEEP_CANCELLED || (c->state == SWEEP_FINISHED && !c->change.edit.sweep);
    /* A user who paused the sweep while this process followed it did not ask to resume it. */
    c->resume = c->state == SWEEP_PAUSED && !c->settled;
    return 0;
}

void choice_done(struct choice *c)
{
    spec_change_done(&c->change);
    c->change = (struct spec_change){0};
    arena_done(&c->arena);
    arena_init(&c->arena);
}

static void at_once_say(const struct choice *c, uint64_t slots)
{
    if (slots > 0)
        fprintf(stderr, ", %" PRIu64 " at a time", place_at_once(c->spec, slots));
}

static void paused_say(const struct choice *c)
{
    struct buf store;
    buf_init(&store, SIZE_MAX);
    store_path_option(&store, c->store);
    terminal_print(stderr, "Sweep %s of %s is paused; besom resume %s%s continues it.\n", c->id,
                   c->named, c->id, buf_str(&store));
    buf_done(&store);
}

void choice_say(const struct choice *c, uint64_t slots, bool quiet)
{
    const struct begin b = choice_begin(c);
    if (c->create.sweep) {
        if (!quiet)
            begin_say(stderr, &b, &c->create, slots);
        project_say(stderr, c->create.project);
        return;
    }
    if (c->shown) {
        terminal_print(stderr, "Sweep %s of %s %s; `besom run --new %s` starts another.\n", c->id,
                       c->named, c->state == SWEEP_FINISHED ? "is finished" : "was cancelled",
                       c->again);
        return;
    }
    spec_change_print(stderr, &c->change, c->named);
    if (c->state == SWEEP_FINISHED)
        return;
    if (c->state == SWEEP_PAUSED && !c->resume) {
        paused_say(c);
        return;
    }
    terminal_print(stderr, "Continuing sweep %s of %s", c->id, c->named);
    at_once_say(c, slots);
    fputs(".\n", stderr);
}
