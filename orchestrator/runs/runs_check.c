/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs.h"
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/runs/runs_sql.h"
#include "orchestrator/store/store_sync.h"

#define PROBLEMS_MAX "100"
enum { PATH_BYTES = 4200, TEXT_BYTES = 400 };

struct checking {
    struct runs *runs;
    void (*fn)(void *arg, bool problem, const char *text);
    void *arg;
    struct runs_check *found;
};

/* Each row of the query is a problem: its first column says which. */
static int problems_find(struct checking *c, const char *sql, struct err *err)
{
    sqlite3_stmt *st;
    char text[TEXT_BYTES];
    int rc = runs_sql_use(c->runs, sql, &st, err);
    while (rc == 0 && (rc = store_sql_step(st, err)) > 0) {
        rc = 0;
        if (strcmp(store_sql_get_text(st, 0), "ok") == 0)
            continue;
        snprintf(text, sizeof text, "runs.db: %s", store_sql_get_text(st, 0));
        c->fn(c->arg, true, text);
        c->found->problems++;
    }
    return rc;
}

static int lines_count(struct checking *c, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        c->runs, "SELECT (SELECT count(*) FROM run), (SELECT ifnull(sum(n), 0) FROM lines)", &st,
        err);
    if (rc != 0 || (rc = store_sql_step(st, err)) <= 0)
        return rc;
    c->found->runs = store_sql_get_u64(st, 0);
    c->found->lines = store_sql_get_u64(st, 1);
    sqlite3_reset(st);
    return 0;
}

struct content {
    struct checking *c;
    const char *dir;
};

static void content_look(void *arg, const char *hash)
{
    const struct content *k = arg;
    char path[FILES_PATH_BYTES], text[TEXT_BYTES];
    if (!files_is_hash(hash) || k->c->found->problems >= 100)
        return;
    files_path(k->dir, hash, path);
    if (access(path, R_OK) == 0)
        return;
    snprintf(text, sizeof text, "runs.db: the content %s of a file is missing", hash);
    k->c->fn(k->c->arg, true, text);
    k->c->found->problems++;
}

static int runs_check_all(struct checking *c, struct err *err)
{
    static const char *const queries[] = {
        "PRAGMA quick_check(" PROBLEMS_MAX ")",
        "SELECT format('lines of run %d, which does not exist', run) FROM lines"
        " WHERE run NOT IN (SELECT n FROM run) LIMIT " PROBLEMS_MAX,
        "SELECT format('run %d: lines %d to %d of stream %d overlap with the next ones', run, "
        "first,"
        " first + n - 1, stream) FROM (SELECT run, stream, first, n,"
        " lead(first) OVER (PARTITION BY run, stream ORDER BY first) AS next FROM lines)"
        " WHERE next < first + n LIMIT " PROBLEMS_MAX,
        "SELECT format('run %d: lines %d to %d of stream %d are beyond its end', lines.run, first,"
        " first + lines.n - 1, stream) FROM lines JOIN run ON run.n = lines.run"
        " WHERE first < 0 OR lines.n < 1 OR first + lines.n >"
        " CASE stream WHEN 0 THEN history WHEN 1 THEN events ELSE log END LIMIT " PROBLEMS_MAX,
        "SELECT format('run %d has no project', n) FROM run"
        " WHERE project NOT IN (SELECT n FROM project) LIMIT " PROBLEMS_MAX,
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && c->found->problems == 0 && i < sizeof queries / sizeof *queries;
         i++)
        rc = problems_find(c, queries[i], err);
    return rc ? rc : lines_count(c, err);
}

int runs_check(const char *dir, void (*fn)(void *arg, bool problem, const char *text), void *arg,
               struct runs_check *ret, struct err *err)
{
    struct checking c = {.fn = fn, .arg = arg, .found = ret};
    *ret = (struct runs_check){0};
    if (!runs_is_there(dir))
        return 0;
    int rc = runs_open_to_read(dir, &c.runs, err);
    if (rc == 0)
        rc = runs_check_all(&c, err);
    if (rc == 0)
        rc = runs_file_each_hash(c.runs, content_look, &(struct content){&c, dir}, err);
    runs_close(c.runs, false);
    return rc;
}

static int pages_copy(struct runs *r, const char *path, struct err *err)
{
    sqlite3 *db = NULL;
    sqlite3_backup *backup = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc == SQLITE_OK) {
        backup = sqlite3_backup_init(db, "main", r->db, "main");
        rc = backup ? sqlite3_backup_step(backup, -1) : sqlite3_errcode(db);
        sqlite3_backup_finish(backup);
        rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
    }
    int code = rc == SQLITE_OK ? 0 : store_sql_error(db, rc, err);
    sqlite3_close(db);
    return code;
}

int runs_check_copy(const char *dir, const char *to, struct err *err)
{
    char path[PATH_BYTES], part[PATH_BYTES];
    struct runs *r = NULL;
    if (!runs_is_there(dir))
        return 0;
    if (snprintf(part, sizeof part, "%s/runs.db.part", to) >= (int)sizeof part)
        return err_set(err, ERR_USAGE, "the path is too long: %.100s…", to);
    snprintf(path, sizeof path, "%s/runs.db", to);
    unlink(part);
    int rc = runs_open_to_read(dir, &r, err);
    if (rc == 0)
        rc = pages_copy(r, part, err);
    runs_close(r, false);
    if (rc == 0)
        rc = store_sync(part, err);
    if (rc != 0) {
        unlink(part);
        return err_wrap(err, "cannot copy the runs into %s", part);
    }
    if (rename(part, path) < 0)
        return err_set(err, ERR_IO, "cannot name %s: %s", path, strerror(errno));
    return store_sync(to, err);
}
