/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/load/store_load_held.h"

#include <math.h>

#include "base/mem.h"
#include "orchestrator/store/load/store_load_rows.h"
#include "orchestrator/store/store_row.h"
#include "orchestrator/view/view_row.h"

static const char select_held[] =
    "SELECT t.id, t.state, current, ifnull(a.state = 'ended' AND a.reason IN ('host', 'poison')"
    " AND code < 0 AND signal = 0, 0), a.reason = 'superseded'"
    " FROM sweep s LEFT JOIN trial t ON t.id = s.n << 40 | ?2 AND ?2 < 1 << 40"
    " LEFT JOIN attempt a ON a.trial = t.id AND a.number = ?3 WHERE s.id = ?1";

static int held_rungs(sqlite3 *db, uint64_t row, struct store_held *h, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc =
        store_sql_use(db, &st, "SELECT value FROM rung WHERE trial=? ORDER BY iterations", err);
    if (rc == 0)
        store_sql_u64(st, 1, row);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        double value = sqlite3_column_double(st, 0);
        h->rungs = mem_grow(h->rungs, &h->rungs_cap, h->rungs_n + 1, sizeof *h->rungs);
        h->rungs[h->rungs_n++] = value;
        if (!isfinite(value))
            rc = store_load_rows_damaged(err, "a rung", "a trial");
    }
    sqlite3_finalize(st);
    return rc;
}

static int held_trial(sqlite3 *db, uint64_t row, struct store_held *h, struct err *err)
{
    struct arena scratch;
    arena_init(&scratch);
    struct store_load_rows l = {.scratch = &scratch, .db = db};
    int rc = held_rungs(db, row, h, err);
    if (rc == 0)
        rc = store_load_rows_trial(&l, row, &h->lost, err);
    store_load_rows_done(&l);
    arena_done(&scratch);
    return rc;
}

static int held_read(sqlite3_stmt *st, struct view *v, struct store_held *h, struct err *err)
{
    struct event_held *ret = &h->about;
    int rc = store_sql_step(st, err);
    ret->removed = rc == 0;
    if (rc <= 0 || store_sql_is_null(st, 0))
        return rc;
    int state = machine_find(trial_states, TRIAL_STATES, store_sql_get_text(st, 1));
    ret->trial_state = state < 0 ? NULL : trial_states[state].name;
    ret->current = (uint32_t)store_sql_get_u64(st, 2);
    ret->was_lost = sqlite3_column_int(st, 3);
    ret->superseded = sqlite3_column_int(st, 4);
    return state == TRIAL_LOST ? held_trial(v->db, store_sql_get_u64(st, 0), h, err) : 0;
}

int store_load_held(struct view *v, struct arena *a, struct store_held *h, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct err why = {0};
    int rc = view_row_begin(v, err);
    if (rc != 0)
        return rc;
    rc = store_sql_use(v->db, &st, select_held, &why);
    if (rc == 0) {
        store_sql_text(st, 1, h->about.sweep);
        store_sql_u64(st, 2, h->about.trial);
        store_sql_u64(st, 3, h->about.attempt);
        rc = held_read(st, v, h, &why);
    }
    sqlite3_finalize(st);
    view_row_end(v);
    if (rc == ERR_DAMAGED) {
        h->about.fault = arena_strdup(a, why.text);
        return 0;
    }
    if (rc < 0)
        *err = why;
    return rc < 0 ? rc : 0;
}
