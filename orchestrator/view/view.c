/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "orchestrator/view/view.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/diag/display.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "orchestrator/store/chunk.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/view_inside.h"

enum { HEED_STEPS = 200 /* of SQLite's machine, each far below a millisecond */ };

enum { PATH_BYTES = 4200, BUSY_MS = 5000, NAMED_MAX = 8, NAME_BYTES = 1024 };

static int open_file(struct view *v, const char *name, struct err *err)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    sqlite3_close(v->db);
    v->db = NULL;
    int rc = sqlite3_open_v2(name, &v->db, flags, NULL);
    if (rc != SQLITE_OK)
        return store_sql_error(v->db, rc, err);
    sqlite3_extended_result_codes(v->db, 1);
    sqlite3_busy_timeout(v->db, BUSY_MS);
    sqlite3_db_config(v->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return store_schema_verify(v->db, err);
}

/* A file name as a URI for SQLite, with special characters escaped. */
static void name_uri(struct buf *out, const char *path, const char *suffix)
{
    buf_adds(out, "file:");
    for (; *path; path++) {
        if (strchr("%?#", *path))
            buf_addf(out, "%%%02x", (unsigned char)*path);
        else
            buf_addc(out, *path);
    }
    buf_adds(out, suffix);
}

/* SQLite needs an index of the log beside the file. If the folder is read-only, SQLite cannot make
 * the index. Then, if there is no log, nobody is writing, and the file alone has all data. */
static int open_store(struct view *v, const char *path, struct err *err)
{
    struct buf name;
    struct stat st;
    buf_init(&name, SIZE_MAX);
    name_uri(&name, path, "");
    int rc = open_file(v, buf_str(&name), err);
    if ((rc == ERR_IO || rc == ERR_PERMISSION) && access(v->dir, W_OK) < 0) {
        char wal[PATH_BYTES];
        snprintf(wal, sizeof wal, "%s-wal", path);
        if (stat(wal, &st) == 0 && st.st_size > 0) {
            rc = err_set(err, ERR_PERMISSION,
                         "it was not closed, and recovery needs write access to the folder: let "
                         "its owner run besom check there");
        } else {
            buf_clear(&name);
            name_uri(&name, path, "?immutable=1");
            rc = open_file(v, buf_str(&name), err);
        }
    }
    buf_done(&name);
    return rc;
}

int view_open(const char *dir, struct view **ret, struct err *err)
{
    char path[PATH_BYTES];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/besom.db", dir) >= (int)sizeof path)
        return err_set(err, ERR_USAGE, "the path of the store is too long: %.100s…", dir);
    if (stat(path, &st) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return err_set(err, ERR_NOT_FOUND,
                           "there is no store in %s: besom run SPEC creates one", dir);
        return err_set(err, errno == EACCES ? ERR_PERMISSION : ERR_IO, "%s: %s", path,
                       strerror(errno));
    }
    int rc = store_lock_check_files(dir, err);
    if (rc < 0)
        return rc;
    struct view *v = mem_alloc(sizeof *v);
    v->dir = mem_strdup(dir);
    v->codec = chunk_codec_new();
    rc = open_store(v, path, err);
    if (rc < 0) {
        err_wrap(err, "the store %s cannot be read", path);
        view_close(v);
        return rc;
    }
    *ret = v;
    return 0;
}

static int view_is_gone(void *arg)
{
    const struct view *v = arg;
    return atomic_load_explicit(v->gone, memory_order_relaxed);
}

void view_heed(struct view *v, const atomic_bool *gone)
{
    v->gone = gone;
    sqlite3_progress_handler(v->db, HEED_STEPS, gone ? view_is_gone : NULL, v);
}

int view_seq(struct view *v, int64_t *ret, struct err *err)
{
    return store_schema_last_seq(v->db, ret, err);
}

void view_close(struct view *v)
{
    if (!v)
        return;
    sqlite3_finalize(v->metrics);
    sqlite3_finalize(v->curve_row);
    sqlite3_finalize(v->curve_chunks);
    sqlite3_finalize(v->ends);
    sqlite3_finalize(v->rungs);
    sqlite3_close(v->db);
    if (v->remote)
        v->remote->close(v->remote);
    else
        chunk_codec_free(v->codec);
    mem_free(v->dir);
    mem_free(v);
}

