/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/check/store_replay.h"

#include <string.h>

#include "base/json.h"
#include "orchestrator/store/check/store_facts.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/view/view_row.h"

/* Compares the derived configuration of a trial with the one in its row. */
static int replay_row(struct replay *r, sqlite3_stmt *st, const struct fact *f, struct err *err)
{
    store_sql_text(st, 1, f->sweep);
    store_sql_u64(st, 2, f->trial);
    int rc = store_sql_step(st, err);
    const char *has = rc > 0 ? store_sql_get_text(st, 0) : "absent";
    const char *wants = json_text(&r->arena, f->params, JSON_PYTHON);
    if (rc >= 0 && strcmp(has, wants) != 0)
        replay_differs(r, f->trial, "configuration in its row: %.1900s; derived: %.1900s", has,
                       wants);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

static int replay_next(struct replay *r, struct store_facts *facts, sqlite3_stmt *row,
                       struct err *err)
{
    struct fact f;
    bool usable = false;
    int rc = store_facts_next(facts, &f, &usable, err);
    if (rc <= 0)
        return rc;
    if (!usable)
        return err_set(err, ERR_DAMAGED, "%s: see besom check", facts->problem);
    bool ours = strcmp(f.sweep, r->sweep) == 0;
    rc = replay_fact(r, &f, err);
    if (rc == 0 && ours && f.kind == FACT_PROPOSED && !r->differs)
        rc = replay_row(r, row, &f, err);
    return rc < 0 ? rc : 1;
}

static int replay_look_for_edits(struct view *v, struct replay *r, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(
        v->db, &st, "SELECT EXISTS(SELECT 1 FROM fact WHERE kind='sweep_edited' AND sweep=?)", err);
    if (rc == 0) {
        store_sql_text(st, 1, r->sweep);
        rc = store_sql_step(st, err);
        r->edited = rc > 0 && sqlite3_column_int(st, 0);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int store_replay(struct view *v, struct replay *r, struct err *err)
{
    struct store_facts facts;
    sqlite3_stmt *row = NULL;
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    if ((rc = store_facts_init(&facts, v, err)) == 0 &&
        (rc = replay_look_for_edits(v, r, err)) == 0)
        rc = store_sql_use(v->db, &row,
                           "SELECT params FROM sweep s JOIN trial t ON t.id = s.n << 40 | ?2"
                           " WHERE s.id = ?1",
                           err);
    if (rc == 0)
        while ((rc = replay_next(r, &facts, row, err)) > 0)
            ;
    sqlite3_finalize(row);
    store_facts_done(&facts);
    view_row_end(v);
    return rc;
}
