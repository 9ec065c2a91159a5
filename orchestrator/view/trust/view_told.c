/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/trust/view_told.h"

#include <string.h>

#include "orchestrator/view/view_inside.h"
#include "orchestrator/view/view_row.h"

enum { TOLD_MAX = 10000 /* keys that are read, the newest */ };

/* SQLite takes the other columns from the row that has the max(). */
static const char select_told[] =
    "SELECT subject, what FROM (SELECT json_extract(body, '$.subject') AS subject,"
    " json_extract(body, '$.what') AS what, max(seq) AS last FROM fact WHERE kind = 'action'"
    " AND json_valid(body) AND json_extract(body, '$.what') IN ('" VIEW_TOLD "', '" VIEW_TOLD_OVER
    "') GROUP BY 1) WHERE what = '" VIEW_TOLD "' AND subject NOT LIKE '%" VIEW_TOLD_ENDED
    "' ORDER BY last DESC LIMIT ?1";

static const char select_missed[] =
    "SELECT id FROM sweep AS s WHERE state IN ('finished', 'cancelled') AND ended >= ?1"
    " AND NOT EXISTS (SELECT 1 FROM fact WHERE kind = 'action' AND time >= s.ended"
    " AND json_valid(body) AND json_extract(body, '$.what') = '" VIEW_TOLD "'"
    " AND json_extract(body, '$.subject') = s.id || '" VIEW_TOLD_ENDED "') ORDER BY ended";

static int texts_read(struct view *v, struct arena *a, const char *sql, int64_t bound,
                      struct value **ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct value *list = *ret = value_list(a);
    int rc = store_sql_use(v->db, &st, sql, err);
    if (rc == 0)
        sqlite3_bind_int64(st, 1, bound);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        value_push(a, list, view_row_text(a, st, 0));
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int view_told(struct view *v, struct arena *a, struct value **ret, struct err *err)
{
    return texts_read(v, a, select_told, TOLD_MAX, ret, err);
}

int view_told_missed(struct view *v, struct arena *a, int64_t since_ms, struct value **ret,
                     struct err *err)
{
    return texts_read(v, a, select_missed, since_ms, ret, err);
}
