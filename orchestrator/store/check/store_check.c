/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/check/store_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "orchestrator/store/store.h"
#include "orchestrator/store/check/store_facts.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_row.h"

enum { PROBLEMS_SAID = 100, PROBLEM_BYTES = 1000, FACTS_A_COMMIT = 1000 };

struct checker {
    struct view *v;
    struct store *rows; /* the rows that the facts give */
    struct books books;
    struct store_facts facts;
    uint64_t pending; /* facts since the last commit */
    store_check_fn fn;
    void *arg;
    struct store_check *found;
};

static void problem_add(struct checker *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void problem_add(struct checker *c, const char *fmt, ...)
{
    char text[PROBLEM_BYTES];
    va_list ap;
    if (c->found->problems++ >= PROBLEMS_SAID)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->fn(c->arg, true, text);
}

static int check_pages(struct checker *c, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(c->v->db, &st, "PRAGMA integrity_check", err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        if (strcmp(store_sql_get_text(st, 0), "ok") != 0)
            problem_add(c, "the file: %s", store_sql_get_text(st, 0));
    sqlite3_finalize(st);
    return rc;
}

/* Nothing else would notice a renamed column, except a query that names it. */
static int check_schema(struct checker *c, struct err *err)
{
    static const char sql[] = "SELECT name, sql FROM sqlite_schema ORDER BY name";
    sqlite3_stmt *has = NULL, *wants = NULL;
    int a = 0, b = 0, rc = store_sql_use(c->v->db, &has, sql, err);
    if (rc == 0)
        rc = store_sql_use(c->rows->db, &wants, sql, err);
    while (rc == 0 && (a = store_sql_step(has, err)) >= 0 &&
           (b = store_sql_step(wants, err)) >= 0 && (a || b)) {
        if (a && b && strcmp(store_sql_get_text(has, 0), store_sql_get_text(wants, 0)) == 0 &&
            strcmp(store_sql_get_text(has, 1), store_sql_get_text(wants, 1)) == 0)
            continue;
        problem_add(c, "the tables differ from those of this version: see %.100s",
                    store_sql_get_text(a ? has : wants, 0));
        break;
    }
    sqlite3_finalize(has);
    sqlite3_finalize(wants);
    return rc < 0 ? rc : a < 0 ? a : b < 0 ? b : 0;
}

/* Checks values that only store_open() reads, and that would make the next writer fail. */
static int check_meta(struct checker *c, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int good = 0, rc = store_sql_use(c->v->db, &st,
                                     "SELECT key, CASE key"
                                     " WHEN 'epoch' THEN typeof(value)='integer' AND value>0"
                                     " WHEN 'id' THEN typeof(value)='text' AND length(value)=32"
                                     "  AND value NOT GLOB '*[^0-9a-f]*'"
                                     " WHEN 'origin' THEN typeof(value)='text'"
                                     " ELSE 0 END FROM meta",
                                     err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        if (!sqlite3_column_int(st, 1))
            problem_add(c, "meta: %.40s has a value or a name that besom does not write",
                        store_sql_get_text(st, 0));
        good += sqlite3_column_int(st, 1) && strcmp(store_sql_get_text(st, 0), "origin") != 0;
    }
    if (rc == 0 && good < 2)
        problem_add(c, "meta: id or epoch is missing");
    sqlite3_finalize(st);
    return rc;
}

/* Folds f. A fact that does not fit is reported and left out. */
static int fact_fold(struct checker *c, const struct fact *f, struct err *err)
{
    struct err why;
    int rc;
    if (books_apply(&c->books, f, &why) < 0) {
        problem_add(c, "fact %llu: %s", (unsigned long long)f->seq, why.text);
        return 0;
    }
    if (f->kind == FACT_SWEEP_REMOVED) /* the fact has no rows */
        return 0;
    if ((rc = store_append(c->rows, f, err)) < 0 || ++c->pending < FACTS_A_COMMIT)
        return rc;
    c->pending = 0;
    rc = store_commit(c->rows, &c->books, err);
    books_sweep_out(&c->books);
    return rc;
}

static int check_facts(struct checker *c, struct err *err)
{
    struct fact f;
    bool usable = false;
    int rc = store_facts_init(&c->facts, c->v, err);
    while (rc >= 0 && (rc = store_facts_next(&c->facts, &f, &usable, err)) > 0) {
        if (c->facts.problem[0])
            problem_add(c, "%s", c->facts.problem);
        rc = usable ? fact_fold(c, &f, err) : 0;
    }
    c->found->facts = c->facts.facts_n;
    c->found->chunks = c->facts.chunks_n;
    c->found->points = c->facts.points_n;
    return rc < 0 ? rc : store_commit(c->rows, &c->books, err);
}

struct table {
    const char *name, *sql;
    int keys; /* how many of the first columns are keys: integers, or texts in the order of their bytes */
};

static int compare_keys(sqlite3_stmt *a, sqlite3_stmt *b, int keys)
{
    for (int i = 0; i < keys; i++) {
        if (sqlite3_column_type(a, i) == SQLITE_TEXT && sqlite3_column_type(b, i) == SQLITE_TEXT) {
            int order = strcmp(store_sql_get_text(a, i), store_sql_get_text(b, i));
            if (order != 0)
                return order < 0 ? -1 : 1;
            continue;
        }
        int64_t x = sqlite3_column_int64(a, i), y = sqlite3_column_int64(b, i);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

static void name_row(const struct checker *c, const struct table *t, sqlite3_stmt *st, char out[64])
{
    uint64_t key = store_sql_get_u64(st, 0);
    if (strcmp(t->name, "agent") == 0) {
        snprintf(out, 64, "agent %.50s", store_sql_get_text(st, 1));
        return;
    }
    if (strcmp(t->name, "token") == 0) {
        snprintf(out, 64, "token %.20s", store_sql_get_text(st, 1));
        return;
    }
    bool of_trial = strcmp(t->name, "sweep") != 0 && strcmp(t->name, "spec") != 0;
    uint64_t sweep = of_trial ? key >> STORE_NUMBER_BITS : key;
    const char *id = store_facts_sweep(&c->facts, sweep);
    int n = snprintf(out, 64, "%s %s", t->name, id ? id : "?");
    if (of_trial)
        n +=
            snprintf(out + n, 64 - (size_t)n, "-%llu", (unsigned long long)store_trial_number(key));
    if (t->keys == 2)
        snprintf(out + n, 64 - (size_t)n, " %s %.20s", sqlite3_column_name(st, 1),
                 store_sql_get_text(st, 1));
}

/* Compares the bits, because -0.0 and 0.0 are shown differently. */
static bool is_same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void compare_row(struct checker *c, const struct table *t, sqlite3_stmt *has,
                        sqlite3_stmt *wants)
{
    char row[64];
    for (int i = t->keys; i < sqlite3_column_count(has); i++) {
        bool same = sqlite3_column_type(has, i) == sqlite3_column_type(wants, i);
        int n = sqlite3_column_bytes(has, i);
        if (same && sqlite3_column_type(has, i) == SQLITE_FLOAT)
            same = is_same_double(sqlite3_column_double(has, i), sqlite3_column_double(wants, i));
        else if (same && n == sqlite3_column_bytes(wants, i) && n > 0)
            same =
                memcmp(sqlite3_column_blob(has, i), sqlite3_column_blob(wants, i), (size_t)n) == 0;
        else
            same = same && n == sqlite3_column_bytes(wants, i);
        if (same)
            continue;
        name_row(c, t, has, row);
        problem_add(c, "%s: %s is %.200s, the facts say %.200s", row, sqlite3_column_name(has, i),
                    store_sql_is_null(has, i) ? "absent" : store_sql_get_text(has, i),
                    store_sql_is_null(wants, i) ? "absent" : store_sql_get_text(wants, i));
    }
}

/* Whether the spec of the row's sweep is unreadable: then the facts give other rows here than to a
 * version that can read it. */
static bool is_unreadable(const struct checker *c, const struct table *t, sqlite3_stmt *st)
{
    uint64_t key = store_sql_get_u64(st, 0);
    bool of_trial = strcmp(t->name, "sweep") != 0 && strcmp(t->name, "spec") != 0;
    if (strcmp(t->name, "token") == 0)
        return false;
    uint64_t n = of_trial ? key >> STORE_NUMBER_BITS : key;
    const char *id = store_facts_sweep(&c->facts, n);
    const struct book_sweep *s = id ? books_sweep(&c->books, id) : NULL;
    return s && s->fault && strcmp(t->name, "spec") != 0;
}

static int compare_rows(struct checker *c, const struct table *t, sqlite3_stmt *has,
                        sqlite3_stmt *wants, struct err *err)
{
    char row[64];
    int a = store_sql_step(has, err), b = store_sql_step(wants, err);
    while (a > 0 || b > 0) {
        int order = a <= 0 ? 1 : b <= 0 ? -1 : compare_keys(has, wants, t->keys);
        if (is_unreadable(c, t, order <= 0 ? has : wants)) {
            ;
        } else if (order == 0) {
            compare_row(c, t, has, wants);
        } else {
            name_row(c, t, order < 0 ? has : wants, row);
            problem_add(c, order < 0 ? "%s: there is no fact for it" : "%s: its row is missing",
                        row);
        }
        c->found->trials += t->keys == 1 && order >= 0 && strcmp(t->name, "trial") == 0;
        if (order <= 0)
            a = store_sql_step(has, err);
        if (order >= 0)
            b = store_sql_step(wants, err);
        if (a < 0 || b < 0)
            break;
    }
    return a < 0 ? a : b;
}

static int check_rows(struct checker *c, struct err *err)
{
    static const struct table tables[] = {
        {"sweep", "SELECT * FROM sweep ORDER BY n", 1},
        {"spec", "SELECT * FROM spec ORDER BY sweep", 1},
        {"trial", "SELECT * FROM trial ORDER BY id", 1},
        {"attempt", "SELECT * FROM attempt ORDER BY trial, number", 2},
        {"metric", "SELECT * FROM metric ORDER BY trial, place", 2},
        {"token", "SELECT * FROM token ORDER BY n", 1},
        {"rung", "SELECT * FROM rung ORDER BY trial, iterations", 2},
        {"agent", "SELECT * FROM agent ORDER BY seq", 1},
        {"tag", "SELECT * FROM tag ORDER BY thing, tag", 2},
    };
    int rc = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables && rc == 0; i++) {
        sqlite3_stmt *has = NULL, *wants = NULL;
        if ((rc = store_sql_use(c->v->db, &has, tables[i].sql, err)) == 0 &&
            (rc = store_sql_use(c->rows->db, &wants, tables[i].sql, err)) == 0)
            rc = compare_rows(c, &tables[i], has, wants, err);
        sqlite3_finalize(has);
        sqlite3_finalize(wants);
    }
    return rc;
}

static void note_unreadable(struct checker *c)
{
    void *value;
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &value);) {
        const struct book_sweep *s = value;
        char text[PROBLEM_BYTES];
        if (!s->fault)
            continue;
        c->found->unreadable++;
        snprintf(text, sizeof text,
                 "this version of besom cannot read the spec of sweep %s: %s; its rows were not "
                 "compared: check it with the version that started it",
                 s->id, s->fault);
        c->fn(c->arg, false, text);
    }
}

static int check_all(struct checker *c, struct err *err)
{
    int rc = view_row_begin(c->v, err);
    if (rc < 0)
        return rc;
    if ((rc = check_pages(c, err)) == 0 && (rc = check_schema(c, err)) == 0 &&
        (rc = check_meta(c, err)) == 0 && (rc = check_facts(c, err)) == 0)
        rc = check_rows(c, err);
    if (rc == 0)
        note_unreadable(c);
    view_row_end(c->v);
    return rc;
}

int store_check(const char *dir, store_check_fn fn, void *arg, struct store_check *ret,
                struct err *err)
{
    struct checker c = {.fn = fn, .arg = arg, .found = ret};
    *ret = (struct store_check){0};
    int rc = view_open(dir, &c.v, err);
    if (rc < 0)
        return rc;
    books_init(&c.books);
    c.books.keeps_lost = true;
    if ((rc = store_open_rows(&c.rows, err)) == 0)
        rc = check_all(&c, err);
    store_close(c.rows);
    books_done(&c.books);
    store_facts_done(&c.facts);
    view_close(c.v);
    if (rc == 0 && ret->problems)
        rc = err_set(
            err, ERR_DAMAGED,
            "the store %s has %llu problem%s: keep a copy of it, and continue from a backup", dir,
            (unsigned long long)ret->problems, ret->problems == 1 ? "" : "s");
    return rc;
}
