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
#include "cli/run/beside.h"
#include "cli/run/project.h"
#include "cli/run/choice.h"
#include "cli/gpus/gpu_options.h"
#include "cli/invocation.h"
#include "cli/screen/keyboard.h"
#include "cli/run/local.h"
#include "cli/logging.h"
#include "cli/page/run_page.h"
#include "cli/place.h"
#include "cli/progress/run_progress.h"
#include "cli/print/shell_word.h"
#include "cli/print/terminal.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"
#include "cli/run/summary.h"
#include "cli/run/surroundings.h"
#include "orchestrator/view/view.h"
#include "language/command/command.h"

enum { TRIES = 3 };

struct run {
    const char *root; /* the key that holds the spec, or NULL */
    char path[PATH_MAX], store[PATH_MAX];
    struct spec *spec;
    struct choice choice;
    const struct invocation *inv;
    struct gpu_host *gpus;         /* NULL: none, or not looked for yet */
    uint64_t slots, most, ended_n; /* most: --count; ended_n: trials that ended in this call */
    bool quiet, json;
    bool made;          /* the store is to be created */
    bool checked;       /* by check_ready() */
    int detached;       /* for detach_done(); -1: it runs in the foreground */
    bool taken;         /* the controller has replied to the new sweep or its new spec */
    uint64_t retried_n; /* trials that run again because they had paused the sweep */
    struct driver *driver;
    struct local *local;
    struct run_progress *progress;
    struct keyboard *keyboard; /* NULL: none */
    bool stop_asked;           /* the next key says whether to stop the sweep */
    struct buf again;          /* what to type after "besom run" to continue */
    struct err refused;        /* why the controller did not take the sweep */
    int nobody_n;              /* successive times that it could not be reached */
    bool done, done_well;      /* the sweep has ended here; with success */
    bool told_kept;            /* said that this process continues for another sweep */
    bool entered;              /* a sweep was chosen, and its trials may have run */
};

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

