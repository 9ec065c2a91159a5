/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/view_suspect.h"

#include <math.h>
#include <string.h>

#include "orchestrator/view/explain/diverged.h"
#include "orchestrator/view/explain/explain_line.h"
#include "orchestrator/view/pace/suspect.h"
#include "orchestrator/view/view_end.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

struct reading {
    struct arena arena; /* of the causes */
    struct causes causes;
    struct suspect suspect;
    sqlite3_stmt *trials, *ends;
    const char *metric; /* the trial did not fail, but this is not finite; else NULL */
    size_t cost;        /* of what was read, in bytes */
};

static int cause_add(struct reading *r, uint64_t number, const struct cause_end *end)
{
    const struct cause *cause = causes_add(&r->causes, number, end);
    return cause ? (int)(cause - r->causes.items) : -1;
}

/* The place of the cause of a row's trial; -1: it did not fail, or there are too many others. */
static int cause_read(struct reading *r, uint64_t row, const char *state, int *ret, struct err *err)
{
    *ret = -1;
    if (strcmp(state, "failed") != 0)
        return 0;
    store_sql_u64(r->ends, 1, row);
    int rc = store_sql_step(r->ends, err);
    if (rc > 0) {
        struct cause_end end = view_end_read(r->ends, 0);
        r->cost += end.text ? strlen(end.text) : 0;
        *ret = cause_add(r, store_trial_number(row), &end);
    }
    sqlite3_reset(r->ends);
    return rc < 0 ? rc : 0;
}

/* 0 where the last value of the metric is not finite, else -1. SQLite looks through all metrics of the trial for
 * it, in some steps each: a step counts as a byte. */
static int metric_read(struct reading *r, uint64_t row, int *ret, struct err *err)
{
    store_sql_u64(r->ends, 1, row);
    store_sql_text(r->ends, 2, r->metric);
    int rc = store_sql_step(r->ends, err);
    *ret = rc > 0 && !isfinite(store_sql_get_number(r->ends, 0)) ? 0 : -1;
    r->cost += (size_t)sqlite3_stmt_status(r->ends, SQLITE_STMTSTATUS_VM_STEP, true);
    sqlite3_reset(r->ends);
    return rc < 0 ? rc : 0;
}

static int trial_count(struct reading *r, struct arena *arena, struct err *err)
{
    int cause;
    uint64_t row = store_sql_get_u64(r->trials, 0);
    int rc = r->metric ? metric_read(r, row, &cause, err)
                       : cause_read(r, row, store_sql_get_text(r->trials, 1), &cause, err);
    if (rc == 0)
        suspect_add(&r->suspect, view_row_json(arena, r->trials, 2), cause);
    r->cost += (size_t)sqlite3_column_bytes(r->trials, 2);
    arena_clear(arena);
    return rc;
}

/* The newest first, up to both limits. */
static int trials_count(struct reading *r, struct err *err)
{
    struct arena row;
    int rc;
    arena_init(&row);
    while ((rc = store_sql_step(r->trials, err)) > 0) {
        r->suspect.newest =
            r->suspect.ended == VIEW_SUSPECT_TRIALS || r->cost >= VIEW_SUSPECT_BYTES;
        if (r->suspect.newest || (rc = trial_count(r, &row, err)) < 0)
            break;
    }
    arena_done(&row);
    return rc < 0 ? rc : 0;
}

static int statements_prepare(struct reading *r, struct view *v, struct err *err)
{
    int rc = store_sql_use(v->db, &r->trials,
                           "SELECT t.id, t.state, t.params" VIEW_TRIALS_OF_SWEEP
                           " WHERE s.id = ?1 AND t.state IN ('finished', 'stopped', 'failed')"
                           " ORDER BY t.id DESC",
                           err);
    if (rc >= 0)
        rc = store_sql_use(v->db, &r->ends,
                           r->metric ? "SELECT value FROM metric WHERE trial = ? AND key = ?"
                                     : "SELECT reason, code, signal, text" VIEW_END_COUNTS,
                           err);
    return rc;
}

/* The place of the cause of the trial that is asked about: an old one is not among those that are counted. */
static int own_cause(struct reading *r, const struct value *trial)
{
    const struct value *attempt = view_trial_attempt(trial);
    if (r->metric)
        return 0;
    if (!attempt)
        return -1;
    struct cause_end end = cause_of_attempt(attempt);
    return cause_add(r, (uint64_t)value_get_int(trial, "number", 0), &end);
}

static const char *suspect_read(struct view *v, struct arena *a, const struct value *trial,
                                const char *metric)
{
    struct reading r = {.metric = metric};
    struct suspect_finding found;
    const char *text = NULL;
    struct err none = {0};
    arena_init(&r.arena);
    causes_init(&r.causes, &r.arena);
    suspect_init(&r.suspect);
    int cause = own_cause(&r, trial);
    if (statements_prepare(&r, v, &none) >= 0) {
        store_sql_text(r.trials, 1, value_get_str(trial, "sweep", ""));
        if (trials_count(&r, &none) == 0 &&
            suspect_find(&r.suspect, value_get(trial, "params"), cause, &found))
            text = suspect_text(a, &found, metric ? "ended" : "failed");
    }
    sqlite3_finalize(r.trials);
    sqlite3_finalize(r.ends);
    suspect_done(&r.suspect);
    arena_done(&r.arena);
    return text;
}

/* The controller says it with its other sentences. */
static const char *suspect_ask(struct view *v, struct arena *a, const struct value *trial)
{
    struct value *lines = NULL;
    struct err none = {0};
    return explain_line_ask(v, a, trial, &lines, &none) == 0 ? explain_line_find(lines, "suspect")
                                                             : NULL;
}

const char *view_suspect(struct view *v, struct arena *a, const struct value *trial)
{
    const char *metric = diverged_metric(trial);
    if (!metric && strcmp(value_get_str(trial, "state", ""), "failed") != 0)
        return NULL;
    return v->remote ? suspect_ask(v, a, trial) : suspect_read(v, a, trial, metric);
}
