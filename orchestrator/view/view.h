/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads a store while another process may write it: a read-only connection that never checkpoints.
 * The results have the JSON shapes of docs/cli.md (ls, show, trials, best, metrics). */
#include <stdatomic.h>
#include "base/value.h"

struct view;

NODISCARD int view_open(const char *dir, struct view **ret,
                        struct err *err); /* ERR_NOT_FOUND: no store there */
void view_close(struct view *v);
/* While *gone is true, what reads the store here ends early, with an error. gone: NULL ends that. */
void view_heed(struct view *v, const atomic_bool *gone);
/* The number of the last fact: what views tell changes with it alone, and with the time. Of a store that is here. */
NODISCARD int view_seq(struct view *v, int64_t *ret, struct err *err);

/* Finds the sweep that a user names: by id, name, the path of its file (then the newest), unique
 * prefix of an id, or "last" (NULL too). ERR_NOT_FOUND lists the sweeps; ERR_USAGE names the candidates of an ambiguous name. */
NODISCARD int view_find_sweep(struct view *v, const char *what, char id[16], struct err *err);
/* The newest sweep of the spec at this path, or at this place (as in struct fact; may be NULL).
 * ERR_NOT_FOUND if there is none; ERR_USAGE names both if the path and the place match different
 * sweeps. */
NODISCARD int view_find_path(struct view *v, const char *path, const char *place, char id[16],
                             struct err *err);
/* Whether a sweep with this id was removed. False if it cannot be determined. */
bool view_was_removed(struct view *v, const char *sweep);
/* A trial: "SWEEP-NUMBER", with the sweep named as above, or a number alone, in the newest sweep. */
NODISCARD int view_find_trial(struct view *v, const char *what, char id[16], uint64_t *number,
                              struct err *err);

/* A sweep or a trial: a number alone is a trial, and so is "SWEEP-NUMBER" if no sweep has that
 * name. */
NODISCARD int view_find(struct view *v, const char *what, char id[16], bool *ret_trial,
                        uint64_t *number, struct err *err);

NODISCARD int view_sweeps(struct view *v, struct arena *a, struct value **ret, struct err *err);
/* Adds the ids of all sweeps to a list. */
NODISCARD int view_sweep_ids(struct view *v, struct arena *a, struct value *list, struct err *err);
/* A page of them: {"of":how many match,"sweeps":[…]}, each with "owner", who created it, or null. */
struct view_sweeps_query {
    const char *text;  /* in the id, name, state or method; NULL: all */
    const char *state; /* NULL: all */
    const char *sort;  /* started, name, state, trials, running, failed, best; NULL: started */
    bool descending;
    uint64_t skip, limit;
};
NODISCARD int view_sweeps_page(struct view *v, struct arena *a, const struct view_sweeps_query *q,
                               struct value **ret, struct err *err);
NODISCARD int view_sweep(struct view *v, struct arena *a, const char *id, struct value **ret,
                         struct err *err); /* with "best", "counts", "total", "path", "spec" */
NODISCARD int view_trial(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                         struct value **ret, struct err *err); /* also "attempts_list", "why" */
/* Of "attempts_list", the attempt that counts: the one that gave the result, else the latest. "attempt" has its
 * number. NULL: none was started. */
const struct value *view_trial_attempt(const struct value *trial);

/* The columns of a sweep's trials, determined from all of them: {"trials":n,"params":[flattened
 * names], "varying":[those that differ between trials; all if there is only
 * one],"metrics":[names], "agents":bool,"retried":bool}: whether trials ran on
 * several agents, and whether one had several attempts. No more than one trial is in memory at a time. */
NODISCARD int view_columns(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                           struct err *err);

struct view_filter;
struct view_query {
    const char *state;          /* NULL: all */
    const char *filter;         /* filter/filter.h; NULL: all */
    struct view_filter *parsed; /* the same, of view_arrays_check(); NULL: it is not read yet */
    const char *sort; /* "number", "objective", "started", "duration", a metric or a flattened
                          parameter; NULL: number. Trials without it come last */
    bool descending;
    uint64_t from;  /* a number: the first one, in the order of numbers */
    uint64_t skip;  /* of the first ones */
    uint64_t limit; /* 0: all */
};
typedef int (*view_trial_fn)(void *arg, const struct value *trial); /* nonzero: stop */
NODISCARD int view_trials(struct view *v, const char *sweep, const struct view_query *q,
                          view_trial_fn fn, void *arg, struct err *err);
/* The best trial by the objective; *ret is NULL if there is none. */
NODISCARD int view_best(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                        struct err *err);
/* Bytes of a sweep's facts and points in the store, without its rows. Reads every fact. */
NODISCARD int view_size(struct view *v, const char *sweep, uint64_t *ret, struct err *err);
/* The lost metrics of a sweep's trials, over all attempts: {"trials":n,"trial":the newest of
 * them,"bad_lines":n,…}; *ret is NULL if nothing was lost. */
NODISCARD int view_losses(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                          struct err *err);
/* Each point, ordered by attempt and step. Points with the same step are merged into one; of equal
 * names the later value counts. */
typedef int (*view_point_fn)(void *arg, const struct value *point);
NODISCARD int view_points(struct view *v, const char *sweep, uint64_t number, uint32_t attempt,
                          view_point_fn fn, void *arg, struct err *err);
/* The same of what it used of its host, sample by sample. */
NODISCARD int view_samples(struct view *v, const char *sweep, uint64_t number, uint32_t attempt,
                           view_point_fn fn, void *arg, struct err *err);