static void on_retried(void *arg, int code, const char *text, const struct value *answer)
{
    struct run *r = arg;
    (void)answer;
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
    const struct book_sweep *s = books_sweep(books, r->choice.id);
    if (!s || (r->choice.change.edit.sweep && !r->taken))
        return r->done ? LOCAL_FINISH : LOCAL_CONTINUE;
    run_progress_look(r->progress, s);
    /* The run waits for a sweep that its user paused. A sweep that paused itself ends the run,
     * which prints the reason. */
    bool paused = s->state == SWEEP_PAUSED && s->reason != REASON_USER && !r->choice.resume;
    if (s->state == SWEEP_RUNNING)
        r->choice.resume = false;
    bool over =
        s->state == SWEEP_FINISHED || s->state == SWEEP_CANCELLED || paused || count_is_reached(r);
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

static int outcome_of(struct run *r, const struct books *books, int ended_by)
{
    const struct book_sweep *s = books_sweep(books, r->choice.id);
    if (!s && r->done) /* it ended long ago: the controller has forgotten it */
        return r->done_well ? COMPLAIN_DONE : COMPLAIN_FAILED;
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
        run_progress_paused(r->progress, buf_str(&r->again), s, r->json);
        return COMPLAIN_FAILED;
    }
    if (s && !over && count_is_reached(r) && !r->json)
        fprintf(stderr,
                "Stopped after %" PRIu64 " trial%s (--count). Continue with:\n  besom run %s\n",
                r->ended_n, r->ended_n == 1 ? "" : "s", buf_str(&r->again));
    return choice_is_success(s) ? COMPLAIN_DONE : COMPLAIN_FAILED;
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
                              retried = {.fn = on_retried, .arg = r}, nobody = {0};
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

static void command_ask(struct run *r, enum controller_command command)
{
    const struct event ev = {.kind = EVENT_COMMAND, .sweep = r->choice.id, .command = command};
    const struct driver_asker nobody = {.fn = on_retried, .arg = r};
    driver_ask(r->driver, &ev, &nobody);
}

static void key_show_help(struct run *r)
{
    run_progress_say(r->progress, terminal_utf8()
                                      ? "✓ finished  ◆ stopped early  ✗ failed  ▶ running"
                                      : "+ finished  o stopped early  x failed  > running");
    run_progress_say(r->progress, "bar: done, running, to come; a row: trial, time, place, last "
                                  "value, its course, parameters");
    run_progress_say(r->progress,
                     "p: pause or resume; q: stop; in both, running trials finish. Ctrl-C: "
                     "interrupt; the next besom run continues");
}

/* The answer to a question, or a key of its own. */
static void on_key(struct run *r, int key)
{
    const struct book_sweep *s = books_sweep(driver_books(r->driver), r->choice.id);
    if (!s)
        return;
    if (r->stop_asked) {
        r->stop_asked = false;
        if (key == 'y')
            command_ask(r, COMMAND_STOP);
        run_progress_ask(r->progress, NULL);
    } else if (key == 'p') {
        command_ask(r, s->state == SWEEP_PAUSED ? COMMAND_RESUME : COMMAND_PAUSE);
    } else if (key == 'q') {
        char question[160];
        uint64_t n = s->counts[TRIAL_RUNNING];
        snprintf(question, sizeof question,
                 "stop the sweep? %" PRIu64 " running trial%s finish%s, no other begins: y or n", n,
                 n == 1 ? "" : "s", n == 1 ? "es" : "");
        r->stop_asked = true;
        run_progress_ask(r->progress, question);
    } else if (key == '?') {
        key_show_help(r);
    }
}

static void on_keyboard(void *arg, enum keyboard_event event, int key)
{
    struct run *r = arg;
    if (event == KEYBOARD_KEY) {
        on_key(r, key);
        return;
    }
    if (event == KEYBOARD_RESUMED)
        run_progress_forget(r->progress);
    run_progress_redraw(r->progress);
}

static void keys_begin(struct run *r, struct uv_loop_s *loop)
{
    r->keyboard = NULL;
    if (r->quiet || r->json || !terminal_draws(stderr))
        return;
    r->keyboard = keyboard_open(loop, STDERR_FILENO, false, on_keyboard, r);
    if (keyboard_has_keys(r->keyboard))
        run_progress_keys(r->progress, "p pause  q stop  ?");
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
                                  .changed = on_changed,
                                  .second = on_second,
                                  .interrupted = on_interrupted,
                                  .warned = on_warned,
                                  .arg = r};
    rc = local_start(&config, store, &l, err);
    r->local = l;
    if (rc != 0)
        return rc;
    if (!r->choice.create.sweep && !r->choice.change.edit.sweep)
        say_taken(r);
    r->driver = local_driver(l);
    driver_follow(r->driver, driver_books(r->driver)->seq + 1, on_fact, r);
    ask_driver(r);
    keys_begin(r, local_loop(l));
    int ended_by = local_run(l);
    keyboard_close(r->keyboard);
    run_progress_done(r->progress);
    *ret_exit = outcome_of(r, driver_books(r->driver), ended_by);
    local_free(l);
    r->local = NULL;
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
        rc = view_sweep(view, &a, r->choice.id, &sweep, err);
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

static int run_here(struct run *r, struct store *store, int *ret_exit, struct err *err)
{
    const struct run_progress_how how = {r->quiet, r->json};
    r->progress = run_progress_new(r->store, &how);
    int rc = drive_sweep(r, store, ret_exit, err);
    run_progress_free(r->progress);
    return rc;
}

/* The process that holds the store, such as "process 4242", if it is known. */
static void holder_print(char out[64], const char *holder)
{
    long pid = 0;
    if (sscanf(holder, "%ld", &pid) == 1)
        snprintf(out, 64, "process %ld", pid);
    else
        snprintf(out, 64, "its process");
}

static void say_beside(const struct run *r, const struct invocation *inv, const char *holder)
{
    char who[64];
    struct buf differ;
    holder_print(who, holder);
    char link[RUN_PAGE_LINK_BYTES];
    choice_say(&r->choice, 0, r->quiet);
    run_page_find(r->store, link);
    if (!r->quiet)
        run_page_say(link, r->choice.id);
    secret_wipe(link, sizeof link);
    if (!r->quiet)
        fprintf(stderr,
                "Another besom run (%s) is using this store. It will run this sweep too, with its "
                "own slots and environment.\n",
                who);
    if (invocation_option(inv, "slots"))
        fprintf(stderr, "--slots is ignored until %s exits.\n", who);
    buf_init(&differ, SIZE_MAX);
    surroundings_differ(&differ, strtol(holder, NULL, 10));
    if (differ.len > 0)
        fprintf(stderr,
                "besom: the %s of %s differ%s from yours. If the trials need yours, stop this "
                "sweep and run it in another store with --store DIR.\n",
                buf_str(&differ), who, strchr(buf_str(&differ), ',') ? "" : "s");
    buf_done(&differ);
}

static void say_left(const struct run *r, const struct beside *b, const char *who)
{
    struct buf store;
    buf_init(&store, SIZE_MAX);
    store_path_option(&store, r->store);
    if (beside_leave(b))
        fprintf(stderr,
                "Interrupted; sweep %s continues in %s. Follow it again, or end it, with:\n"
                "  besom run %s\n  besom stop %s%s\n",
                b->sweep, who, buf_str(&r->again), b->sweep, buf_str(&store));
    else
        fprintf(stderr, "Interrupted; %s no longer runs sweep %s. Continue with:\n  besom run %s\n",
                who, b->sweep, buf_str(&r->again));
    buf_done(&store);
}

static int outcome_beside(struct run *r, struct beside *b, enum beside_end end)
{
    char who[64];
    holder_print(who, b->holder);
    if (end == BESIDE_OVER)
        return outcome_of(r, &b->books, 0);
    if (end == BESIDE_INTERRUPTED) {
        say_left(r, b, who);
        return 128 + b->signal;
    }
    if (!r->quiet && !r->json)
        fprintf(stderr, "The store is no longer held by %s: this process continues the sweep.\n",
                who);
    return COMPLAIN_DONE;
}

/* Hands the sweep over to the process that holds the store, and follows it. *ret_again: that
 * process has left the store before the sweep's end. busy: why the store could not be opened. */
static int run_beside(struct run *r, const struct invocation *inv, const struct err *busy,
                      bool *ret_again, int *ret_exit, struct err *err)
{
    char holder[STORE_LOCK_HOLDER_BYTES];
    struct choice *c = &r->choice;
    struct beside b = {.store = r->store, .sweep = c->id, .holder = holder};
    const struct beside_handover h = {r->store,
                                      c->id,
                                      c->create.sweep ? &c->create : NULL,
                                      c->change.edit.sweep ? &c->change.edit : NULL,
                                      c->resume,
                                      c->retry.states ? &c->retry : NULL};
    enum beside_end end = BESIDE_LEFT;
    store_lock_holder(r->store, holder);
    if (r->most > 0)
        return err_set(err, ERR_BUSY, "--count cannot be used beside another process: %s",
                       busy->text);
    int rc = beside_hand_over(&h, ret_again, err);
    if (rc != 0)
        return rc;
    if (*ret_again) {
        *err = *busy;
        return ++r->nobody_n < TRIES ? 0 : ERR_BUSY;
    }
    r->nobody_n = 0;
    if (!r->json)
        say_beside(r, inv, holder);
    if (r->detached >= 0)
        detach_done(r->detached, r->store, c->id, false);
    r->detached = -1;
    c->settled = true;
    const struct run_progress_how how = {.quiet = r->quiet, .json = r->json};
    r->progress = b.progress = run_progress_new(r->store, &how);
    rc = beside_follow(&b, &end, err);
    if (rc == 0)
        *ret_exit = outcome_beside(r, &b, end);
    *ret_again = end == BESIDE_LEFT;
    books_done(&b.books);
    run_progress_free(r->progress);
    return rc;
}

/* Whether trials could run at all. */
static int check_ready(struct run *r, struct err *err)
{
    char workdir[PATH_MAX];
    const char *named = r->choice.named;
    struct launch_context ctx = {.dir = r->store, .bin = "", .interpreter = interpreter_find()};
    if (r->checked)
        return 0;
    cpu_share_init(&ctx.cpus, (uint32_t)place_at_once(r->spec, r->slots));
    int rc = command_check(r->spec, err);
    if (rc == 0)
        rc = environment_check_spec(&ctx, r->spec, err);
    if (rc == 0)
        rc = place_check_memory(r->spec, err);
    if (rc != 0)
        return err_wrap(err, "%s", named);
    r->checked = true;
    rc = spec_file_check_program(named, r->spec, err);
    return rc != 0 ? rc : place_workdir(r->spec, named, r->path, workdir, err);
}

/* Without a store, a sweep that could not run is refused before anything is created. */
static bool has_store(const struct run *r)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/besom.db", r->store);
    return access(path, F_OK) == 0;
}

