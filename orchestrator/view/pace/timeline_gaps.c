/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/timeline_gaps.h"

#include <string.h>

static const struct {
    const char *what, *why;
    bool agent;
} changes[] = {
    {"pause", "the sweep was paused", false},
    {"resume", NULL, false},
    {"stop", "the sweep was stopped", false},
    {"cancel", "the sweep was cancelled", false},
    {"cordon", "the agent was cordoned", true},
    {"drain", "the agent was drained", true},
    {"uncordon", NULL, true},
    {"forget", NULL, true},
};

int timeline_gaps_read(struct view *v, struct arena *a, const char *sweep,
                       struct timeline_gaps *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st,
                           "SELECT time, what, subject FROM (SELECT seq, time,"
                           " json_extract(body, '$.what') AS what,"
                           " json_extract(body, '$.subject') AS subject FROM fact"
                           " WHERE kind = 'action' AND json_valid(body)"
                           " AND json_extract(body, '$.result') = 'ok'"
                           " AND json_extract(body, '$.what') IN ('pause', 'resume', 'stop',"
                           " 'cancel', 'cordon', 'drain', 'uncordon', 'forget')"
                           " ORDER BY seq DESC LIMIT ?1) ORDER BY seq",
                           err);
    *ret = (struct timeline_gaps){.items = arena_alloc(a, TIMELINE_GAPS_MAX * sizeof *ret->items)};
    if (rc == 0)
        store_sql_u64(st, 1, TIMELINE_GAPS_MAX);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *what = store_sql_get_text(st, 1), *subject = store_sql_get_text(st, 2);
        size_t i = 0;
        while (i + 1 < sizeof changes / sizeof *changes && strcmp(changes[i].what, what) != 0)
            i++;
        if (changes[i].agent || strcmp(subject, sweep) == 0)
            ret->items[ret->n++] = (struct timeline_change){
                sqlite3_column_int64(st, 0), changes[i].agent ? arena_strdup(a, subject) : NULL,
                changes[i].why};
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

const char *timeline_gaps_why(const struct timeline_gaps *g, const char *agent, int64_t time_ms)
{
    const char *of_sweep = NULL, *of_agent = NULL;
    for (size_t i = 0; i < g->n && g->items[i].time_ms <= time_ms; i++) {
        if (!g->items[i].agent)
            of_sweep = g->items[i].why;
        else if (strcmp(g->items[i].agent, agent) == 0)
            of_agent = g->items[i].why;
    }
    return of_sweep ? of_sweep : of_agent ? of_agent : "no trial to start, or another sweep's";
}
