/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/orchestrator/store_kit.h"

#include <sqlite3.h>

#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"

struct store *kit_open(const char *dir)
{
    struct store *s;
    struct err err;
    if (store_open(dir, true, &s, &err) < 0)
        FAIL("%s", err.text);
    return s;
}

void kit_append(struct store *s, const struct fact *f)
{
    struct err err;
    if (store_append(s, f, &err) < 0)
        FAIL("%s", err.text);
}

void kit_commit(struct store *s, struct books *b)
{
    struct err err;
    if (store_commit(s, b, &err) < 0)
        FAIL("%s", err.text);
    books_sweep_out(b);
}

void kit_compare(struct store *s, const struct books *b)
{
    struct books loaded;
    struct buf want, got;
    struct err err;
    buf_init(&want, SIZE_MAX);
    buf_init(&got, SIZE_MAX);
    books_init(&loaded);
    if (store_load(s, NULL, &loaded, &err) < 0)
        FAIL("%s", err.text);
    past_dump(&want, b);
    past_dump(&got, &loaded);
    ASSERT_STR(buf_str(&got), buf_str(&want));
    books_done(&loaded);
    buf_done(&want);
    buf_done(&got);
}

void kit_change(const char *dir, const char *sql)
{
    char path[300];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open(path, &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

int64_t kit_number(const char *dir, const char *sql)
{
    char path[300];
    sqlite3 *db;
    sqlite3_stmt *st;
    snprintf(path, sizeof path, "%s/besom.db", dir);
    ASSERT_EQ(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ASSERT_EQ(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}
