/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_proposals.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

/* Of a trial's metric; null where the key is. */
#define LAST_VALUE(KEY) "(SELECT value FROM metric WHERE trial = t.id AND key = " KEY ")"

static double number_at(sqlite3_stmt *st, int column)
{
    return store_sql_is_null(st, column) ? NAN : store_sql_get_number(st, column);
}

static int proposal_read(struct arena *a, sqlite3_stmt *st, struct view_proposal *ret,
                         struct err *err)
{
    struct value *params;
    const char *text = store_sql_get_text(st, 2);
    int state = machine_find(trial_states, TRIAL_STATES, store_sql_get_text(st, 3));
    if (state < 0 || json_parse(a, text, strlen(text), &params, NULL) < 0)
        return err_set(err, ERR_DAMAGED, "a row of the store is damaged: trial %llu",
                       (unsigned long long)store_sql_get_u64(st, 0));
    *ret = (struct view_proposal){
        .number = store_sql_get_u64(st, 0),
        .cursor = store_sql_get_u64(st, 1),
        .params = params,
        .fate = {.state = (enum trial_state)state,
                 .objective = number_at(st, 4),
                 .iterations = store_sql_get_u64(st, 6),
                 .cost_s = (double)sqlite3_column_int64(st, 5) / 1000,
                 .others = {number_at(st, 7), number_at(st, 8), number_at(st, 9)}},
    };
    return 0;
}

static int proposals_read(struct view *v, const char *sweep, const struct spec *spec,
                          void (*fn)(void *arg, const struct view_proposal *p), void *arg,
                          struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct arena a;
    struct view_proposal p;
    arena_init(&a);
    int rc = store_sql_use(
        v->db, &st,
        "SELECT t.id & ((1 << 40) - 1), cursor, params, t.state, objective,"
        " ran, iterations, " LAST_VALUE("?2") ", " LAST_VALUE("?3") ", " LAST_VALUE("?4")
            VIEW_TRIALS_OF_SWEEP " WHERE s.id = ?1 ORDER BY t.id",
        err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    for (size_t i = 1; spec && i < spec->metrics_n && rc == 0; i++)
        store_sql_text(st, (int)i + 1, spec->metrics[i].name);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        if ((rc = proposal_read(&a, st, &p, err)) == 0)
            fn(arg, &p);
        arena_clear(&a);
    }
    sqlite3_finalize(st);
    arena_done(&a);
    return rc;
}

int view_proposals(struct view *v, const char *sweep, const struct spec *spec, uint64_t *ret_seq,
                   void (*fn)(void *arg, const struct view_proposal *p), void *arg, struct err *err)
{
    int64_t seq = 0;
    *ret_seq = 0;
    if (v->remote)
        return v->remote->proposals(v->remote, sweep, fn, arg, err);
    int rc = view_row_begin(v, err);
    if (rc != 0)
        return rc;
    rc = store_schema_last_seq(v->db, &seq, err);
    *ret_seq = (uint64_t)seq;
    if (rc == 0)
        rc = proposals_read(v, sweep, spec, fn, arg, err);
    view_row_end(v);
    return rc;
}

/* A key of the fact that created the sweep. */
static int created_get(struct view *v, struct arena *a, const char *sweep, const char *key,
                       struct value **ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct value *body = NULL;
    *ret = NULL;
    int rc = store_sql_use(
        v->db, &st, "SELECT body FROM fact WHERE kind = 'sweep_created' AND sweep = ?1", err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        rc = store_sql_step(st, err);
    }
    const char *text = rc > 0 ? store_sql_get_text(st, 0) : "{}";
    if (rc >= 0 && json_parse(a, text, strlen(text), &body, NULL) != 0)
        rc = err_set(err, ERR_DAMAGED, "the fact that created sweep %s is damaged", sweep);
    if (rc >= 0 && value_get(body, key))
        *ret = value_copy(a, value_get(body, key));
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int view_prior(struct view *v, struct arena *a, const char *sweep, struct value **ret,
               struct err *err)
{
    return created_get(v, a, sweep, "prior", ret, err);
}

int view_code(struct view *v, struct arena *a, const char *sweep, struct value **ret,
              struct err *err)
{
    return created_get(v, a, sweep, "code", ret, err);
}

int view_hosts(struct view *v, struct arena *a, const char *sweep, struct value *list,
               struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct value *latest = value_dict(a);
    int rc = store_sql_use(v->db, &st,
                           "SELECT time, body FROM fact WHERE kind = 'action' AND CASE WHEN"
                           " json_valid(body) THEN json_extract(body, '$.what') = 'code' AND"
                           " json_extract(body, '$.subject') = ?1 END ORDER BY seq",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct value *body = NULL, *one = value_dict(a);
        const char *text = store_sql_get_text(st, 1);
        if (json_parse(a, text, strlen(text), &body, NULL) != 0)
            continue;
        const char *by = value_get_str(body, "by", "");
        by += strncmp(by, "agent ", strlen("agent ")) == 0 ? strlen("agent ") : 0;
        value_put(a, one, "agent", value_str(a, by));
        value_put(a, one, "code", value_str(a, value_get_str(body, "text", "")));
        value_put(a, one, "seen", view_row_time(a, st, 0));
        value_put(a, latest, arena_strdup(a, by), one);
    }
    sqlite3_finalize(st);
    for (size_t i = 0; rc >= 0 && i < latest->dict.n; i++)
        value_push(a, list, latest->dict.entries[i].value);
    return rc < 0 ? rc : 0;
}
