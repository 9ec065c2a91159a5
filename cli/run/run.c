/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom run: reads the spec, decides whether to begin, continue or show a sweep, and runs it to
 * its end. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "agent/launch/environment.h"
#include "agent/launch/interpreter.h"
#include "base/check.h"
#include "base/diag/display.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/run/descriptors.h"
#include "cli/run/detach.h"
#include "cli/run/spec_change.h"
#include "cli/invocation.h"
#include "cli/run/local.h"
#include "cli/logging.h"
#include "cli/place.h"
#include "cli/run/run_progress.h"
#include "cli/print/shell_word.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"
#include "cli/run/summary.h"
#include "cli/run/until.h"
#include "orchestrator/store/store_remove.h"
#include "orchestrator/view/view.h"
#include "language/command/command.h"

enum { SWEEP_ID_CHARS = 8 };

struct run {
    const char *named; /* the spec as the user calls it */
    const char *root;  /* the key that it stands under, or NULL */
    char path[PATH_MAX], store[PATH_MAX];
    struct spec_place at;
    char workdir[PATH_TEXT_BYTES]; /* of a new sweep */
    struct spec *spec;
    uint64_t slots, seed, most, ended_n; /* --count, and trials that have ended in this call */
    bool new, quiet, json;
    int detached; /* for detach_done(); -1: it runs in the foreground */
    char id[16];
    enum sweep_state state; /* before this call */
    struct fact create;     /* sweep NULL: an existing sweep continues */
    struct spec_change change;
    bool taken;         /* the reply to either has come */
    bool resume;        /* it is paused */
    uint64_t retried_n; /* trials that run again for that */
    uint32_t quick_n;   /* it paused itself after so many quick failures in a row */
    bool succeeded;     /* as is_success() has it, before this call */
    struct driver *driver;
    struct run_progress *progress;
    struct buf again;   /* what to type after "besom run" to continue */
    struct err refused; /* why the controller did not take the sweep */
};

/* A trial has finished, and the metric, if it is to have one, came. Or all were stopped, as at the end
 * of a budget, and one has a result. */
static bool is_success(const struct book_sweep *s)
{
    bool finished = s && s->counts[TRIAL_FINISHED] > 0 && s->metric_streak == 0;
    return finished || (s && s->best.known);
}

static void new_id(char id[16])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned char bytes[SWEEP_ID_CHARS];
    check(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    for (int i = 0; i < SWEEP_ID_CHARS; i++)
        id[i] = letters[bytes[i] % 32];
    id[SWEEP_ID_CHARS] = '\0';
}

static void say_begun(const struct run *r)
{
    const struct fact *f = &r->create;
    fprintf(stderr, "Sweep %s of %s begins: %s, ", r->id, r->named,
            spec_method_name(r->spec->method));
    if (f->total == UINT64_MAX)
        fputs("more trials than can be counted", stderr);
    else if (f->total > 0)
        fprintf(stderr, "%" PRIu64 " trial%s", f->total, f->total == 1 ? "" : "s");
    else
        fputs("no limit on trials", stderr);
    fprintf(stderr, ", %" PRIu64 " at a time", place_at_once(r->spec, r->slots));
    if (spec_is_random(r->spec))
        fprintf(stderr, ", seed %" PRIu64, f->seed);
    fputs(".\n", stderr);
}

/* Not before the store has it: what comes first may still refuse it. */
static void say_taken(struct run *r)
{
    if (r->create.sweep && !r->json && !r->quiet)
        say_begun(r);
    if (!r->create.sweep && !r->json)
        spec_change_print(stderr, &r->change, r->named);
    if (!r->create.sweep && !r->json && r->state != SWEEP_FINISHED)
        fprintf(stderr, "Continuing sweep %s of %s, %" PRIu64 " at a time.\n", r->id, r->named,
                place_at_once(r->spec, r->slots));
    if (r->detached >= 0)
        detach_done(r->detached, r->store, r->id);
}

static int begin_sweep(struct run *r, const struct invocation *inv, struct store *store,
                       struct err *err)
{
    uint64_t seed = 0, total = 0;
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    if (r->spec->has_seed)
        seed = r->spec->seed;
    else
        check(getrandom(&seed, 4, 0) == 4);
    int rc = invocation_number(inv, "seed", 0, UINT64_MAX, &seed, err);
    if (rc == 0)
        rc = spec_change_total(r->spec, seed, &total, err);
    if (rc != 0)
        return rc;
    do
        new_id(r->id);
    while (store_remove_was(store, r->id));
    r->create = (struct fact){.kind = FACT_SWEEP_CREATED,
                              .sweep = r->id,
                              .name = r->spec->name,
                              .path = r->at.path,
                              .place = r->at.place[0] ? r->at.place : NULL,
                              .workdir = r->workdir,
                              .content = r->spec->content,
                              .seed = seed,
                              .total = total,
                              .until_ms = until_ms(r->spec, now_ms)};
    if (r->create.until_ms && r->create.until_ms <= now_ms)
        return err_set(err, ERR_USAGE, "%s: budget.until: %s has passed: write a later time",
                       r->named, r->spec->budget.until);
    return 0;
}