/* Joins the results of a query of one column, for messages that list names. */
static int name_some(sqlite3_stmt *st, struct buf *out, size_t *n, struct err *err)
{
    int rc;
    for (*n = 0; (rc = store_sql_step(st, err)) > 0; ++*n)
        if (*n < NAMED_MAX) {
            const char *name = store_sql_get_text(st, 0);
            buf_adds(out, *n ? ", " : "");
            display_clean(out, name, strlen(name));
        }
    if (*n > NAMED_MAX)
        buf_addf(out, " and %zu more", *n - NAMED_MAX);
    return rc;
}

/* "a3f9 (digits)" for each sweep, the newest first. */
#define SWEEPS_NAMED                                                                        \
    "SELECT id || coalesce(' (' || nullif(substr(name, 1, 20), '') || ')', '') FROM sweep " \
    "ORDER BY n DESC"

/* The place of the sweeps, for a message. */
static const char *store_shown(const struct view *v)
{
    return v->served ? "the controller's store" : v->dir;
}

static int no_sweep(struct view *v, const char *what, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct buf names;
    size_t n;
    buf_init(&names, ERR_TEXT_BYTES / 2);
    int rc = store_sql_use(v->db, &st, SWEEPS_NAMED, err);
    if (rc == 0 && (rc = name_some(st, &names, &n, err)) == 0)
        rc = n == 0 ? err_set(err, ERR_NOT_FOUND,
                              "there is no sweep in %s yet: besom %s SPEC creates one",
                              store_shown(v), v->served ? "sweep" : "run")
                    : err_set(err, ERR_NOT_FOUND, "there is no sweep '%.40s' in %s; it has %s",
                              what, store_shown(v), buf_peek(&names));
    sqlite3_finalize(st);
    buf_done(&names);
    return rc;
}

