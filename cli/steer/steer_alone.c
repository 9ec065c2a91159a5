/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/steer_alone.h"

#include <stdio.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/print/shell_word.h"
#include "cli/print/terminal.h"
#include "cli/run/local.h"
#include "cli/steer/steer_request.h"
#include "cli/store_path.h"

struct steering {
    const char *sweep;
    const struct steer_request *request;
    bool replied;
    int code;
    struct buf *message;
    struct err *err;
};

static void on_reply(void *arg, int code, const char *text, const struct value *answer)
{
    (void)answer;
    struct steering *s = arg;
    s->replied = true;
    s->code = code;
    if (code != 0)
        s->code = err_set(s->err, code, "%s", text);
    else
        buf_adds(s->message, text);
}

/* Whether the request stops a trial, and it has not ended yet. */
static bool trial_runs(const struct steer_request *request, const struct book_sweep *s)
{
    const struct book_trial *t = request->one && s ? books_trial(s, request->trial) : NULL;
    return t && t->state == TRIAL_RUNNING;
}

/* Leaves a sweep that has ended only after its last trial has ended. */
static enum local_next on_changed(void *arg, const struct books *books)
{
    const struct steering *steering = arg;
    const struct book_sweep *s = books_sweep(books, steering->sweep);
    if (!steering->replied || trial_runs(steering->request, s))
        return LOCAL_CONTINUE;
    if (!s || !sweep_states[s->state].final)
        return LOCAL_LEAVE;
    return s->counts[TRIAL_RUNNING] == 0 ? LOCAL_FINISH : LOCAL_CONTINUE;
}

static void on_warned(void *arg, const char *text)
{
    (void)arg;
    fputs("besom: ", stderr);
    terminal_say(text);
}

/* Adds a hint to the controller's reply: nothing happens until a process runs the sweep. */
static void say_left(struct buf *message, const struct books *books, const char *sweep,
                     const char *store_dir)
{
    const struct book_sweep *s = books_sweep(books, sweep);
    if (!s || (s->state != SWEEP_RUNNING && s->state != SWEEP_STOPPING))
        return;
    /* No process ran the sweep before this command either. */
    bool was_left = strcmp(buf_str(message), "is running already") == 0;
    if (was_left)
        buf_clear(message);
    buf_adds(message, was_left ? "is interrupted: continue it with besom run "
                               : "; no process runs it: continue it with besom run ");
    struct buf word;
    buf_init(&word, SIZE_MAX);
    shell_word(&word, s->path);
    display_clean(message, buf_str(&word), word.len);
    buf_done(&word);
    store_path_option(message, store_dir);
}

static struct event event_of(const struct steer_request *request)
{
    struct event ev = {.kind = EVENT_COMMAND,
                       .sweep = request->sweep,
                       .trial = request->trial,
                       .retry = request->retry,
                       .enqueue = request->enqueue,
                       .tag = request->tag,
                       .create = request->fact,
                       .token = request->token};
    if (request->one)
        ev.kind = EVENT_STOP;
    else if (request->retry)
        ev.kind = EVENT_RETRY;
    else if (request->enqueue)
        ev.kind = EVENT_ENQUEUE;
    else if (request->tag)
        ev.kind = EVENT_TAG;
    else if (request->fact)
        ev.kind = request->fact->kind == FACT_TOKEN_CREATED ? EVENT_TOKEN_CREATE : EVENT_EDIT;
    else if (request->token)
        ev.kind = EVENT_TOKEN_REVOKE;
    else
        ev.command = (enum controller_command)event_command_find(request->op);
    return ev;
}

int steer_alone(const char *store_dir, const struct steer_request *request, struct buf *message,
                struct err *err)
{
    const char *sweep = request->sweep;
    struct steering steering = {.sweep = sweep, .request = request, .message = message, .err = err};
    struct store *store = NULL;
    struct local *l = NULL;
    struct local_config config = {.dir = store_dir,
                                  .sweep = sweep,
                                  .slots = 0,
                                  .changed = on_changed,
                                  .warned = on_warned,
                                  .arg = &steering};
    int rc = store_open(store_dir, false, &store, err);
    if (rc == 0)
        rc = local_start(&config, store, &l, err);
    if (rc != 0)
        return rc;
    const struct event ev = event_of(request);
    driver_ask(local_driver(l), &ev, &(struct driver_asker){.fn = on_reply, .arg = &steering});
    local_run(l);
    if (steering.replied && steering.code == 0 && !request->tag)
        say_left(message, driver_books(local_driver(l)), sweep, store_dir);
    local_free(l);
    return steering.replied ? steering.code
                            : err_set(err, ERR_IO, "interrupted before it was done");
}
