/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/run_here.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/page/run_page.h"
#include "cli/place.h"
#include "cli/print/terminal.h"
#include "cli/run/detach.h"
#include "cli/run/run_keys.h"
#include "cli/run/run_outcome.h"

/* Reports failed trials, or trials without the metric, that became pending before the sweep was
 * resumed. */
static void say_retried(struct run *r, const struct book_sweep *s, const struct fact *f)
{
    r->retried_n += f->kind == FACT_RETRIED && r->choice.resume;
    if (f->kind != FACT_SWEEP_STATE || f->state != SWEEP_RUNNING || r->retried_n == 0)
        return;
    bool finished = r->choice.retry.states & MACHINE_TO(TRIAL_FINISHED), one = r->retried_n == 1;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "%" PRIu64 "%s trial%s", r->retried_n, finished ? "" : " failed",
             one ? "" : "s");
    if (finished) {
        buf_adds(&text, " that finished without ");
        display_clean(&text, s->spec->metric.name, strlen(s->spec->metric.name));
    }
    buf_addf(&text, " run%s again.", one ? "s" : "");
    r->retried_n = 0;
    if (!r->quiet && !r->json)
        run_progress_say(r->progress, buf_str(&text));
    buf_done(&text);
}

static void on_fact(void *arg, const struct fact *f)
{
    struct run *r = arg;
    const struct book_sweep *s = books_sweep(driver_books(r->driver), r->choice.id);
    if (!s || strcmp(f->sweep, r->choice.id) != 0)
        return;
    say_retried(r, s, f);
    run_progress_fact(r->progress, s, f);
    r->ended_n += f->kind == FACT_ENDED && trial_states[f->state].final;
}

/* Called after the store has the sweep: an earlier step may still refuse it. */
static void say_taken(struct run *r)
{
    if (!r->json)
        choice_say(&r->choice, r->slots, r->quiet);
    if (!r->json && !r->quiet)
        run_page_say(local_page_link(r->local), r->choice.id);
    if (r->detached >= 0)
        detach_done(r->detached, r->store, r->choice.id, true);
    r->detached = -1;
}

/* The controller has taken the new sweep, or the new spec, or refused it. */
static void on_taken(void *arg, int code, const char *text, const struct value *answer)
{
    struct run *r = arg;
    (void)answer;
    r->taken = true;
    if (code != 0)
        err_set(&r->refused, code, "%s: %s", r->choice.named, text);
    else
        say_taken(r);
}

static enum local_next on_changed(void *arg, const struct books *books)
{
    struct run *r = arg;
    if (r->refused.code != 0)
        return LOCAL_LEAVE;
    const struct book_sweep *s = books_sweep(books, r->choice.id);
    if (!s || (r->choice.change.edit.sweep && !r->taken))
        return r->done ? LOCAL_FINISH : LOCAL_CONTINUE;
    run_progress_look(r->progress, s);
    /* The run waits for a sweep that its user paused. A sweep that paused itself ends the run,
     * which prints the reason. */
    bool paused = s->state == SWEEP_PAUSED && s->reason != REASON_USER && !r->choice.resume;
    if (s->state == SWEEP_RUNNING)
        r->choice.resume = false;
    bool over = s->state == SWEEP_FINISHED || s->state == SWEEP_CANCELLED || paused ||
                run_outcome_counted(r);
    r->done = over && s->counts[TRIAL_RUNNING] == 0;
    r->done_well = choice_is_success(s);
    if (!r->done)
        return LOCAL_CONTINUE;
    if (driver_keeps(r->driver) && !r->told_kept) {
        run_progress_say(r->progress,
                         "The sweep is done. This process continues another sweep, which a "
                         "second besom run left to it; Ctrl-C interrupts that one.");
        r->told_kept = true;
    }
    return LOCAL_FINISH;
}

static void on_second(void *arg, const struct books *books)
{
    struct run *r = arg;
    const struct book_sweep *s = books_sweep(books, r->choice.id);
    if (!s)
        return;
    run_progress_look(r->progress, s);
    if (driver_is_full(r->driver))
        run_progress_full(r->progress, books, s);
}