/* Runs a query of ids. Returns how many it finds; the first is in id, all are in names. */
static int find_ids(struct view *v, const char *sql, const char *what, char id[16],
                    struct buf *names, struct err *err)
{
    sqlite3_stmt *st = NULL;
    size_t n = 0;
    int rc = store_sql_use(v->db, &st, sql, err);
    if (rc == 0) {
        store_sql_text(st, 1, what);
        if ((rc = store_sql_step(st, err)) > 0)
            snprintf(id, 16, "%s", store_sql_get_text(st, 0));
    }
    if (rc > 0) {
        sqlite3_reset(st);
        rc = name_some(st, names, &n, err);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : (int)n;
}

#define NEWEST_FIRST " ORDER BY n DESC LIMIT 100"

/* Finds a sweep by its whole id or else by its name; both come before the beginning of an id.
 * Returns how many match. Several sweeps of one name are an error. */
static int find_whole(struct view *v, const char *what, char id[16], struct err *err)
{
    struct buf names;
    buf_init(&names, ERR_TEXT_BYTES / 2);
    int rc = find_ids(v, "SELECT id FROM sweep WHERE id = ?1", what, id, &names, err);
    if (rc == 0)
        rc =
            find_ids(v, "SELECT id FROM sweep WHERE name = ?1" NEWEST_FIRST, what, id, &names, err);
    if (rc > 1)
        rc = err_set(err, ERR_USAGE, "%d sweeps are named '%.40s', the newest first: %s; use an id",
                     rc, what, buf_peek(&names));
    buf_done(&names);
    return rc;
}

/* Finds the newest sweep of the sweep file at a path. Returns how many the file has. */
static int find_file(struct view *v, const char *what, char id[16], struct err *err)
{
    char path[PATH_MAX], project[PATH_MAX], text[2][PATH_TEXT_BYTES];
    sqlite3_stmt *st = NULL;
    int n = 0;
    if (v->served || !strpbrk(what, "./") || !realpath(what, path) || !realpath(v->dir, project))
        return 0;
    *strrchr(project, '/') = '\0'; /* the folder that contains the store */
    path_text_print(text[0], path);
    path_text_print(text[1], project);
    int rc = store_sql_use(v->db, &st,
                           "SELECT id FROM sweep WHERE path = ?1 OR ?2 || '/' || spec_place = ?1 "
                           "ORDER BY n DESC",
                           err);
    if (rc == 0) {
        store_sql_text(st, 1, text[0]);
        store_sql_text(st, 2, text[1]);
    }
    for (; rc == 0 && (rc = store_sql_step(st, err)) > 0; rc = 0)
        if (n++ == 0)
            snprintf(id, 16, "%s", store_sql_get_text(st, 0));
    sqlite3_finalize(st);
    const char *end = strrchr(what, '.');
    bool spec =
        end && (strcmp(end, ".yaml") == 0 || strcmp(end, ".yml") == 0 || strcmp(end, ".json") == 0);
    if (rc == 0 && n == 0 && !spec)
        return err_set(err, ERR_NOT_FOUND,
                       "%.200s is not the file of a sweep in %s: name a sweep or its file, such as "
                       "sweep.yaml",
                       what, v->dir);
    if (rc == 0 && n == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "there is no sweep of %.200s in %s: besom run %.200s begins one", what,
                       v->dir, what);
    return rc < 0 ? rc : n;
}

static int find_beginning(struct view *v, const char *what, char id[16], struct err *err)
{
    struct buf names;
    buf_init(&names, ERR_TEXT_BYTES / 2);
    int rc = find_ids(
        v, "SELECT id FROM sweep WHERE ?1 IS NULL OR substr(id, 1, length(?1)) = ?1" NEWEST_FIRST,
        what, id, &names, err);
    if (rc == 0)
        rc = no_sweep(v, what ? what : "last", err);
    else if (rc > 1 && what)
        rc = err_set(err, ERR_USAGE, "'%.40s' matches several sweeps: %s", what, buf_peek(&names));
    buf_done(&names);
    return rc < 0 ? rc : 0;
}

int view_find_sweep(struct view *v, const char *what, char id[16], struct err *err)
{
    bool trial;
    uint64_t number;
    if (v->remote)
        return v->remote->find(v->remote, what, "sweep", id, &trial, &number, err);
    if (what && strcmp(what, "last") == 0)
        what = NULL;
    if (what && !*what)
        return no_sweep(v, what, err);
    int rc = what ? find_whole(v, what, id, err) : 0;
    if (rc == 0 && what)
        rc = find_file(v, what, id, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return find_beginning(v, what, id, err);
}

/* Reads a number that has only digits. */
static bool read_number(const char *s, uint64_t *ret)
{
    size_t len = strlen(s);
    *ret = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9' || len > 15)
            return false;
        *ret = 10 * *ret + (uint64_t)(s[i] - '0');
    }
    return len > 0;
}

static int count_trials(struct view *v, const char *id, uint64_t *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, "SELECT proposed FROM sweep WHERE id = ?", err);
    if (rc == 0) {
        store_sql_text(st, 1, id);
        if ((rc = store_sql_step(st, err)) > 0)
            *ret = store_sql_get_u64(st, 0);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

/* Whether the text before the dash is the whole id of a sweep: 1, 0, or an error. */
static int has_id(struct view *v, const char *what, const char *dash, struct err *err)
{
    char before[NAME_BYTES], id[16];
    struct buf names;
    buf_init(&names, ERR_TEXT_BYTES / 2);
    snprintf(before, sizeof before, "%.*s", (int)(dash - what), what);
    int rc = find_ids(v, "SELECT id FROM sweep WHERE id = ?1", before, id, &names, err);
    buf_done(&names);
    return rc;
}

/* Whether the text names a trial: "SWEEP-NUMBER", or a number alone. A sweep may have such a name:
 * a trial "ID-NUMBER" with a whole id comes before that sweep, and other trials after it. Returns 1
 * or 0, or an error. */
static int is_trial_name(struct view *v, const char *what, uint64_t *ret_number, struct err *err)
{
    char id[16];
    const char *dash = strrchr(what, '-');
    if (!read_number(dash ? dash + 1 : what, ret_number) || dash == what)
        return 0;
    int rc = dash ? has_id(v, what, dash, err) : 1;
    if (rc != 0)
        return rc;
    rc = find_whole(v, what, id, err);
    return rc < 0 ? rc : rc == 0;
}

int view_find(struct view *v, const char *what, char id[16], bool *ret_trial, uint64_t *number,
              struct err *err)
{
    if (v->remote)
        return v->remote->find(v->remote, what, "any", id, ret_trial, number, err);
    int rc = what ? is_trial_name(v, what, number, err) : 0;
    *ret_trial = rc > 0;
    if (rc < 0)
        return rc;
    return rc > 0 ? view_find_trial(v, what, id, number, err) : view_find_sweep(v, what, id, err);
}

int view_find_trial(struct view *v, const char *what, char id[16], uint64_t *number,
                    struct err *err)
{
    char sweep[NAME_BYTES];
    const char *dash = strrchr(what, '-');
    uint64_t n = 0;
    bool trial;
    if (v->remote)
        return v->remote->find(v->remote, what, "trial", id, &trial, number, err);
    int rc = is_trial_name(v, what, number, err);
    if (rc < 0)
        return rc;
    bool numbered = rc > 0;
    snprintf(sweep, sizeof sweep, "%.*s", numbered && dash ? (int)(dash - what) : NAME_BYTES - 1,
             what);
    if ((rc = view_find_sweep(v, numbered && !dash ? NULL : sweep, id, err)) < 0 ||
        (rc = count_trials(v, id, &n, err)) < 0)
        return rc;
    if (!numbered && n == 1)
        *number = 0;
    else if (!numbered && n > 1)
        return err_set(err, ERR_USAGE,
                       "'%.40s' is a sweep; name one of its trials, %s-0 to %s-%llu", what, id, id,
                       (unsigned long long)n - 1);
    if (n == 0)
        return err_set(err, ERR_NOT_FOUND, "the sweep %s has no trial yet", id);
    if (*number >= n)
        return err_set(err, ERR_NOT_FOUND, "there is no trial %s-%llu: the last one is %s-%llu", id,
                       (unsigned long long)*number, id, (unsigned long long)n - 1);
    return 0;
}

/* The newest sweep that the query finds for the text; "" if none. */
static int newest_of(struct view *v, const char *sql, const char *text, char id[16],
                     struct err *err)
{
    sqlite3_stmt *st = NULL;
    id[0] = '\0';
    int rc = store_sql_use(v->db, &st, sql, err);
    if (rc == 0) {
        store_sql_text(st, 1, text);
        rc = store_sql_step(st, err);
    }
    if (rc > 0)
        snprintf(id, 16, "%s", store_sql_get_text(st, 0));
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int view_find_path(struct view *v, const char *path, const char *place, char id[16],
                   struct err *err)
{
    char here[16] = "";
    if (v->remote)
        return v->remote->find_path(v->remote, path, place, id, err);
    int rc =
        newest_of(v, "SELECT id FROM sweep WHERE path=? ORDER BY n DESC LIMIT 1", path, id, err);
    if (rc == 0 && place)
        rc = newest_of(v, "SELECT id FROM sweep WHERE spec_place=? ORDER BY n DESC LIMIT 1", place,
                       here, err);
    if (rc != 0)
        return rc;
    if (id[0] && here[0] && strcmp(id, here) != 0)
        return err_set(err, ERR_USAGE,
                       "two sweeps match %s: %s was started from this path, %s from the same path "
                       "in a folder that has moved here; choose one with --sweep ID",
                       path, id, here);
    if (!id[0])
        memcpy(id, here, sizeof here);
    return id[0] ? 0 : err_set(err, ERR_NOT_FOUND, "no sweep of %s is in the store", path);
}

bool view_was_removed(struct view *v, const char *sweep)
{
    return v->db && store_schema_was_removed(v->db, sweep);
}
