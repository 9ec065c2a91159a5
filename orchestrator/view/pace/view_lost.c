/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/view_lost.h"

#include "orchestrator/view/view_inside.h"
#include "orchestrator/view/view_row.h"
#include "sweep/objective.h"

static const char select_running[] =
    "SELECT t.id & ((1 << 40) - 1), m.value, t.step, t.iterations, t.iteration_step, a.points"
    " FROM sweep s JOIN trial t ON t.id BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1"
    " JOIN attempt a ON a.trial = t.id AND a.number = t.current"
    " JOIN metric m ON m.trial = t.id AND m.key = ?2"
    " WHERE s.id = ?1 AND t.state IN ('pending', 'running') AND t.state = 'running'"
    " ORDER BY t.id";

static bool row_is_lost(sqlite3_stmt *st)
{
    const struct objective o = {.iterations = store_sql_get_u64(st, 3),
                                .iteration_step = sqlite3_column_int64(st, 4)};
    return objective_is_lost(&o, store_sql_get_number(st, 1), sqlite3_column_int64(st, 2),
                             store_sql_get_u64(st, 5));
}

int view_lost(struct view *v, struct arena *a, const char *sweep, const char *metric,
              struct value **ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    *ret = value_list(a);
    int rc = store_sql_use(v->db, &st, select_running, err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_text(st, 2, metric);
    }
    while (rc >= 0 && (*ret)->list.n < VIEW_LOST_MAX && (rc = store_sql_step(st, err)) > 0)
        if (row_is_lost(st))
            value_push(a, *ret, view_row_int(a, st, 0));
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}
