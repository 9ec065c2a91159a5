/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_inside.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

int store_use(struct store *s, enum store_statement which, sqlite3_stmt **ret, struct err *err)
{
    int rc = store_sql_use(s->db, &s->statements[which], store_statement_sql(which), err);
    *ret = s->statements[which];
    return rc;
}

int store_run(struct store *s, enum store_statement which, struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, which, &st, err);
    return rc < 0 ? rc : store_sql_run(st, err);
}

int store_begin(struct store *s, struct err *err)
{
    int rc = store_run(s, STORE_BEGIN, err);
    s->begun = rc == 0;
    return rc;
}

int store_end(struct store *s, struct err *err)
{
    int rc = store_run(s, STORE_COMMIT, err);
    s->begun = rc < 0;
    return rc;
}

int store_fail(struct store *s, struct err *err)
{
    if (!s->failed) {
        s->failed = err->code;
        snprintf(s->why, sizeof s->why, "%s", err->text);
    }
    return err_set(err, s->failed, "cannot write the store %s: %s", s->path, s->why);
}

int store_refuse(const struct store *s, struct err *err)
{
    if (!s->failed)
        return 0;
    return err_set(err, s->failed, "the store %s failed before: %s", s->path, s->why);
}

struct store_sweep *store_sweep_put(struct store *s, const char *id, uint64_t n)
{
    size_t len = strlen(id);
    struct store_sweep *sweep = map_find(&s->sweeps, id, len);
    if (sweep)
        return sweep;
    sweep = mem_alloc(sizeof *sweep);
    check(len < sizeof sweep->id);
    memcpy(sweep->id, id, len + 1);
    sweep->n = n;
    map_put(&s->sweeps, id, len, sweep);
    return sweep;
}
