/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/explain/explain_host.h"

#include <string.h>
#include <time.h>

#include "orchestrator/view/view_inside.h"
#include "sweep/trial.h"

/* What ended so long before it may be a reason for the cordon. */
enum { BEFORE_MS = 3600000 };

static const char *host_cordon(struct view *v, struct arena *a, const char *agent, double ended)
{
    sqlite3_stmt *st = NULL;
    struct err err = {0};
    const char *text = NULL;
    int rc = store_sql_use(
        v->db, &st,
        "SELECT since, text FROM agent WHERE name = ? AND state = 'cordoned' AND by = 'besom'",
        &err);
    if (rc == 0) {
        store_sql_text(st, 1, agent);
        rc = store_sql_step(st, &err);
    }
    int64_t since = rc > 0 ? sqlite3_column_int64(st, 0) : 0;
    int64_t before = since - (int64_t)(ended * 1000);
    time_t seconds = (time_t)(since / 1000);
    struct tm parts;
    char at[64];
    if (rc > 0 && before > -1000 && before < BEFORE_MS && localtime_r(&seconds, &parts) &&
        strftime(at, sizeof at, "%F %T %z", &parts) > 0)
        text = arena_printf(a, "agent %s is cordoned since %s: %s; to undo it: besom uncordon %s",
                            agent, at, store_sql_get_text(st, 1), agent);
    sqlite3_finalize(st);
    return text;
}

const char *explain_host(struct view *v, struct arena *a, const struct value *trial)
{
    const struct value *list = value_get(trial, "attempts_list");
    const char *text = NULL;
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n && !text; i++) {
        const struct value *attempt = list->list.items[i];
        int reason = trial_reason_find(value_get_str(attempt, "reason", ""));
        enum trial_state state =
            reason < 0 ? TRIAL_PENDING : trial_reason_state((enum trial_reason)reason);
        if (state == TRIAL_FAILED || state == TRIAL_LOST)
            text = host_cordon(v, a, value_get_str(attempt, "agent", ""),
                               value_get_float(attempt, "ended", 0));
    }
    return text;
}
