/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_end.h"

#include <string.h>

#include "orchestrator/view/view_row.h"

struct cause_end view_end_read(sqlite3_stmt *st, int at)
{
    int reason = trial_reason_find(store_sql_get_text(st, at));
    return (struct cause_end){reason < 0 ? REASON_NONE : (enum trial_reason)reason,
                              sqlite3_column_int(st, at + 1), sqlite3_column_int(st, at + 2),
                              store_sql_get_text(st, at + 3)};
}

int view_end_cause(struct view *v, struct arena *a, uint64_t row, const char *state,
                   struct value **ret, struct err *err)
{
    *ret = value_null(a);
    if (strcmp(state, "failed") != 0 && strcmp(state, "lost") != 0)
        return 0;
    int rc =
        store_sql_use(v->db, &v->ends, "SELECT reason, code, signal, text" VIEW_END_COUNTS, err);
    if (rc < 0)
        return rc;
    store_sql_u64(v->ends, 1, row);
    if ((rc = store_sql_step(v->ends, err)) > 0) {
        struct cause_end end = view_end_read(v->ends, 0);
        *ret = value_str(a, cause_text(a, &end));
    }
    sqlite3_reset(v->ends);
    return rc < 0 ? rc : 0;
}

int view_end_rung(struct view *v, struct arena *a, uint64_t row, const char *reason,
                  struct value **ret, struct err *err)
{
    *ret = value_null(a);
    if (strcmp(reason, trial_reason_name(REASON_STOPPER)) != 0)
        return 0;
    int rc = store_sql_use(v->db, &v->rungs,
                           "SELECT json_extract(stop_why, '$.rung')" VIEW_END_COUNTS, err);
    if (rc < 0)
        return rc;
    store_sql_u64(v->rungs, 1, row);
    if ((rc = store_sql_step(v->rungs, err)) > 0)
        *ret = view_row_int(a, v->rungs, 0);
    sqlite3_reset(v->rungs);
    return rc < 0 ? rc : 0;
}
