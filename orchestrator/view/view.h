/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Looking at a store beside whoever writes it: a read-only connection that never checkpoints. What
 * it returns has the JSON shapes of docs/reference (interface of ls, show, trials, best, metrics).
 */
#include "base/value.h"

struct view;

NODISCARD int view_open(const char *dir, struct view **ret,
                        struct err *err); /* ERR_NOT_FOUND: no store there */
void view_close(struct view *v);

/* Resolves what a user calls a sweep: an id, a name, a unique prefix of an id, or "last" (NULL too).
 * ERR_NOT_FOUND says what there is; ERR_USAGE names the candidates of an ambiguous one. */
NODISCARD int view_find_sweep(struct view *v, const char *what, char id[16], struct err *err);
/* A trial: "SWEEP-NUMBER", its sweep called as above, or a bare number, which is of the newest sweep.
 */
NODISCARD int view_find_trial(struct view *v, const char *what, char id[16], uint64_t *number,
                              struct err *err);

/* Either: a number alone, and "SWEEP-NUMBER" where no sweep is called so, is a trial. */
NODISCARD int view_find(struct view *v, const char *what, char id[16], bool *ret_trial,
                        uint64_t *number, struct err *err);

NODISCARD int view_sweeps(struct view *v, struct arena *a, struct value **ret, struct err *err);
NODISCARD int view_sweep(struct view *v, struct arena *a, const char *id, struct value **ret,
                         struct err *err); /* with "best", "counts", "total", "path", "spec" */
NODISCARD int view_trial(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                         struct value **ret, struct err *err); /* also "attempts_list", "why" */

/* What a sweep's trials have, judged over all of them: {"trials":n,"params":[flattened names],
 * "varying":[those that differ between trials; all where there is but one],"metrics":[names],
 * "retried":bool}. No more than one trial is in memory at a time. */
NODISCARD int view_columns(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                           struct err *err);

struct view_query {
    const char *state; /* NULL: all */
    const char *sort;  /* "number", "objective", "started", "duration", a metric or a flattened
                          parameter; NULL: number. Trials without it come last */
    bool descending;
    uint64_t limit; /* 0: all */
};
typedef int (*view_trial_fn)(void *arg, const struct value *trial); /* not 0 ends it */
NODISCARD int view_trials(struct view *v, const char *sweep, const struct view_query *q,
                          view_trial_fn fn, void *arg, struct err *err);
/* The best trial by the objective; *ret is NULL where there is none. */
NODISCARD int view_best(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                        struct err *err);
/* Bytes of a sweep's facts and points in the store, without its rows. Reads every fact. */
NODISCARD int view_size(struct view *v, const char *sweep, uint64_t *ret, struct err *err);
/* What was lost of the metrics of a sweep's trials, all attempts together: {"trials":n,"trial":the
 * newest of them,"bad_lines":n,…}; *ret is NULL where nothing was. */
NODISCARD int view_losses(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                          struct err *err);
/* Each point, attempts and in them steps ascending. What was written of one step is one point, and
 * of equal names in it the later value stands. */
typedef int (*view_point_fn)(void *arg, const struct value *point);
NODISCARD int view_points(struct view *v, const char *sweep, uint64_t number, uint32_t attempt,
                          view_point_fn fn, void *arg, struct err *err);
