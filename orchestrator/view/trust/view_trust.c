/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/trust/view_trust.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/core/books.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/trust/view_told.h"

static int remote_list(struct view *v, struct arena *a, const char *path, struct value **ret,
                       struct err *err)
{
    int rc = v->remote->get(v->remote, a, path, ret, err);
    if (rc == 0 && (!*ret || (*ret)->kind != VALUE_LIST))
        rc = err_set(err, ERR_PROTOCOL, "the controller did not answer with a list");
    return rc;
}

static struct value *token_read(struct arena *a, sqlite3_stmt *st)
{
    struct value *v = value_dict(a);
    value_put(a, v, "id", view_row_text(a, st, 0));
    value_put(a, v, "scope", view_row_text(a, st, 1));
    value_put(a, v, "form", view_row_text(a, st, 2));
    value_put(a, v, "name", view_row_text(a, st, 3));
    value_put(a, v, "by", view_row_text(a, st, 4));
    value_put(a, v, "created", view_row_time(a, st, 5));
    value_put(a, v, "expires", view_row_time(a, st, 6));
    value_put(a, v, "used", view_row_time(a, st, 7));
    value_put(a, v, "revoked", view_row_time(a, st, 8));
    value_put(a, v, "revoked_by", view_row_text(a, st, 9));
    value_put(a, v, "copied", value_bool(a, sqlite3_column_int(st, 10) != 0));
    return v;
}

int view_tokens(struct view *v, struct arena *a, struct value **ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    if (v->remote)
        return remote_list(v, a, "tokens", ret, err);
    struct value *list = value_list(a);
    int rc = store_sql_use(v->db, &st,
                           "SELECT id, scope, form, name, made_by, created, expires, used, revoked,"
                           " revoked_by, store <> (SELECT value FROM meta WHERE key = 'id')"
                           " FROM token ORDER BY n",
                           err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        value_push(a, list, token_read(a, st));
    sqlite3_finalize(st);
    *ret = list;
    return rc;
}

/* The fact as it is stored, with its time in seconds. */
static int action_read(struct arena *a, sqlite3_stmt *st, struct value **ret, struct err *err)
{
    static const char *const keys[] = {"by", "from", "what", "subject", "result", "text"};
    const char *text = store_sql_get_text(st, 2);
    struct value *body, *v = value_dict(a);
    int rc = json_parse(a, text, strlen(text), &body, err);
    if (rc != 0)
        return err_set(err, ERR_DAMAGED, "fact %lld cannot be read: see besom check",
                       (long long)sqlite3_column_int64(st, 0));
    value_put(a, v, "number", view_row_int(a, st, 0));
    value_put(a, v, "time", view_row_time(a, st, 1));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *word = value_get_str(body, keys[i], NULL);
        value_put(a, v, keys[i], word ? value_str(a, word) : value_null(a));
    }
    *ret = v;
    return 0;
}

int view_actions(struct view *v, struct arena *a, uint64_t limit, struct value **ret,
                 struct err *err)
{
    sqlite3_stmt *st = NULL;
    if (v->remote)
        return remote_list(v, a, arena_printf(a, "audit/%" PRIu64, limit), ret, err);
    struct value *list = value_list(a);
    int rc = store_sql_use(v->db, &st,
                           "SELECT seq, time, body FROM (SELECT seq, time, body FROM fact"
                           " WHERE kind = 'action' AND" /* nobody has asked for these */
                           " NOT (json_valid(body) AND json_extract(body, '$.what') IN ('code',"
                           " '" VIEW_TOLD "', '" VIEW_TOLD_OVER "', '" BOOKS_AGENT_LOST
                           "', '" BOOKS_AGENT_BACK "'))"
                           " ORDER BY seq DESC LIMIT ?1) ORDER BY seq",
                           err);
    if (rc == 0)
        sqlite3_bind_int64(st, 1, limit > 0 && limit < INT64_MAX ? (int64_t)limit : -1);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct value *one = NULL;
        if ((rc = action_read(a, st, &one, err)) != 0)
            break;
        value_push(a, list, one);
    }
    sqlite3_finalize(st);
    *ret = list;
    return rc;
}
