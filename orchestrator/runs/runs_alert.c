/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_alert.h"

#include "orchestrator/runs/runs_sql.h"

static int alert_is_recent(struct runs *r, const struct runs_alert *alert, int64_t wait_ms,
                           struct err *err)
{
    sqlite3_stmt *st;
    int rc =
        runs_sql_use(r, "SELECT 1 FROM alert WHERE run=? AND title=? AND time>? LIMIT 1", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, alert->run);
    store_sql_text(st, 2, alert->title);
    runs_sql_int(st, 3, alert->time - wait_ms);
    rc = store_sql_step(st, err);
    sqlite3_reset(st);
    return rc;
}

int runs_alert_add(struct runs *r, const struct runs_alert *alert, int64_t wait_ms, bool *ret_added,
                   struct err *err)
{
    sqlite3_stmt *st;
    int rc = wait_ms > 0 ? alert_is_recent(r, alert, wait_ms, err) : 0;
    *ret_added = rc == 0;
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = runs_sql_use(r, "INSERT INTO alert(run, time, title, text, severity) VALUES(?,?,?,?,?)",
                      &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, alert->run);
    runs_sql_int(st, 2, alert->time);
    store_sql_text(st, 3, alert->title);
    store_sql_text(st, 4, alert->text);
    store_sql_text(st, 5, alert->severity);
    return store_sql_run(st, err);
}

int runs_alert_read(struct runs *r, int64_t run,
                    void (*fn)(void *arg, const struct runs_alert *alert), void *arg,
                    struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT time, title, text, severity FROM alert WHERE run=? ORDER BY n",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, run);
    while ((rc = store_sql_step(st, err)) > 0)
        fn(arg, &(struct runs_alert){run, runs_sql_get_int(st, 0), store_sql_get_text(st, 1),
                                     store_sql_get_text(st, 2), store_sql_get_text(st, 3)});
    return rc;
}