/* The sweep's content as the store has it, and its state; false where it cannot be told. */
static int compare_specs(struct run *r, const struct invocation *inv, struct store *store,
                         enum sweep_state *ret_state, struct err *err)
{
    struct books books;
    books_init(&books);
    int rc = store_load(store, r->id, &books, err);
    const struct book_sweep *s = rc == 0 ? books_sweep(&books, r->id) : NULL;
    if (s && s->fault)
        rc = err_set(err, ERR_SPEC,
                     "this version of besom cannot read the spec of sweep %s: %s; `besom run --new "
                     "%s` starts another sweep, `besom cancel %s` ends this one",
                     r->id, s->fault, buf_str(&r->again), r->id);
    else if (s)
        rc = spec_change_find(&(struct spec_change_from){r->id, s->name, s->path, s->workdir,
                                                         s->seed, s->spec->content},
                              r->spec, &r->at, r->named, buf_str(&r->again), &r->change, err);
    uint64_t seed = s ? s->seed : 0;
    if (rc == 0)
        rc = invocation_number(inv, "seed", 0, UINT64_MAX, &seed, err);
    if (rc == 0 && s && seed != s->seed)
        rc = err_set(err, ERR_USAGE,
                     "sweep %s of %s has the seed %" PRIu64 "; `besom run --new --seed %" PRIu64
                     " %s` starts another",
                     r->id, r->named, s->seed, seed, buf_str(&r->again));
    if (s)
        *ret_state = (enum sweep_state)s->state;
    if (s && s->state == SWEEP_PAUSED && s->reason != REASON_USER)
        r->quick_n = s->failure_streak;
    r->succeeded = is_success(s);
    books_done(&books);
    return rc;
}

static const char *state_word(enum sweep_state state)
{
    return state == SWEEP_FINISHED ? "is finished" : "was cancelled";
}

static int find_sweep(struct run *r, const struct invocation *inv, struct store *store,
                      struct err *err)
{
    const char *asked = invocation_option(inv, "sweep");
    if (!asked)
        return store_sweep_of_path(store, r->at.path, r->at.place[0] ? r->at.place : NULL, r->id,
                                   err);
    struct view *view = NULL;
    int rc = view_open(r->store, &view, err);
    if (rc == 0)
        rc = view_find_sweep(view, asked, r->id, err);
    view_close(view);
    return rc == ERR_NOT_FOUND ? ERR_USAGE : rc;
}

/* Decides between a new sweep, one to continue, and one that is only shown (*ret_shown). */
static int choose_sweep(struct run *r, const struct invocation *inv, struct store *store,
                        bool *ret_shown, struct err *err)
{
    int rc = r->new ? ERR_NOT_FOUND : find_sweep(r, inv, store, err);
    if (rc == ERR_NOT_FOUND)
        return begin_sweep(r, inv, store, err);
    if (rc == 0)
        rc = compare_specs(r, inv, store, &r->state, err);
    if (rc != 0)
        return rc;
    if (r->state == SWEEP_CANCELLED || (r->state == SWEEP_FINISHED && !r->change.edit.sweep)) {
        *ret_shown = true;
        if (!r->json)
            fprintf(stderr, "Sweep %s of %s %s; `besom run --new %s` starts another.\n", r->id,
                    r->named, state_word(r->state), buf_str(&r->again));
        return 0;
    }
    r->resume = r->state == SWEEP_PAUSED;
    return 0;
}

/* Trials that had failed, and are pending again, before the sweep was resumed. */
static void say_retried(struct run *r, const struct fact *f)
{
    char text[80];
    r->retried_n += f->kind == FACT_RETRIED && r->resume;
    if (f->kind != FACT_SWEEP_STATE || f->state != SWEEP_RUNNING || r->retried_n == 0)
        return;
    snprintf(text, sizeof text, "%" PRIu64 " failed trial%s run%s again.", r->retried_n,
             r->retried_n == 1 ? "" : "s", r->retried_n == 1 ? "s" : "");
    r->retried_n = 0;
    if (!r->quiet && !r->json)
        run_progress_say(r->progress, text);
}

static void on_fact(void *arg, const struct fact *f)
{
    struct run *r = arg;
    const struct book_sweep *s = books_sweep(driver_books(r->driver), r->id);
    if (!s || strcmp(f->sweep, r->id) != 0)
        return;
    say_retried(r, f);
    run_progress_fact(r->progress, s, f);
    r->ended_n += f->kind == FACT_ENDED && trial_states[f->state].final;
}

