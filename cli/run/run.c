/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom run: reads the spec, decides whether to begin, continue or show a sweep, and runs it to
 * its end. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/launch/environment.h"
#include "agent/launch/interpreter.h"
#include "base/diag/display.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/run/descriptors.h"
#include "cli/run/detach.h"
#include "cli/run/choice/project.h"
#include "cli/invocation.h"
#include "cli/logging.h"
#include "cli/place.h"
#include "cli/print/shell_word.h"
#include "cli/print/terminal.h"
#include "cli/spec_file.h"
#include "cli/store_path.h"
#include "cli/run/run_beside.h"
#include "cli/run/run_here.h"
#include "cli/run/summary.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/view/view.h"
#include "language/command/command.h"

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

static void say_where(const char *store, bool above)
{
    struct buf shown;
    buf_init(&shown, SIZE_MAX);
    display_clean(&shown, store, strlen(store));
    fprintf(stderr, "Results are kept in %s%s\n", buf_str(&shown),
            above ? ", a store above this folder" : "");
    buf_done(&shown);
}

/* Of a new sweep: somebody who does not know that store would look for the results here. */
static void say_above(const struct run *r)
{
    if (r->choice.create.sweep && !r->json && store_path_is_above(r->store))
        say_where(r->store, true);
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
    rc = spec_file_check_program(named, r->spec, true, err);
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
    /* With --count it can only run here: it waits a second for a holder that may be about to end. */
    int rc = r->nobody_n == 0 && r->most == 0 ? store_lock_stays(r->store, &busy) : 0;
    if (rc == 0)
        rc = store_open(r->store, true, &store, &busy);
    if (rc != 0 && rc != ERR_BUSY) {
        *err = busy;
        return rc;
    }
    if (r->made && !r->json)
        say_where(r->store, false);
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
    if (rc == 0 && !invocation_option(inv, "store"))
        say_above(r);
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
