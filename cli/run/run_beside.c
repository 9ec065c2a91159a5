/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/run_beside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/complain.h"
#include "cli/page/run_page.h"
#include "cli/print/terminal.h"
#include "cli/run/beside.h"
#include "cli/run/detach.h"
#include "cli/run/run_outcome.h"
#include "cli/run/surroundings.h"
#include "cli/store_path.h"

/* A process that holds the store and cannot be reached starts or ends, which can take long on a busy
 * machine. Each try takes a second. */
enum { TRIES = 30, TRIES_SILENT = 2 };

/* The process that holds the store, such as "process 4242", if it is known. */
static void holder_print(char out[64], const char *holder)
{
    long pid = 0;
    if (sscanf(holder, "%ld", &pid) == 1)
        snprintf(out, 64, "process %ld", pid);
    else
        snprintf(out, 64, "its process");
}

static void say_waits(const struct run *r, const char *holder)
{
    char who[64];
    holder_print(who, holder);
    if (!r->quiet && !r->json)
        fprintf(stderr, "Waiting for %s, which holds the store and does not answer yet.\n", who);
}

static void say_beside(const struct run *r, const struct invocation *inv, const char *holder)
{
    char who[64];
    struct buf differ;
    long pid = strtol(holder, NULL, 10);
    bool serves = surroundings_serves(pid);
    holder_print(who, holder);
    char link[RUN_PAGE_LINK_BYTES];
    choice_say(&r->choice, 0, r->quiet);
    run_page_find(r->store, link);
    if (!r->quiet)
        run_page_say(link, r->choice.id);
    secret_wipe(link, sizeof link);
    if (!r->quiet && serves)
        fprintf(stderr, "besom serve (%s) holds this store: its agents will run this sweep.\n",
                who);
    else if (!r->quiet)
        fprintf(stderr,
                "Another besom run (%s) is using this store. It will run this sweep too, with its "
                "own slots and environment.\n",
                who);
    if (invocation_option(inv, "slots"))
        fprintf(stderr, "--slots is ignored until %s exits.\n", who);
    if (invocation_option(inv, "alert"))
        fprintf(stderr, "--alert is ignored until %s exits.\n", who);
    buf_init(&differ, SIZE_MAX);
    if (!serves) /* agents have their own */
        surroundings_differ(&differ, pid);
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
    struct err why = {0};
    bool runs;
    buf_init(&store, SIZE_MAX);
    store_path_option(&store, r->store);
    if (beside_leave(b, &runs, &why) != 0)
        terminal_print(stderr,
                       "Interrupted; whether %s runs sweep %s on is not known: %s.\n"
                       "Follow it again with:\n  besom run %s\n",
                       who, b->sweep, why.text, buf_str(&r->again));
    else if (runs)
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
        return run_outcome(r, &b->books, 0);
    if (end == BESIDE_INTERRUPTED) {
        say_left(r, b, who);
        return 128 + b->signal;
    }
    if (!r->quiet && !r->json)
        fprintf(stderr, "The store is no longer held by %s: this process continues the sweep.\n",
                who);
    return COMPLAIN_DONE;
}

int run_beside(struct run *r, const struct invocation *inv, const struct err *busy, bool *ret_again,
               int *ret_exit, struct err *err)
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
        if (r->nobody_n++ == TRIES_SILENT)
            say_waits(r, holder);
        return r->nobody_n < TRIES ? 0 : ERR_BUSY;
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