/* The controller has taken the new sweep, or the new spec, or refused it. */
static void on_taken(void *arg, int code, const char *text)
{
    struct run *r = arg;
    r->taken = true;
    if (code != 0)
        err_set(&r->refused, code, "%s: %s", r->named, text);
    else
        say_taken(r);
}

static void on_retried(void *arg, int code, const char *text)
{
    struct run *r = arg;
    if (code != 0)
        run_progress_say(r->progress, text);
}

static bool count_is_reached(const struct run *r)
{
    return r->most > 0 && r->ended_n >= r->most;
}

static enum local_next on_changed(void *arg, const struct books *books)
{
    struct run *r = arg;
    if (r->refused.code != 0)
        return LOCAL_LEAVE;
    const struct book_sweep *s = books_sweep(books, r->id);
    if (!s || (r->change.edit.sweep && !r->taken))
        return LOCAL_CONTINUE;
    run_progress_look(r->progress, s);
    /* One that its user paused waits to be resumed; one that paused itself has something to say. */
    bool paused = s->state == SWEEP_PAUSED && s->reason != REASON_USER && !r->resume;
    if (s->state == SWEEP_RUNNING)
        r->resume = false;
    bool over =
        s->state == SWEEP_FINISHED || s->state == SWEEP_CANCELLED || paused || count_is_reached(r);
    return over && s->counts[TRIAL_RUNNING] == 0 ? LOCAL_FINISH : LOCAL_CONTINUE;
}

static void on_second(void *arg, const struct books *books)
{
    struct run *r = arg;
    const struct book_sweep *s = books_sweep(books, r->id);
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

static int outcome_of(struct run *r, const struct books *books, int ended_by)
{
    const struct book_sweep *s = books_sweep(books, r->id);
    bool over = s && (s->state == SWEEP_FINISHED || s->state == SWEEP_CANCELLED);
    if (ended_by && !(over && s->counts[TRIAL_RUNNING] == 0)) {
        fprintf(stderr, "%s\n  besom run %s\n",
                ended_by == SIGHUP
                    ? "The terminal has closed; the trials keep running. Continue with:"
                    : "Interrupted; no finished trial is lost. Continue with:",
                buf_str(&r->again));
        return 128 + ended_by;
    }
    if (s && s->state == SWEEP_PAUSED) {
        run_progress_paused(r->progress, r->store, buf_str(&r->again), s, r->json);
        return COMPLAIN_FAILED;
    }
    if (s && !over && count_is_reached(r) && !r->json)
        fprintf(stderr,
                "%" PRIu64 " trial%s ended, as --count asks; continue with:\n  besom run %s\n",
                r->ended_n, r->ended_n == 1 ? " has" : "s have", buf_str(&r->again));
    return is_success(s) ? COMPLAIN_DONE : COMPLAIN_FAILED;
}

static int drive_sweep(struct run *r, struct store *store, int *ret_exit, struct err *err)
{
    struct local *l = NULL;
    struct local_config config = {.dir = r->store,
                                  .sweep = r->id,
                                  .slots = (uint32_t)r->slots,
                                  .most = r->most,
                                  .shares = (uint32_t)place_at_once(r->spec, r->slots),
                                  .changed = on_changed,
                                  .second = on_second,
                                  .interrupted = on_interrupted,
                                  .warned = on_warned,
                                  .arg = r};
    int rc = local_start(&config, store, &l, err);
    if (rc != 0)
        return rc;
    if (!r->create.sweep && !r->change.edit.sweep)
        say_taken(r);
    r->driver = local_driver(l);
    driver_follow(r->driver, driver_books(r->driver)->seq + 1, on_fact, r);
    if (r->create.sweep)
        driver_create(r->driver, &r->create, on_taken, r);
    if (r->change.edit.sweep)
        driver_edit(r->driver, &r->change.edit, on_taken, r);
    if (r->resume && r->quick_n > 0)
        driver_retry(
            r->driver, r->id,
            &(struct event_retry){.states = MACHINE_TO(TRIAL_FAILED), .quick_n = r->quick_n},
            on_retried, r);
    if (r->resume)
        driver_command(r->driver, r->id, COMMAND_RESUME, NULL, NULL);
    int ended_by = local_run(l);
    run_progress_done(r->progress);
    *ret_exit = outcome_of(r, driver_books(r->driver), ended_by);
    local_free(l);
    if (r->refused.code != 0)
        *err = r->refused;
    return r->refused.code;
}

static int print_json(const struct run *r, struct err *err)
{
    struct view *view = NULL;
    struct value *sweep = NULL;
    struct arena a;
    arena_init(&a);
    int rc = view_open(r->store, &view, err);
    if (rc == 0)
        rc = view_sweep(view, &a, r->id, &sweep, err);
    if (rc == 0)
        puts(json_text(&a, sweep, JSON_COMPACT));
    if (view)
        view_close(view);
    arena_done(&a);
    return rc;
}

static void say_where(const char *store)
{
    struct buf shown;
    buf_init(&shown, SIZE_MAX);
    display_clean(&shown, store, strlen(store));
    fprintf(stderr, "Results are kept in %s\n", buf_str(&shown));
    buf_done(&shown);
}

/* Whether trials could run at all. */
static int check_ready(const struct run *r, struct err *err)
{
    char workdir[PATH_MAX];
    struct launch_context ctx = {.dir = r->store, .bin = "", .interpreter = interpreter_find()};
    cpu_share_init(&ctx.cpus, (uint32_t)place_at_once(r->spec, r->slots));
    int rc = command_check(r->spec, err);
    if (rc == 0)
        rc = environment_check_spec(&ctx, r->spec, err);
    if (rc != 0)
        return err_wrap(err, "%s", r->named);
    rc = spec_file_check_program(r->named, r->spec, err);
    return rc != 0 ? rc : place_workdir(r->spec, r->named, r->path, workdir, err);
}

/* Without one, nothing is made of a sweep that could not run. */
static bool has_store(const struct run *r)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/besom.db", r->store);
    return access(path, F_OK) == 0;
}

