/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestrator/store/check/store_check.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/store/store_sync.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_inside.h"

enum { PATH_BYTES = 4200 };

static int copy_pages(sqlite3 *from, sqlite3 *to, struct err *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return store_sql_error(to, sqlite3_errcode(to), err);
    int rc = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    return rc == SQLITE_DONE ? 0 : store_sql_error(to, rc, err);
}

static int rename_store(sqlite3 *db, struct err *err)
{
    char id[STORE_ID_BYTES], sql[200];
    int rc = store_schema_new_id(id, err);
    snprintf(sql, sizeof sql,
             "BEGIN; INSERT OR REPLACE INTO meta SELECT 'origin', value FROM meta WHERE key='id';"
             "UPDATE meta SET value='%s' WHERE key='id'; COMMIT",
             id);
    return rc < 0 ? rc : store_sql_exec(db, sql, err);
}

static int copy_into(struct view *v, const char *path, struct err *err)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    rc = rc == SQLITE_OK ? copy_pages(v->db, db, err) : store_sql_error(db, rc, err);
    if (rc == 0)
        rc = rename_store(db, err);
    int closed = sqlite3_close(db);
    return rc == 0 && closed != SQLITE_OK ? store_sql_error(NULL, closed, err) : rc;
}

/* Copies under another name until the copy is complete: an incomplete copy must not look like a
 * store. */
static int copy_store(struct view *v, const char *to, struct err *err)
{
    char path[PATH_BYTES], part[PATH_BYTES];
    struct stat st;
    int rc = store_lock_folder(to, true, err);
    if (rc < 0)
        return rc;
    if (snprintf(part, sizeof part, "%s/besom.db.part", to) >= (int)sizeof part)
        return err_set(err, ERR_USAGE, "the path is too long: %.100s…", to);
    snprintf(path, sizeof path, "%s/besom.db", to);
    if (stat(path, &st) == 0)
        return err_set(err, ERR_EXISTS, "%s is a store already: name a new folder", to);
    unlink(part);
    if ((rc = copy_into(v, part, err)) < 0 || (rc = store_sync(part, err)) < 0) {
        unlink(part);
        return err_wrap(err, "cannot copy into %s", part);
    }
    if (rename(part, path) < 0)
        return err_set(err, ERR_IO, "cannot name %s: %s", path, strerror(errno));
    return store_sync(to, err);
}

int store_backup(const char *dir, const char *to, struct err *err)
{
    struct view *v;
    int rc = view_open(dir, &v, err);
    if (rc < 0)
        return rc;
    rc = copy_store(v, to, err);
    view_close(v);
    return rc;
}
