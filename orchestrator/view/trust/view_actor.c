/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/trust/view_actor.h"

/* What ends a trial has the time of the controller's record of it: the ended time of one that never ran, and no
 * earlier time than the launch of another's attempt that counts. Stopping a sweep ends only trials that do not run. */
static const char select_actor[] =
    "SELECT body ->> '$.by', body ->> '$.what', body ->> '$.subject', f.time"
    " FROM sweep s JOIN trial t ON t.id = s.n << 40 | ?2"
    " LEFT JOIN attempt l ON l.trial = t.id AND l.number = t.current AND l.stop = 'user'"
    " JOIN fact f ON f.kind = 'action' AND json_valid(body) AND body ->> '$.result' = 'ok'"
    " AND f.time >= ifnull(l.launched, t.created)"
    " AND (body ->> '$.subject' = s.id || '-' || ?2 AND body ->> '$.what' = 'stop'"
    " OR body ->> '$.subject' = s.id AND (body ->> '$.what' = 'cancel'"
    " OR body ->> '$.what' = 'stop' AND l.trial IS NULL))"
    " WHERE s.id = ?1 ORDER BY f.time <> t.ended, f.seq LIMIT 1";

const char *view_actor_name(struct view *v, struct arena *a, const char *by)
{
    sqlite3_stmt *st = NULL;
    struct err none = {0};
    const char *name = NULL;
    if (store_sql_use(v->db, &st, "SELECT name FROM token WHERE id = ?", &none) == 0) {
        store_sql_text(st, 1, by);
        if (store_sql_step(st, &none) > 0 && !store_sql_is_null(st, 0))
            name = arena_printf(a, "%s (token %s)", store_sql_get_text(st, 0), by);
    }
    sqlite3_finalize(st);
    return name ? name : arena_strdup(a, by);
}

int view_actor_find(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                    struct value **ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    *ret = value_null(a);
    int rc = store_sql_use(v->db, &st, select_actor, err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, number);
        rc = store_sql_step(st, err);
    }
    if (rc > 0) {
        *ret = value_dict(a);
        value_put(a, *ret, "by", value_str(a, view_actor_name(v, a, store_sql_get_text(st, 0))));
        value_put(a, *ret, "what", view_row_text(a, st, 1));
        value_put(a, *ret, "subject", view_row_text(a, st, 2));
        value_put(a, *ret, "time", view_row_time(a, st, 3));
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}