/* Records the files that a new sweep runs; of a sweep that continues, says which have changed. */
static int record_code(struct run *r, struct err *err)
{
    const struct project p = {r->spec, r->choice.named, r->path, r->store, NULL};
    if (r->choice.create.sweep)
        return project_begin(&p, &r->choice.arena, &r->choice.create, err);
    if (!r->quiet && !r->json && !r->choice.settled)
        project_say_changes(stderr, &p, r->choice.id);
    return 0;
}

/* Runs the sweep here or, if another process holds the store, beside it. */
static int run_chosen(struct run *r, const struct invocation *inv, bool *ret_again, int *ret_exit,
                      struct err *err)
{
    struct store *store = NULL;
    char workdir[PATH_MAX];
    struct err busy = {0};
    *ret_again = false;
    int rc = store_open(r->store, true, &store, &busy);
    if (rc != 0 && rc != ERR_BUSY) {
        *err = busy;
        return rc;
    }
    if (r->made && !r->json)
        say_where(r->store);
    r->made = false;
    if (place_workdir(r->spec, r->choice.named, r->path, workdir, NULL) == 0)
        path_text_print(r->choice.workdir, workdir);
    spec_place_find(r->store, r->path, &r->choice.at);
    rc = choice_make(&r->choice, inv, err);
    *ret_exit = r->choice.succeeded ? COMPLAIN_DONE : COMPLAIN_FAILED;
    if (rc == 0 && r->choice.shown && !r->json)
        choice_say(&r->choice, 0, r->quiet);
    else if (rc == 0 && !r->choice.shown) /* showing an ended sweep needs no check */
        rc = check_ready(r, err);
    if (rc == 0 && !r->choice.shown)
        rc = record_code(r, err);
    if (rc == 0 && r->detached >= 0 && !r->choice.shown)
        rc = detach_check(r->store, r->choice.id, err);
    if (rc != 0 || r->choice.shown) {
        if (store)
            store_close(store);
        return rc;
    }
    r->entered = true;
    return store ? run_here(r, store, ret_exit, err)
                 : run_beside(r, inv, &busy, ret_again, ret_exit, err);
}

