/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/view_suspect.h"

#include <math.h>
#include <string.h>

#include "orchestrator/view/explain/diverged.h"
#include "orchestrator/view/pace/suspect.h"
#include "orchestrator/view/view_end.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

struct reading {
    struct view *view;
    struct arena arena; /* of the causes */
    struct causes causes;
    struct suspect suspect;
    sqlite3_stmt *ends;
    uint64_t number; /* of the trial that is asked about */
    int cause;       /* its place; -1: not found yet */
    const char
        *metric; /* it did not fail: what counts is whether the last value of this is finite */
};

/* The place of the cause of a row's trial; -1: it did not fail. */
static int cause_read(struct reading *r, uint64_t row, const char *state, int *ret, struct err *err)
{
    uint64_t number = row & ((UINT64_C(1) << 40) - 1);
    *ret = -1;
    if (strcmp(state, "failed") != 0)
        return 0;
    store_sql_u64(r->ends, 1, row);
    int rc = store_sql_step(r->ends, err);
    if (rc > 0) {
        struct cause_end end = view_end_read(r->ends, 0);
        const struct cause *cause = causes_add(&r->causes, number, &end);
        *ret = cause ? (int)(cause - r->causes.items) : -1;
    }
    sqlite3_reset(r->ends);
    if (number == r->number)
        r->cause = *ret;
    return rc < 0 ? rc : 0;
}

/* 0 where the last value of the metric is not finite, as that of the trial that is asked about; else -1. */
static int metric_read(struct reading *r, uint64_t row, int *ret, struct err *err)
{
    store_sql_u64(r->ends, 1, row);
    store_sql_text(r->ends, 2, r->metric);
    int rc = store_sql_step(r->ends, err);
    *ret = rc > 0 && !isfinite(store_sql_get_number(r->ends, 0)) ? 0 : -1;
    sqlite3_reset(r->ends);
    return rc < 0 ? rc : 0;
}

static int trial_count(struct reading *r, sqlite3_stmt *st, struct err *err)
{
    struct arena one;
    int cause;
    uint64_t row = store_sql_get_u64(st, 0);
    int rc = r->metric ? metric_read(r, row, &cause, err)
                       : cause_read(r, row, store_sql_get_text(st, 1), &cause, err);
    if (rc < 0)
        return rc;
    arena_init(&one);
    suspect_add(&r->suspect, view_row_json(&one, st, 2), cause);
    arena_done(&one);
    return 0;
}

static int trials_count(struct reading *r, const char *sweep, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(r->view->db, &st,
                           "SELECT t.id, t.state, t.params" VIEW_TRIALS_OF_SWEEP
                           " WHERE s.id = ?1 AND t.state IN ('finished', 'stopped', 'failed')",
                           err);
    if (rc >= 0)
        rc = store_sql_use(r->view->db, &r->ends,
                           r->metric
                               ? "SELECT value FROM metric WHERE trial = ? AND key = ?"
                               : "SELECT reason, code, signal, text FROM attempt WHERE trial = ?"
                                 " ORDER BY number DESC LIMIT 1",
                           err);
    if (rc >= 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        rc = trial_count(r, st, err);
    sqlite3_finalize(st);
    sqlite3_finalize(r->ends);
    return rc < 0 ? rc : 0;
}

static const char *suspect_read(struct view *v, struct arena *a, const struct value *trial,
                                const char *metric)
{
    struct reading r = {.view = v,
                        .number = (uint64_t)value_get_int(trial, "number", -1),
                        .cause = metric ? 0 : -1,
                        .metric = metric};
    struct suspect_finding found;
    const char *text = NULL;
    struct err none = {0};
    arena_init(&r.arena);
    causes_init(&r.causes, &r.arena);
    suspect_init(&r.suspect);
    if (trials_count(&r, value_get_str(trial, "sweep", ""), &none) == 0 &&
        suspect_find(&r.suspect, value_get(trial, "params"), r.cause, &found))
        text = suspect_text(a, &found, metric ? "ended" : "failed");
    suspect_done(&r.suspect);
    arena_done(&r.arena);
    return text;
}

/* The controller says it with its other sentences. */
static const char *suspect_ask(struct view *v, struct arena *a, const struct value *trial)
{
    struct value *said = NULL;
    struct err none = {0};
    const char *path = arena_printf(a, "trials/%s/explain", value_get_str(trial, "id", ""));
    if (v->remote->get(v->remote, a, path, &said, &none) != 0 || !said || said->kind != VALUE_LIST)
        return NULL;
    for (size_t i = 0; i < said->list.n; i++) {
        const struct value *line = said->list.items[i];
        if (line->kind == VALUE_LIST && line->list.n == 2 &&
            line->list.items[0]->kind == VALUE_STR && line->list.items[1]->kind == VALUE_STR &&
            strcmp(line->list.items[0]->s.ptr, "suspect") == 0)
            return line->list.items[1]->s.ptr;
    }
    return NULL;
}

const char *view_suspect(struct view *v, struct arena *a, const struct value *trial)
{
    const char *metric = diverged_metric(trial);
    if (!metric && strcmp(value_get_str(trial, "state", ""), "failed") != 0)
        return NULL;
    return v->remote ? suspect_ask(v, a, trial) : suspect_read(v, a, trial, metric);
}