static int run_spec(struct run *r, const struct invocation *inv, struct err *err)
{
    struct store *store = NULL;
    char workdir[PATH_MAX];
    bool shown = false, made = false, checked = false;
    r->slots = place_slots(r->spec);
    int rc = invocation_number(inv, "slots", 1, LIMIT_SLOTS, &r->slots, err);
    if (rc == 0)
        rc = invocation_number(inv, "count", 1, UINT64_MAX, &r->most, err);
    if (rc == 0)
        rc = store_path_choose(invocation_option(inv, "store"), r->store, &made, err);
    if (rc == 0 && !has_store(r)) {
        checked = true;
        rc = check_ready(r, err);
    }
    if (rc == 0)
        rc = store_open(r->store, true, &store, err);
    shell_word(&r->again, r->named);
    if (r->root) {
        buf_adds(&r->again, " --root ");
        shell_word(&r->again, r->root);
    }
    store_path_option(&r->again, r->store);
    if (rc == 0 && made && !r->json)
        say_where(r->store);
    if (rc == 0) {
        if (place_workdir(r->spec, r->named, r->path, workdir, NULL) == 0)
            path_text_print(r->workdir, workdir);
        spec_place_find(r->store, r->path, &r->at);
    }
    if (rc == 0)
        rc = choose_sweep(r, inv, store, &shown, err);
    if (rc == 0 && !shown && !checked) /* a sweep that has ended needs nothing to be shown */
        rc = check_ready(r, err);
    if (rc != 0) {
        if (store)
            store_close(store);
        int code = complain(err);
        return rc == ERR_FULL || rc == ERR_IO ? COMPLAIN_STORE : code;
    }
    int exit_code = r->succeeded ? COMPLAIN_DONE : COMPLAIN_FAILED;
    if (shown) {
        store_close(store);
    } else {
        r->progress = run_progress_new(r->store, r->quiet || r->json);
        rc = drive_sweep(r, store, &exit_code, err);
        run_progress_free(r->progress);
    }
    if (rc == 0 && exit_code <= COMPLAIN_FAILED)
        rc = r->json ? print_json(r, err) : summary_print(stdout, r->store, r->id, err);
    return rc != 0 ? complain(err) : exit_code;
}

int cmd_run(struct invocation *inv)
{
    struct run *r = mem_alloc(sizeof *r);
    struct err err = {0};
    buf_init(&r->again, SIZE_MAX);
    r->named = invocation_arg(inv, 0);
    r->new = invocation_flag(inv, "new");
    r->quiet = invocation_flag(inv, "quiet");
    r->json = invocation_flag(inv, "json");
    r->root = invocation_option(inv, "root");
    int rc = descriptors_check(&err);
    if (rc == 0)
        rc = logging_open(inv, &err);
    if (rc == 0)
        rc = spec_file_read_for(r->named, r->root, OBEYED_RUN, &r->spec, &err);
    if (rc == 0 && !realpath(r->named, r->path))
        rc = err_set(&err, ERR_IO, "%s: %s", r->named, strerror(errno));
    r->detached = rc == 0 && invocation_flag(inv, "detach") ? detach_begin() : -1;
    int exit_code = rc == 0 ? run_spec(r, inv, &err) : complain(&err);
    if (r->spec)
        spec_free(r->spec);
    buf_done(&r->again);
    spec_change_done(&r->change);
    mem_free(r);
    return exit_code;
}