static int run_spec(struct run *r, const struct invocation *inv, struct err *err)
{
    bool again = true;
    int exit_code = COMPLAIN_DONE;
    r->slots = place_slots(r->spec);
    r->inv = inv;
    int rc = invocation_number(inv, "slots", 1, LIMIT_SLOTS, &r->slots, err);
    if (rc == 0)
        rc = invocation_number(inv, "count", 1, UINT64_MAX, &r->most, err);
    if (rc == 0)
        rc = store_path_choose(invocation_option(inv, "store"), r->store, &r->made, err);
    if (rc == 0 && !has_store(r))
        rc = check_ready(r, err);
    shell_word(&r->again, r->choice.named);
    if (r->root) {
        buf_adds(&r->again, " --root ");
        shell_word(&r->again, r->root);
    }
    store_path_option(&r->again, r->store);
    r->choice.store = r->store;
    r->choice.again = buf_str(&r->again);
    r->choice.spec = r->spec;
    while (rc == 0 && again)
        rc = run_chosen(r, inv, &again, &exit_code, err);
    if (rc != 0) {
        int code = complain(err);
        return !r->entered && (rc == ERR_FULL || rc == ERR_IO) ? COMPLAIN_STORE : code;
    }
    if (exit_code <= COMPLAIN_FAILED)
        rc = r->json ? print_json(r, err) : summary_print(stdout, r->store, r->choice.id, err);
    return rc != 0 ? complain(err) : exit_code;
}

int cmd_run(struct invocation *inv)
{
    struct run *r = mem_alloc(sizeof *r);
    struct err err = {0};
    buf_init(&r->again, SIZE_MAX);
    r->choice.named = invocation_arg(inv, 0);
    r->choice.new = invocation_flag(inv, "new");
    r->quiet = invocation_flag(inv, "quiet");
    r->json = invocation_flag(inv, "json");
    r->root = invocation_option(inv, "root");
    if (getenv("BESOM_SERVER") && !r->quiet && !r->json)
        terminal_say("$BESOM_SERVER is set, but besom run runs the sweep on this machine; besom "
                     "sweep creates it at the controller.");
    int rc = descriptors_check(&err);
    if (rc == 0)
        rc = logging_open(inv, &err);
    if (rc == 0)
        rc = spec_file_read_for(r->choice.named, r->root, OBEYED_RUN, &r->spec, &err);
    if (rc == 0 && !realpath(r->choice.named, r->path))
        rc = err_set(&err, ERR_IO, "%s: %s", r->choice.named, strerror(errno));
    r->detached = rc == 0 && invocation_flag(inv, "detach") ? detach_begin() : -1;
    int exit_code = rc == 0 ? run_spec(r, inv, &err) : complain(&err);
    choice_done(&r->choice);
    spec_free(r->spec);
    gpu_host_free(r->gpus);
    buf_done(&r->again);
    mem_free(r);
    return exit_code;
}
