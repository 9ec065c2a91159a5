/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Shared by the commands that read a store: the store opened read-only, which another process may
 * write, memory for the results, and their output. */
#include <limits.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/value.h"
#include "orchestrator/view/view.h"

struct invocation;

struct looking {
    struct view *view;
    struct remote
        *remote; /* the controller that serves the view; NULL: the store in `dir` is read */
    struct arena arena;
    struct buf out;                /* gathered here, printed by looking_run() */
    bool json;                     /* --json */
    bool colour;                   /* of stdout */
    size_t columns, table_columns; /* of text; of tables, which are whole in a pipe */
    bool none;                     /* set if nothing was found: changes the exit code */
    int exit_code;                 /* else this */
    char dir[PATH_MAX];            /* or the controller's address (cli/remote/remote.h) */
    bool waiting;                  /* looking_wait() said so */
};

typedef int (*looking_show_fn)(struct looking *l, const struct invocation *inv, struct err *err);
/* Opens the store, has `show` gather in l->out, prints that, or the error; returns the exit code.
 * Also lets a closed pipe end the process, as a command before `| head` should. */
int looking_run(struct invocation *inv, looking_show_fn show);
/* For what a fleet has, agents and tokens: without a store here, the store of besom serve is meant. */
int looking_run_fleet(struct invocation *inv, looking_show_fn show);
/* Prints what was gathered so far, for commands that stream. */
void looking_flush(struct looking *l);

/* Adds the value as a line of JSON. */
void looking_json(struct looking *l, const struct value *v);
/* Adds a list as JSON where that is wanted, or `none` where it is empty; false: neither. */
bool looking_list(struct looking *l, const struct value *list, const char *none);

/* The sweep that the i-th argument names, "last" if there is none: its id, and all of it. */
NODISCARD int looking_sweep(struct looking *l, const char *what, char id[16],
                            const struct value **ret, struct err *err);

/* What to add to a command that is shown: " --store DIR" or " --server URL", or nothing if the
 * command finds the store without it. */
const char *looking_store_option(struct looking *l);
/* The trial's own folder, $BESOM_DIR, in the store. */
const char *looking_trial_dir(struct arena *a, const char *store, const struct value *trial);
/* A copy of the trial with "dir", which is looking_trial_dir(). */
struct value *looking_with_dir(struct looking *l, struct arena *a, const struct value *trial);
/* The id of the trial as people type it: "SWEEP-NUMBER". */
const char *looking_trial_id(struct looking *l, const struct value *trial);
/* Seconds that an attempt, or the newest one of a trial, ran, or has been running; -1 if it never
 * started. */
double looking_span(const struct value *of);
/* That moment, in the viewer's zone; "" where there is none. */
const char *looking_moment(struct arena *a, const struct value *of, const char *key);
/* "state", followed by the reason if that adds information. */
const char *looking_state(struct arena *a, const struct value *of);
/* The same, or why the trial failed, or where it was stopped: "failed (out of GPU memory)",
 * "stopped (rung 9)". */
const char *looking_trial_state(struct arena *a, const struct value *trial);
/* Whether the sweep is unfinished and no process runs it: after Ctrl-C or a crash. */
bool looking_is_left(const struct looking *l, const struct value *sweep);
/* Whether agents elsewhere run its trials: it is a controller's, or the store of besom serve. */
bool looking_is_fleet(const struct looking *l);
/* Asks the controller, or the process that writes the store (cli/steer/steer_live.h). *ret_nobody:
 * no process does, and nothing was asked. */
NODISCARD int looking_ask(struct looking *l, const struct value *request, struct arena *a,
                          struct value **ret, bool *ret_nobody, struct err *err);
/* For commands that follow: true if `why` is only that the controller, or an agent of it, cannot be
 * reached. Says so once, and waits a second. */
bool looking_wait(struct looking *l, const struct err *why);
void looking_resume(struct looking *l); /* there was an answer: says so after looking_wait() */
/* What a pending trial waits for, or with -1 the sweep, by the word of the process that runs it; NULL
 * if it does not say. Lives in the arena. */
const char *looking_waits(struct looking *l, struct arena *a, const char *sweep, int64_t trial);
/* "paused by ann · besom resume k3f9", "paused: 5 trials in a row failed … · besom resume k3f9"; NULL: it is not
 * paused. Lives in the arena. */
const char *looking_paused(struct looking *l, struct arena *a, const struct value *sweep);
/* Who paused the sweep, in short, and when, as the store has it; NULL: nobody did, or that is not known. */
const char *looking_pause_by(struct looking *l, struct arena *a, const char *sweep,
                             double *ret_time);
/* A document of orchestrator/view/view_answer.h, from either place. query: strings, or NULL. */
NODISCARD int looking_document(struct looking *l, struct arena *a, const char *path,
                               const struct value *query, const struct value **ret,
                               struct err *err);
/* looking_state() of a sweep, with a note if its spec cannot be read or it was interrupted. */
const char *looking_sweep_state(struct looking *l, const struct value *sweep);
