/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_row.h"

int view_size(struct view *v, const char *sweep, uint64_t *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    if (v->remote)
        return view_row_remote_count(v, sweep, "size", ret, err);
    int rc = store_sql_use(v->db, &st,
                           "SELECT (SELECT ifnull(sum(length(body)), 0) FROM fact WHERE sweep=?1)"
                           " + (SELECT ifnull(sum(length(data)), 0) FROM chunk"
                           "  WHERE trial BETWEEN n << 40 AND (n + 1 << 40) - 1)"
                           " FROM sweep WHERE id=?1",
                           err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        rc = store_sql_step(st, err);
    }
    *ret = rc > 0 ? store_sql_get_u64(st, 0) : 0;
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}