static void on_interrupted(void *arg, int times)
{
    struct run *r = arg;
    static const char *const texts[] = {
        "Interrupted: running trials get SIGTERM and 30 s; Ctrl-C again kills them at once.",
        "Killing the running trials; Ctrl-C again exits without waiting for them.",
        "Exiting; the next besom run takes over the trials that are still running.",
    };
    run_progress_say(r->progress, texts[times < 3 ? times - 1 : 2]);
}

static void on_warned(void *arg, const char *text)
{
    struct run *r = arg;
    run_progress_say(r->progress, text);
}

/* Asks the drivers of the GPUs: not before trials are about to run here. */
static int find_slots(struct run *r, struct err *err)
{
    gpu_host_free(r->gpus);
    r->gpus = NULL;
    int rc = gpu_options_look(r->inv, r->spec, &r->gpus, err);
    if (rc == 0 && r->gpus && r->gpus->reading.error[0] && !r->json)
        terminal_say(r->gpus->reading.error);
    return rc != 0 ? rc : gpu_options_slots(r->inv, r->spec, r->gpus, &r->slots, err);
}

/* What the choice of the sweep asks of the controller. */
static void ask_driver(struct run *r)
{
    const struct driver_asker taken = {.fn = on_taken, .arg = r},
                              retried = {.fn = run_outcome_of_request, .arg = r}, nobody = {0};
    const struct choice *c = &r->choice;
    const struct event create = {.kind = EVENT_CREATE, .create = &c->create, .most = r->most},
                       edit = {.kind = EVENT_EDIT, .create = &c->change.edit},
                       retry = {.kind = EVENT_RETRY, .sweep = c->id, .retry = &c->retry},
                       resume = {.kind = EVENT_COMMAND, .sweep = c->id, .command = COMMAND_RESUME};
    if (c->create.sweep)
        driver_ask(r->driver, &create, &taken);
    if (c->change.edit.sweep)
        driver_ask(r->driver, &edit, &taken);
    if (c->resume && c->retry.states)
        driver_ask(r->driver, &retry, &retried);
    if (c->resume)
        driver_ask(r->driver, &resume, &nobody);
}

static int drive_sweep(struct run *r, struct store *store, int *ret_exit, struct err *err)
{
    struct local *l = NULL;
    int rc = find_slots(r, err);
    if (rc != 0) {
        store_close(store);
        return rc;
    }
    run_progress_slots(r->progress, r->slots);
    struct local_config config = {.dir = r->store,
                                  .sweep = r->choice.id,
                                  .slots = (uint32_t)r->slots,
                                  .gpus = r->gpus,
                                  .most = r->most,
                                  .shares = (uint32_t)place_at_once(r->spec, r->slots),
                                  .page = !invocation_flag(r->inv, "no-page"),
                                  .alert = invocation_option(r->inv, "alert"),
                                  .changed = on_changed,
                                  .second = on_second,
                                  .interrupted = on_interrupted,
                                  .warned = on_warned,
                                  .arg = r};
    rc = local_start(&config, store, &l, err);
    r->local = l;
    if (rc != 0)
        return rc;
    store_stay(store);
    if (!r->choice.create.sweep && !r->choice.change.edit.sweep)
        say_taken(r);
    r->driver = local_driver(l);
    driver_follow(r->driver, driver_books(r->driver)->seq + 1, on_fact, NULL, r);
    ask_driver(r);
    run_keys_begin(r, local_loop(l));
    int ended_by = local_run(l);
    keyboard_close(r->keyboard);
    run_progress_done(r->progress);
    *ret_exit = run_outcome(r, driver_books(r->driver), ended_by);
    local_free(l);
    r->local = NULL;
    if (r->refused.code != 0)
        *err = r->refused;
    return r->refused.code;
}

int run_here(struct run *r, struct store *store, int *ret_exit, struct err *err)
{
    const struct run_progress_how how = {r->quiet, r->json};
    r->progress = run_progress_new(r->store, &how);
    int rc = drive_sweep(r, store, ret_exit, err);
    run_progress_free(r->progress);
    return rc;
}
